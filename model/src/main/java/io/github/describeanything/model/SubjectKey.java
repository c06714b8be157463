package io.github.describeanything.model;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.api.Subject;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** The key under which features of subjects are cached: a SHA-256 digest of sizes, pixels and masks. Stateless. */
final class SubjectKey {
    private SubjectKey() {}

    /** Equal keys mean equal pixels under equal masks, frame by frame. */
    static ByteBuffer of(List<Subject> frames) {
        MessageDigest sha256 = sha256();
        for (Subject frame : frames) {
            add(frame.picture(), sha256);
            sha256.update(bits(frame.mask()));
        }
        return ByteBuffer.wrap(sha256.digest());
    }

    /** Equal keys mean equal pixels. */
    static ByteBuffer of(Picture picture) {
        MessageDigest sha256 = sha256();
        add(picture, sha256);
        return ByteBuffer.wrap(sha256.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new ModelException("This Java runtime lacks SHA-256", e);
        }
    }

    /** The size first, so that the pixels of one frame cannot be taken for those of two. */
    private static void add(Picture picture, MessageDigest sha256) {
        sha256.update(ByteBuffer.allocate(2 * Integer.BYTES)
                .putInt(picture.width())
                .putInt(picture.height())
                .flip());
        sha256.update(picture.rgba());
    }

    private static byte[] bits(Mask mask) {
        var bits = new byte[(mask.width() * mask.height() + 7) / 8];
        for (int pixel = 0; pixel < mask.width() * mask.height(); pixel++) {
            if (mask.get(pixel)) {
                bits[pixel / 8] |= (byte) (1 << pixel % 8);
            }
        }
        return bits;
    }
}
