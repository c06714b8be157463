package io.github.describeanything.model.text;

import io.github.describeanything.model.RequestException;
import io.github.describeanything.model.Whitespace;
import io.github.describeanything.model.bundle.Manifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Questions into prompts. Thread-safe.
 *
 * <p>The text is split at the placeholders of pictures and every piece tokenised on its own (published code); only the
 * template's own placeholders count, whatever the question says.
 */
public final class PromptTemplate {
    private static final String USER = "{user}";

    private final Manifest manifest;
    private final Tokenizer tokenizer;
    private final int longestPiece;

    /** @param longestPiece most characters that a token can stand for */
    public PromptTemplate(Manifest manifest, Tokenizer tokenizer, int longestPiece) {
        this.manifest = manifest;
        this.tokenizer = tokenizer;
        this.longestPiece = longestPiece;
    }

    /**
     * Builds the prompt of one request.
     *
     * @param frames pictures: 1, or the bundle's number of video frames
     * @param question the question; blank asks the default one
     * @param limit most positions
     * @throws RequestException if the number of frames does not fit the model, or the prompt is longer than the limit
     */
    public Prompt encode(int frames, String question, int limit) {
        Manifest.Mode mode = mode(frames);
        String asked = Whitespace.strip(question).isEmpty() ? mode.defaultQuestion() : question;
        int pictures = frames * manifest.image().tokens();
        if (asked.length() / longestPiece + pictures > limit) {
            throw tooLong(asked.length() + " characters of question", limit);
        }
        String[] around = manifest.prompts().template().split(Pattern.quote(USER), 2);
        String[] pieces = (around[0] + mode.prefix())
                .split(Pattern.quote(manifest.prompts().placeholder()), -1);
        pieces[pieces.length - 1] += asked + around[1];

        List<int[]> parts = new ArrayList<>();
        parts.add(new int[] {manifest.decoder().bosTokenId()});
        for (int i = 0; i < pieces.length; i++) {
            if (i > 0) {
                parts.add(new int[] {Prompt.IMAGE});
            }
            parts.add(tokenizer.encode(pieces[i]));
        }
        int[] ids = parts.stream().flatMapToInt(IntStream::of).toArray();
        int images = (int) Arrays.stream(ids).filter(id -> id == Prompt.IMAGE).count();
        int positions = ids.length - images + pictures;
        if (positions > limit) {
            throw tooLong(positions + " positions", limit);
        }
        return new Prompt(ids, positions);
    }

    private Manifest.Mode mode(int frames) {
        if (frames == 1) {
            return manifest.prompts().image();
        }
        return manifest.prompts()
                .video()
                .filter(mode -> frames == manifest.maxFrames())
                .orElseThrow(() -> new RequestException(RequestException.Reason.FRAME_COUNT, rule(frames)));
    }

    private String rule(int frames) {
        String video = manifest.video()
                .map(it -> ", or " + it.frames() + " frames of one video")
                .orElse("");
        return "This model describes a region of 1 picture%s; the request has %d".formatted(video, frames);
    }

    private static RequestException tooLong(String what, int limit) {
        return new RequestException(
                RequestException.Reason.PROMPT_TOO_LONG,
                "The prompt is too long: %s, and this server takes at most %d positions, picture included; shorten the question"
                        .formatted(what, limit));
    }
}
