package io.github.describeanything.server.pictures;

import io.github.describeanything.focal.codec.PictureReader;

/** Loads the bytes of a picture or a video from its URL. Thread-safe; may block while fetching. */
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
     * Loads an encoded picture.
     *
     * @param param the field of the URL, for errors
     * @throws io.github.describeanything.server.errors.ApiException if the URL is malformed or not allowed, or fetching
     *     fails
     */
    public byte[] load(String url, String param) {
        return DataUrl.is(url) ? DataUrl.decode(url, param) : remote.fetch(url, param);
    }

    /**
     * Loads a video file, under the same rules.
     *
     * @param bytes maximum size of a fetched file
     */
    public byte[] loadVideo(String url, String param, long bytes) {
        return DataUrl.is(url) ? DataUrl.decode(url, param, Media.VIDEO) : remote.fetch(url, param, Media.VIDEO, bytes);
    }
}
