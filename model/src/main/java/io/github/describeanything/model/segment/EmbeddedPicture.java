package io.github.describeanything.model.segment;

import io.github.describeanything.model.features.PendingFeatures;
import java.nio.ByteBuffer;

/**
 * A picture whose embedding is cached, being computed or queued; prompts on it share the embedding. Thread-safe. Close it:
 * a queued embedding that everybody has closed is not computed.
 */
public final class EmbeddedPicture implements AutoCloseable {
    private final ByteBuffer key;
    private final PictureSize size;
    private final PendingFeatures features;
    private final Runnable release;
    private boolean closed;

    /** @param release called once, when this is closed */
    public EmbeddedPicture(ByteBuffer key, PictureSize size, PendingFeatures features, Runnable release) {
        this.key = key;
        this.size = size;
        this.features = features;
        this.release = release;
    }

    /** What identifies the picture by its content. */
    public ByteBuffer key() {
        return key.asReadOnlyBuffer();
    }

    public int width() {
        return size.width();
    }

    public int height() {
        return size.height();
    }

    PendingFeatures features() {
        return features;
    }

    /** The same picture, to be closed separately. @throws IllegalStateException if this is closed */
    public synchronized EmbeddedPicture retain() {
        if (closed) {
            throw new IllegalStateException("This picture is closed");
        }
        return new EmbeddedPicture(key, size, features.retain(), () -> {});
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            features.close();
            release.run();
        }
    }
}
