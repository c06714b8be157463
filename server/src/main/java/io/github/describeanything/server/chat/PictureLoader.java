package io.github.describeanything.server.chat;

import io.github.describeanything.focal.PictureReader;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.server.errors.ApiException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Pictures of a request into sources that the model decodes when it needs to. Thread-safe. */
final class PictureLoader {
    private final PictureReader reader;

    PictureLoader(PictureReader reader) {
        this.reader = reader;
    }

    PictureSource load(ChatRequest.Picture picture) {
        if (!DataUrl.is(picture.url())) {
            throw ApiException.badRequest(
                    picture.param(),
                    "remote_images_disabled",
                    "Pictures must be data URLs; this server does not fetch from other addresses");
        }
        byte[] bytes = DataUrl.decode(picture.url(), picture.param());
        return PictureSource.of(digest(bytes), () -> reader.read(bytes));
    }

    private static ByteBuffer digest(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }
}
