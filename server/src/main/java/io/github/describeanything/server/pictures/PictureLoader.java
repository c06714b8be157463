package io.github.describeanything.server.pictures;

import io.github.describeanything.focal.codec.PictureReader;

/** Gets the bytes of a picture from its URL. Thread-safe; may block while it fetches. */
public final class PictureLoader {
    private final PictureReader reader;
    private final RemotePictures remote;

    public PictureLoader(PictureReader reader, RemotePictures remote) {
        this.reader = reader;
        this.remote = remote;
    }

    /** Decodes what {@link #load} returns. */
    public PictureReader reader() {
        return reader;
    }

    /**
     * The encoded picture.
     *
     * @param param the field to blame
     * @throws io.github.describeanything.server.errors.ApiException if the URL is malformed, not allowed or not answered
     */
    public byte[] load(String url, String param) {
        return DataUrl.is(url) ? DataUrl.decode(url, param) : remote.fetch(url, param);
    }
}
