package io.github.describeanything.server.service;

import java.util.List;

/**
 * A request for the masks of things on all frames of a video, independent of its wire form. Immutable.
 *
 * @param source pictures, the frames, or a video file
 * @param upright whether pictures are turned as their orientation tags say
 * @param prompts what marks the things; at most one a thing and frame
 * @param fillHoles whether small holes of masks are filled
 */
public record TrackCommand(
        DescribeCommand.Source source, boolean upright, List<Prompt> prompts, boolean fillHoles) {

    /**
     * What marks a thing on a frame.
     *
     * @param object the client's number of the thing
     * @param path where in the request it stands, such as {@code prompts[0]}
     */
    public record Prompt(int object, Mark.Moment moment, String path, Clicks clicks) {}

    public TrackCommand {
        prompts = List.copyOf(prompts);
    }
}
