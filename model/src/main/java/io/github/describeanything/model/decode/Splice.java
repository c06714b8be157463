package io.github.describeanything.model.decode;

import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.model.vision.RegionFeatures;
import java.nio.ByteBuffer;

/**
 * A prompt with the embeddings of its pictures in their places: one entry a position. Immutable.
 *
 * @param entries a token id, or {@code ~row} for a row of the features; not to be changed
 * @param features the pictures
 */
public record Splice(int[] entries, RegionFeatures features) {

    /** Replaces every picture's placeholder by its rows. @param tokens rows a picture */
    public static Splice of(Prompt prompt, RegionFeatures features, int tokens) {
        var entries = new int[prompt.positions()];
        int position = 0;
        int row = 0;
        for (int id : prompt.ids()) {
            if (id == Prompt.IMAGE) {
                for (int i = 0; i < tokens; i++) {
                    entries[position++] = ~row++;
                }
            } else {
                entries[position++] = id;
            }
        }
        return new Splice(entries, features);
    }

    public int positions() {
        return entries.length;
    }

    /** Which pictures the rows are of. */
    public ByteBuffer region() {
        return features.key();
    }
}
