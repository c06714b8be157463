package io.github.describeanything.server.http;

import io.github.describeanything.server.errors.ApiException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Limits the total bytes of request bodies in memory, so that many large requests are refused instead of filling the
 * heap. Thread-safe.
 */
final class BodyBudget {
    private static final int PAGE = 1 << 16;
    /** A base64 body takes up to seven times its size in memory: growing text, whole text, bytes, pixels. */
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

    /** The share of one request. Used by one thread. */
    final class Lease implements AutoCloseable {
        private int held;

        /**
         * Reserves memory so that this many bytes are covered.
         *
         * @throws ApiException 413 if they exceed the whole budget, 503 if other requests hold too much of it
         */
        void cover(long bytes) {
            long wanted = (bytes + PAGE - 1) / PAGE;
            if (wanted > size) {
                throw ApiException.of(
                        413,
                        "request_too_large",
                        "The request needs more than the %d bytes that this server reserves for request bodies"
                                .formatted((long) size * PAGE));
            }
            int missing = (int) wanted - held;
            if (missing <= 0) {
                return;
            }
            if (!pages.tryAcquire(missing)) {
                throw ApiException.retryLater(
                        503,
                        "out_of_memory",
                        Duration.ofSeconds(1),
                        "The server is handling many large requests; retry later");
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
