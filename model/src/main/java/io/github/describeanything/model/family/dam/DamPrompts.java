package io.github.describeanything.model.family.dam;

import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.family.PromptBuilder;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.text.Tokenizer;
import io.github.describeanything.model.text.Whitespace;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * DAM's conversation template. Thread-safe.
 *
 * <p>The text is split at the picture placeholders and each piece is tokenised separately, as in the published code.
 * Only the template's placeholders count; one in the question stays text.
 */
final class DamPrompts implements PromptBuilder {
    private static final String USER = "{user}";

    private final Manifest manifest;
    private final Tokenizer tokenizer;

    DamPrompts(Manifest manifest, Tokenizer tokenizer) {
        this.manifest = manifest;
        this.tokenizer = tokenizer;
    }

    @Override
    public Prompt build(int frames, String question, int limit) {
        Manifest.Mode mode = mode(frames);
        String asked = Whitespace.strip(question).isEmpty() ? mode.defaultQuestion() : question;
        int eachPicture = manifest.image().tokens();
        if (asked.length() / tokenizer.longestPiece() + frames * eachPicture > limit) {
            throw PromptBuilder.tooLong("its question has " + asked.length() + " characters", limit);
        }
        String[] around = manifest.prompts().template().split(Pattern.quote(USER), 2);
        String[] pieces = (around[0] + mode.prefix())
                .split(Pattern.quote(manifest.prompts().placeholder()), -1);
        pieces[pieces.length - 1] += asked + around[1];

        var entries = IntStream.builder();
        entries.add(manifest.decoder().bosTokenId());
        for (int i = 0; i < pieces.length; i++) {
            if (i > 0) {
                // The picture's embeddings replace its placeholder.
                IntStream.range((i - 1) * eachPicture, i * eachPicture).forEach(row -> entries.add(~row));
            }
            IntStream.of(tokenizer.encode(pieces[i])).forEach(entries::add);
        }
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
                .filter(mode -> frames == manifest.maxFrames())
                .orElseThrow(() -> new RequestException("messages", "wrong_picture_count", rule(frames)));
    }

    private String rule(int frames) {
        String video = manifest.video()
                .map(it -> ", or " + it.frames() + " frames of one video")
                .orElse("");
        return "This model takes 1 picture%s; the request has %d".formatted(video, frames);
    }
}
