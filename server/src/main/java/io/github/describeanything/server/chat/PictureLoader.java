package io.github.describeanything.server.chat;

import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.server.remote.RemotePictures;

/** Pictures of a request, fetched if need be, into sources that the model decodes when it needs to. Thread-safe. */
final class PictureLoader {
    private final PictureReader reader;
    private final RemotePictures remote;

    PictureLoader(PictureReader reader, RemotePictures remote) {
        this.reader = reader;
        this.remote = remote;
    }

    /** A picture with its mask in alpha. */
    PictureSource load(ChatRequest.Picture picture) {
        byte[] bytes = bytes(picture);
        return PictureSource.of(ContentDigest.of(ContentDigest.Kind.PICTURE, bytes), () -> reader.read(bytes));
    }

    /** A picture of any format, to lay regions on. */
    SharedPicture share(ChatRequest.Picture picture) {
        byte[] bytes = bytes(picture);
        return new SharedPicture(ContentDigest.of(ContentDigest.Kind.PICTURE, bytes), () -> reader.read(bytes), reader);
    }

    private byte[] bytes(ChatRequest.Picture picture) {
        return DataUrl.is(picture.url())
                ? DataUrl.decode(picture.url(), picture.param())
                : remote.fetch(picture.url(), picture.param());
    }
}
