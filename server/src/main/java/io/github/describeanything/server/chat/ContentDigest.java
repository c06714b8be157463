package io.github.describeanything.server.chat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 over what decides the pixels of a picture or a region. Stateless. */
final class ContentDigest {
    private ContentDigest() {}

    static ByteBuffer of(byte[] bytes) {
        return ByteBuffer.wrap(sha().digest(bytes));
    }

    static ByteBuffer of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Of two that belong together, in this order. */
    static ByteBuffer of(ByteBuffer first, ByteBuffer second) {
        MessageDigest sha = sha();
        sha.update(first.duplicate());
        sha.update(second.duplicate());
        return ByteBuffer.wrap(sha.digest());
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }
}
