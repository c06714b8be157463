package io.github.describeanything.server.service;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/** Pictures of a request, fetched at once when the first is needed. */
final class PictureClip implements Clip {
    private final List<ImageReference> images;
    private final Function<ImageReference, RequestPicture> fetch;
    private List<RequestPicture> fetched = List.of();

    PictureClip(List<ImageReference> images, Function<ImageReference, RequestPicture> fetch) {
        this.images = List.copyOf(images);
        this.fetch = fetch;
    }

    @Override
    public int frames() {
        return images.size();
    }

    @Override
    public List<Double> times() {
        return List.of();
    }

    @Override
    public ByteBuffer digest(int frame) {
        return picture(frame).digest();
    }

    @Override
    public void load(List<Integer> frames) {
        if (fetched.isEmpty()) {
            fetched = images.stream().map(fetch).toList();
        }
    }

    @Override
    public void loaded() {
        // Other requests need not wait for this one.
    }

    @Override
    public RequestPicture picture(int frame) {
        load(List.of(frame));
        return fetched.get(frame);
    }

    @Override
    public void close() {
        // The garbage collector frees the pictures.
    }
}
