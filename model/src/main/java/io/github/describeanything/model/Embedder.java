package io.github.describeanything.model;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.features.FeatureQueue;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.model.segment.PictureSize;
import io.github.describeanything.model.segment.PictureSizes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Finds or makes embeddings of pictures, or of frames of videos, which are resized differently and so have embeddings of their
 * own. Thread-safe.
 */
final class Embedder {
    private final FeatureQueue embeddings;
    private final Workers workers;
    private final Function<Picture, View> views;
    private final UnaryOperator<ByteBuffer> keys;
    private final PictureSizes sizes = new PictureSizes();

    private Embedder(
            FeatureQueue embeddings, Workers workers, Function<Picture, View> views, UnaryOperator<ByteBuffer> keys) {
        this.embeddings = embeddings;
        this.workers = workers;
        this.views = views;
        this.keys = keys;
    }

    static Embedder ofPictures(FeatureQueue embeddings, Workers workers, Function<Picture, View> views) {
        return new Embedder(embeddings, workers, views, UnaryOperator.identity());
    }

    static Embedder ofFrames(FeatureQueue embeddings, Workers workers, Function<Picture, View> views) {
        return new Embedder(embeddings, workers, views, Embedder::ofFrame);
    }

    private static ByteBuffer ofFrame(ByteBuffer key) {
        return ByteBuffer.allocate(key.remaining() + 1)
                .put(key.duplicate())
                .put((byte) 'v')
                .flip();
    }

    /** @param release called once, when the picture is closed; not if none is found */
    Optional<EmbeddedPicture> find(ByteBuffer key, Runnable release) {
        ByteBuffer own = keys.apply(key);
        return sizes.get(own)
                .flatMap(size -> embeddings.find(own).map(it -> new EmbeddedPicture(own, size, it, release)));
    }

    /** Waits until the picture is resized. @param release called once, when the picture is closed; not if this throws */
    EmbeddedPicture embed(ByteBuffer key, Picture picture, Runnable release) {
        ByteBuffer own = keys.apply(key);
        var size = new PictureSize(picture.width(), picture.height());
        PendingFeatures features = embeddings
                .find(own)
                .orElseGet(() -> workers.call(() -> embeddings.encode(own, List.of(views.apply(picture)))));
        sizes.put(own, size);
        return new EmbeddedPicture(own, size, features, release);
    }
}
