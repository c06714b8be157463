package io.github.describeanything.model.segment;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The sizes of pictures embedded lately, by content: prompts are scaled by them. Thread-safe. */
public final class PictureSizes {
    /** More pictures than an embedding cache holds, at hardly a hundred bytes each. */
    private static final int MOST = 1 << 14;

    private final LinkedHashMap<ByteBuffer, PictureSize> byKey = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, PictureSize> eldest) {
            return size() > MOST;
        }
    };

    public synchronized Optional<PictureSize> get(ByteBuffer key) {
        return Optional.ofNullable(byKey.get(key));
    }

    public synchronized void put(ByteBuffer key, PictureSize size) {
        byKey.put(key, size);
    }
}
