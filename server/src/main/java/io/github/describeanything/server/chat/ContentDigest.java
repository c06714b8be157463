package io.github.describeanything.server.chat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 over what decides the pixels of a picture or a region, and over what kind of thing that is: bytes of one kind
 * may be those of another. Stateless.
 */
final class ContentDigest {
    private ContentDigest() {}

    /** What is digested. */
    enum Kind {
        /** An encoded picture. */
        PICTURE,
        /** The same where the whole of it is the region if it has no mask. */
        PICTURE_OR_WHOLE,
        /** Another picture, turned as viewers do. */
        UPRIGHT,
        /** A picture with a region on it. */
        PICTURE_AND_REGION,
        /** A box, a polygon or a scribble. */
        OUTLINE,
        /** Run lengths. */
        RLE,
        /** An encoded picture that is a mask. */
        MASK
    }

    static ByteBuffer of(Kind kind, byte[] bytes) {
        return ByteBuffer.wrap(sha(kind).digest(bytes));
    }

    static ByteBuffer of(Kind kind, String text) {
        return of(kind, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Of something else. */
    static ByteBuffer of(Kind kind, ByteBuffer digest) {
        MessageDigest sha = sha(kind);
        sha.update(digest.duplicate());
        return ByteBuffer.wrap(sha.digest());
    }

    /** Of two that belong together, in this order. */
    static ByteBuffer of(Kind kind, ByteBuffer first, ByteBuffer second) {
        MessageDigest sha = sha(kind);
        sha.update(first.duplicate());
        sha.update(second.duplicate());
        return ByteBuffer.wrap(sha.digest());
    }

    private static MessageDigest sha(Kind kind) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update((byte) kind.ordinal());
            return sha;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }
}
