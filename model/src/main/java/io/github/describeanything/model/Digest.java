package io.github.describeanything.model;

import io.github.describeanything.focal.Picture;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 over pictures. Stateless. */
final class Digest {
    private Digest() {}

    /** Digest of size, pixels, and whether alpha is a mask: equal bytes of another width, or without one, never meet. */
    static ByteBuffer of(Picture picture) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            sha.update(ByteBuffer.allocate(9)
                    .putInt(picture.width())
                    .putInt(picture.height())
                    .put((byte) (picture.hasAlpha() ? 1 : 0))
                    .flip());
            return ByteBuffer.wrap(sha.digest(picture.rgba()));
        } catch (NoSuchAlgorithmException e) {
            throw new ModelException("This Java runtime lacks SHA-256", e);
        }
    }
}
