package io.github.describeanything.server;

import io.github.describeanything.server.errors.ApiException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * How many bytes of request bodies may be held at once, so that many large requests are refused instead of using up the
 * heap. Thread-safe.
 */
final class BodyBudget {
    private static final int PAGE = 1 << 16;
    /** A body of base64 is held up to seven times over: its text while it grows, as a whole, the bytes, the pixels. */
    private static final int SHARE_OF_HEAP = 8;

    private final int size;
    private final Semaphore pages;

    BodyBudget(long bytes) {
        size = (int) Math.clamp(bytes / PAGE, 16, Integer.MAX_VALUE);
        pages = new Semaphore(size);
    }

    /** An eighth of the heap. */
    static BodyBudget ofHeap() {
        return new BodyBudget(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    Lease lease() {
        return new Lease();
    }

    /** What one request holds of it. Used by one thread. */
    final class Lease implements AutoCloseable {
        private int held;

        /**
         * Sees to it that so many bytes are covered.
         *
         * @throws ApiException 413 if they are more than all there is, 503 if others hold too much
         */
        void cover(long bytes) {
            long wanted = (bytes + PAGE - 1) / PAGE;
            if (wanted > size) {
                throw ApiException.of(
                        413,
                        "request_too_large",
                        "What the request holds takes more than the %d bytes that there are for it"
                                .formatted((long) size * PAGE));
            }
            int missing = (int) wanted - held;
            if (missing <= 0) {
                return;
            }
            if (!pages.tryAcquire(missing)) {
                throw ApiException.notNow(
                        503,
                        "out_of_memory",
                        Duration.ofSeconds(1),
                        "The server has many large requests in hand; try again");
            }
            held += missing;
        }

        @Override
        public void close() {
            pages.release(held);
            held = 0;
        }
    }
}
