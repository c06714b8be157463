package io.github.describeanything.server.pictures;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * SHA-256 digests of pictures and regions, used as cache keys. Stateless. The kind is part of the digest, so that equal
 * bytes of different kinds differ.
 */
public final class ContentDigest {
    private ContentDigest() {}

    /** What the bytes encode. */
    public enum Kind {
        /** An encoded picture. */
        PICTURE,
        /** An encoded picture whose orientation tag is applied. */
        UPRIGHT_PICTURE,
        /** The rule for masks in alpha. */
        ALPHA,
        /** A box, a polygon or a scribble. */
        OUTLINE,
        /** Run lengths. */
        RLE,
        /** An encoded mask file. */
        MASK,
        /** Pictures, each with its region. */
        PICTURE_AND_REGION,
        /** Points and boxes for a segmenter. */
        CLICKS,
        /** A thing that is followed from other frames. */
        FOLLOWED
    }

    public static ByteBuffer of(Kind kind, byte[] bytes) {
        return ByteBuffer.wrap(sha(kind).digest(bytes));
    }

    public static ByteBuffer of(Kind kind, String text) {
        return of(kind, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The digest of several digests, in order. */
    public static ByteBuffer of(Kind kind, List<ByteBuffer> digests) {
        MessageDigest sha = sha(kind);
        digests.forEach(it -> sha.update(it.duplicate()));
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
