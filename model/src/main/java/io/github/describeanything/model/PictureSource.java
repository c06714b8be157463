package io.github.describeanything.model;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A masked picture that is decoded only when it is needed: what was asked before may still be known by its key.
 * Implementations are thread-safe.
 */
public interface PictureSource {

    /** Identifies picture and mask together by content: equal keys mean equal pixels under an equal mask. */
    ByteBuffer key();

    /**
     * Looks for what is wrong with this source in words of its own, before anything of the requests that belong together
     * is encoded. Not called where the key is known: what was good once under a key is good again. What
     * {@link #read} throws is told to everybody who asked for the same key meanwhile; this is not.
     */
    default void check() {}

    /** Decodes the picture. May take long, and may throw what the decoder throws. */
    Picture read();

    /**
     * The mask, where the picture's alpha is not it: for pictures with several regions, which share one decoded picture.
     *
     * @param picture what {@link #read} gave
     */
    default Optional<Mask> mask(Picture picture) {
        return Optional.empty();
    }

    /** A picture that is decoded already. */
    static PictureSource of(Picture picture) {
        return of(Digest.of(picture), () -> picture);
    }

    /**
     * A picture that will be decoded by {@code reader}.
     *
     * @param key digest of everything that decides the pixels and the mask
     */
    static PictureSource of(ByteBuffer key, Supplier<Picture> reader) {
        var held = key.asReadOnlyBuffer();
        return new PictureSource() {
            @Override
            public ByteBuffer key() {
                return held.duplicate();
            }

            @Override
            public Picture read() {
                return reader.get();
            }
        };
    }
}
