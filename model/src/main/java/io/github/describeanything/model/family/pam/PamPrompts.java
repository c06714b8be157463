package io.github.describeanything.model.family.pam;

import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.family.PromptBuilder;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Tokenizer;
import io.github.describeanything.model.text.Whitespace;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * PAM's conversation template. Thread-safe.
 *
 * <p>The text before and after the picture is tokenised separately, as in the published code. Special tokens count in the
 * template only; one in the question stays text, unlike there.
 */
final class PamPrompts implements PromptBuilder {
    private static final String USER = "{user}";

    private final Manifest manifest;
    private final Tokenizer tokenizer;

    PamPrompts(Manifest manifest, Tokenizer tokenizer) {
        this.manifest = manifest;
        this.tokenizer = tokenizer;
    }

    @Override
    public Prompt build(int frames, String question, int limit) {
        Manifest.Mode mode = mode(frames);
        String asked = Whitespace.strip(question).isEmpty() ? mode.defaultQuestion() : question;
        int rows = frames == 1 ? manifest.image().tokens() : manifest.mostPictureTokens();
        if (asked.length() / tokenizer.longestPiece() + rows > limit) {
            throw PromptBuilder.tooLong("its question has " + asked.length() + " characters", limit);
        }
        String[] around = manifest.prompts().template().split(Pattern.quote(USER), 2);
        String[] prefix = mode.prefix().split(Pattern.quote(manifest.prompts().placeholder()), 2);
        var entries = IntStream.builder();
        IntStream.of(tokenizer.encodeTemplate(around[0] + prefix[0])).forEach(entries::add);
        IntStream.range(0, rows).forEach(row -> entries.add(~row));
        IntStream.of(tokenizer.encode(prefix[1] + asked)).forEach(entries::add);
        IntStream.of(tokenizer.encodeTemplate(around[1])).forEach(entries::add);
        var prompt = new Prompt(entries.build().toArray());
        if (prompt.tokens() > limit) {
            throw PromptBuilder.tooLong("it has " + prompt.tokens() + " tokens", limit);
        }
        return prompt;
    }

    private Manifest.Mode mode(int frames) {
        if (frames == 1) {
            return manifest.prompts().image();
        }
        return manifest.prompts()
                .video()
                .filter(mode -> frames >= ClipFrames.COUNT)
                .orElseThrow(() -> new RequestException(
                        "messages",
                        "wrong_picture_count",
                        "This model takes 1 picture, or %d or more frames of a clip; the request has %d"
                                .formatted(ClipFrames.COUNT, frames)));
    }
}
