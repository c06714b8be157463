package io.github.describeanything.server.chat;

import io.github.describeanything.focal.PictureReader;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.server.errors.ApiException;

/** Pictures of a request into sources that the model decodes when it needs to. Thread-safe. */
final class PictureLoader {
    private final PictureReader reader;

    PictureLoader(PictureReader reader) {
        this.reader = reader;
    }

    /** A picture with its mask in alpha. */
    PictureSource load(ChatRequest.Picture picture) {
        byte[] bytes = bytes(picture);
        return PictureSource.of(ContentDigest.of(bytes), () -> reader.read(bytes));
    }

    /** A picture of any format, to lay regions on. */
    SharedPicture share(ChatRequest.Picture picture) {
        byte[] bytes = bytes(picture);
        return new SharedPicture(ContentDigest.of(bytes), () -> reader.read(bytes), reader);
    }

    private static byte[] bytes(ChatRequest.Picture picture) {
        if (!DataUrl.is(picture.url())) {
            throw ApiException.badRequest(
                    picture.param(),
                    "remote_images_disabled",
                    "Pictures must be data URLs; this server does not fetch from other addresses");
        }
        return DataUrl.decode(picture.url(), picture.param());
    }
}
