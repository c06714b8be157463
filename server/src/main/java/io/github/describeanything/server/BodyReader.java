package io.github.describeanything.server;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorMapper;
import jakarta.servlet.http.HttpServletRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;

/** Request bodies into JSON without holding the bytes, bounded before and after inflating. Thread-safe. */
public final class BodyReader {
    private static final double BYTES_A_SECOND = 1000;
    private static final Duration LONGEST = Duration.ofMinutes(10);
    /** What a value of a parsed body takes, at least; each stands after one of the bytes that {@link #opens} knows. */
    private static final int BYTES_A_VALUE = 64;

    private static final long HARMLESS = 1 << 20;
    private static final int MOST_TIMES = 100;
    private static final Pattern PLACE = Pattern.compile("[a-z][a-z_.0-9\\[\\]]{0,99}");

    private final long limit;
    private final Duration patience;
    private final BodyBudget budget;

    /**
     * @param limit most bytes of a body
     * @param patience after how long a body that only drips is given up
     */
    public BodyReader(long limit, Duration patience) {
        this(limit, patience, BodyBudget.ofHeap());
    }

    BodyReader(long limit, Duration patience, BodyBudget budget) {
        this.limit = limit;
        this.patience = patience;
        this.budget = budget;
    }

    /**
     * Reads the body to its end.
     *
     * @throws ApiException 413 if it is larger than the limit, at once where its length is declared; 415 if it is
     *     encoded in a way other than gzip; 408 if it drips; 503 if the bodies of other requests take all the memory
     *     that there is for them
     */
    public Body read(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > limit) {
            throw ApiException.tooLarge(limit);
        }
        String encoding = Optional.ofNullable(request.getHeader("Content-Encoding"))
                .orElse("identity")
                .strip()
                .toLowerCase(Locale.ROOT);
        var lease = budget.lease();
        try (InputStream body = decoded(request.getInputStream(), encoding, lease);
                JsonParser parser = Json.MAPPER.createParser(body)) {
            return new Body(json(parser), lease);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            lease.close();
            throw e;
        }
    }

    private static JsonNode json(JsonParser parser) {
        try {
            return Optional.<JsonNode>ofNullable(Json.MAPPER.readTree(parser))
                    .filter(it -> !it.isMissingNode())
                    .orElseThrow(() -> ApiException.of(400, "invalid_json", "The request has no body"));
        } catch (StreamReadException | StreamConstraintsException e) {
            throw ErrorMapper.map(e).at(place(parser));
        }
    }

    /** Where a parser stopped, as fields are named elsewhere: {@code regions[3].box[1]}. */
    private static String place(JsonParser parser) {
        var place = new StringBuilder();
        for (JsonPointer it = parser.streamReadContext().pathAsPointer(); !it.matches(); it = it.tail()) {
            String name = it.getMatchingProperty();
            if (it.mayMatchElement()) {
                place.append('[').append(name).append(']');
            } else {
                place.append(place.isEmpty() ? "" : ".").append(name);
            }
        }
        // Names are the client's: what is no name of a field is not repeated.
        return PLACE.matcher(place).matches() ? place.toString() : "";
    }

    private InputStream decoded(InputStream raw, String encoding, BodyBudget.Lease lease) throws IOException {
        return switch (encoding) {
            case "identity", "" -> new Parsed(new Counted(raw, nothing -> {}), lease);
            case "gzip", "x-gzip" -> {
                try {
                    // Packed bytes are not kept, so they are counted against the limit alone.
                    var packed = new Counted(raw, nothing -> {});
                    var unpacking = new GZIPInputStream(packed, 8192);
                    yield new Parsed(new Counted(unpacking, it -> requireNoBomb(packed.passed, it)), lease);
                } catch (java.util.zip.ZipException | java.io.EOFException e) {
                    throw ApiException.of(400, "bad_request", "The body is not valid gzip");
                }
            }
            default ->
                throw ApiException.of(
                        415, "unsupported_encoding", "Content-Encoding may be gzip or identity, nothing else");
        };
    }

    /** A bomb costs its sender nothing and the server the time to unpack it: pictures in base64 hardly shrink. */
    private static void requireNoBomb(long packed, long unpacked) {
        if (unpacked > HARMLESS && unpacked > MOST_TIMES * packed) {
            throw ApiException.of(
                    413,
                    "request_too_large",
                    "The body unpacks to more than %d times its size; send it as it is".formatted(MOST_TIMES));
        }
    }

    private static boolean opens(byte it) {
        return it == '{' || it == '[' || it == ',';
    }

    /** Sees to it that what the JSON will take in memory is covered: its texts as long as they are, and its values. */
    private static final class Parsed extends FilterInputStream {
        private final BodyBudget.Lease lease;
        private long bytes;

        Parsed(InputStream in, BodyBudget.Lease lease) {
            super(in);
            this.lease = lease;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) {
                cover(1 + (opens((byte) value) ? BYTES_A_VALUE : 0));
            }
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            int values = 0;
            for (int i = offset; i < offset + read; i++) {
                values += opens(buffer[i]) ? 1 : 0;
            }
            cover(Math.max(0, read) + (long) values * BYTES_A_VALUE);
            return read;
        }

        private void cover(long more) {
            bytes += more;
            lease.cover(bytes);
        }
    }

    /**
     * Counts what passes, stops at the limit, and gives up what drips: each byte resets the connection's idle time. A
     * quick beginning buys no time: each stretch of {@link #patience} counts for itself, and all of it has an end.
     */
    private final class Counted extends FilterInputStream {
        private final LongConsumer check;
        private final long start = System.nanoTime();
        private long passed;
        private long stretch = start;
        private long before;

        Counted(InputStream in, LongConsumer check) {
            super(in);
            this.check = check;
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

        /** The connection's stream stays open: who answers reads what is left, so that the client hears the answer. */
        @Override
        public void close() {}

        private void count(int bytes) {
            passed += bytes;
            if (passed > limit) {
                throw ApiException.tooLarge(limit);
            }
            check.accept(passed);
            long now = System.nanoTime();
            if (now - stretch <= patience.toNanos()) {
                return;
            }
            double seconds = (now - stretch) / 1e9;
            if (passed - before < seconds * BYTES_A_SECOND || now - start > LONGEST.toNanos()) {
                throw ApiException.of(408, "bad_request", "The request body came too slowly");
            }
            stretch = now;
            before = passed;
        }
    }
}
