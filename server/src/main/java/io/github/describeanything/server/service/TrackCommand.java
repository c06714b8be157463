package io.github.describeanything.server.service;

import java.util.List;

/**
 * A request to follow things through the frames of a video, whatever wire form it came in. Immutable.
 *
 * @param upright whether frames are turned as their orientation tags say
 * @param fillHoles whether small holes of masks are filled
 */
public record TrackCommand(List<ImageReference> frames, boolean upright, List<Prompt> prompts, boolean fillHoles) {

    /** What marks a thing on a frame. @param path where in the request it stands, such as {@code prompts[0]} */
    public record Prompt(String path, int frame, int object, Clicks clicks) {}

    public TrackCommand {
        frames = List.copyOf(frames);
        prompts = List.copyOf(prompts);
    }

    /** The things' numbers, in the order in which they are marked. */
    public List<Integer> objects() {
        return prompts.stream().map(Prompt::object).distinct().toList();
    }
}
