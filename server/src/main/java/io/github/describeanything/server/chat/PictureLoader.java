package io.github.describeanything.server.chat;

import io.github.describeanything.focal.PictureReader;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.server.remote.RemotePictures;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Pictures of a request into sources that the model decodes when it needs to. Thread-safe. */
final class PictureLoader {
    private final PictureReader reader;
    private final RemotePictures remote;

    PictureLoader(PictureReader reader, RemotePictures remote) {
        this.reader = reader;
        this.remote = remote;
    }

    PictureSource load(ChatRequest.Picture picture) {
        byte[] bytes = bytes(picture);
        return PictureSource.of(digest(bytes), () -> reader.read(bytes));
    }

    private byte[] bytes(ChatRequest.Picture picture) {
        return DataUrl.is(picture.url())
                ? DataUrl.decode(picture.url(), picture.param())
                : remote.fetch(picture.url(), picture.param());
    }

    private static ByteBuffer digest(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }
}
