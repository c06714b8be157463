package io.github.describeanything.server.service;

import java.util.List;

/**
 * One request for masks, whatever wire form it came in. Immutable.
 *
 * @param picture what the prompts are about
 * @param upright whether the picture is turned as its orientation tag says
 * @param candidates masks for each prompt, 1 to 3
 */
public record SegmentCommand(Source picture, boolean upright, List<Prompt> prompts, int candidates) {

    /** Where the picture comes from. */
    public sealed interface Source {}

    /** From a URL. */
    public record ByUrl(ImageReference image) implements Source {}

    /** From an earlier request, by the digest in its answer. @param param the field to blame if it is unknown */
    public record ByDigest(String digest, String param) implements Source {}

    /** One thing. @param path where in the request it stands, such as {@code prompts[0]} */
    public record Prompt(String path, Clicks clicks) {}

    public SegmentCommand {
        prompts = List.copyOf(prompts);
    }
}
