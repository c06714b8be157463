package io.github.describeanything.server.service;

import java.util.List;
import java.util.function.Function;

/**
 * A request to follow things through the frames of a video, whatever wire form it came in. Immutable.
 *
 * @param upright whether pictures are turned as their orientation tags say
 * @param objects the things' numbers, in the order in which they are marked
 * @param prompts what marks them, once the frames are known; throws ApiException for a frame that the video lacks
 * @param fillHoles whether small holes of masks are filled
 */
public record TrackCommand(
        DescribeCommand.Source source,
        boolean upright,
        List<Integer> objects,
        Function<Sampled, List<Prompt>> prompts,
        boolean fillHoles) {

    /** What marks a thing on a frame. @param path where in the request it stands, such as {@code prompts[0]} */
    public record Prompt(String path, int frame, int object, Clicks clicks) {}

    public TrackCommand {
        objects = List.copyOf(objects);
    }
}
