package io.github.describeanything.server.http;

import io.github.describeanything.server.errors.ApiException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * A request body that fails if it grows too large, arrives too slowly or decompresses to too much. Used by one thread.
 *
 * <p>The rate is checked over each interval of {@code patience}, because every byte resets the connection's idle
 * timeout.
 */
final class BoundedBody extends FilterInputStream {
    static final int BYTES_A_SECOND = 1000;

    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final long HARMLESS_BYTES = 1 << 20;
    private static final int MAX_RATIO = 100;

    private final long limit;
    private final Duration patience;
    private Optional<BoundedBody> packed = Optional.empty();
    private Optional<BodyBudget.Lease> lease = Optional.empty();
    private final long start = System.nanoTime();
    private long bytes;
    private long stretchStart = start;
    private long bytesBefore;

    BoundedBody(InputStream in, long limit, Duration patience) {
        super(in);
        this.limit = limit;
        this.patience = patience;
    }

    /** Limits the compression ratio against decompression bombs; base64 pictures hardly compress. */
    BoundedBody unpackedFrom(BoundedBody sent) {
        packed = Optional.of(sent);
        return this;
    }

    /** Reserves memory while reading. */
    BoundedBody within(BodyBudget.Lease budget) {
        lease = Optional.of(budget);
        return this;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        count(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = super.read(buffer, offset, length);
        count(Math.max(0, read));
        return read;
    }

    /** Leaves the connection's stream open: the error response drains what is left of the body. */
    @Override
    public void close() {}

    private void count(int read) {
        bytes += read;
        if (bytes > limit) {
            throw ApiException.tooLarge(limit);
        }
        lease.ifPresent(it -> it.cover(bytes));
        packed.ifPresent(this::requireNoBomb);
        requireRate();
    }

    private void requireNoBomb(BoundedBody sent) {
        if (bytes > HARMLESS_BYTES && bytes > MAX_RATIO * sent.bytes) {
            throw ApiException.of(
                    413,
                    "request_too_large",
                    "The body decompresses to more than %d times its size; send it uncompressed".formatted(MAX_RATIO));
        }
    }

    private void requireRate() {
        long now = System.nanoTime();
        if (now - stretchStart <= patience.toNanos()) {
            return;
        }
        double seconds = (now - stretchStart) / 1e9;
        if (bytes - bytesBefore < seconds * BYTES_A_SECOND || now - start > LONGEST.toNanos()) {
            throw ApiException.of(408, "bad_request", "The request body arrived too slowly");
        }
        stretchStart = now;
        bytesBefore = bytes;
    }
}
