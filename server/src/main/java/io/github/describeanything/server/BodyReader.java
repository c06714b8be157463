package io.github.describeanything.server;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorMapper;
import jakarta.servlet.http.HttpServletRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;

/** Request bodies into JSON without holding the bytes, bounded before and after inflating. Thread-safe. */
public final class BodyReader {
    private static final Pattern PLACE = Pattern.compile("[a-z][a-z_.0-9\\[\\]]{0,99}");

    private final long limit;

    public BodyReader(long limit) {
        this.limit = limit;
    }

    /**
     * Reads the body to its end.
     *
     * @throws ApiException 413 if it is larger than the limit, at once where its length is declared; 415 if it is
     *     encoded in a way other than gzip
     */
    public JsonNode read(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > limit) {
            throw ApiException.tooLarge(limit);
        }
        String encoding = Optional.ofNullable(request.getHeader("Content-Encoding"))
                .orElse("identity")
                .strip()
                .toLowerCase(Locale.ROOT);
        InputStream raw = new Counted(request.getInputStream());
        try (InputStream body = decoded(raw, encoding);
                JsonParser parser = Json.MAPPER.createParser(body)) {
            try {
                return Optional.<JsonNode>ofNullable(Json.MAPPER.readTree(parser))
                        .filter(it -> !it.isMissingNode())
                        .orElseThrow(() -> ApiException.of(400, "invalid_json", "The request has no body"));
            } catch (StreamReadException | StreamConstraintsException e) {
                throw ErrorMapper.map(e).at(place(parser));
            }
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

    private InputStream decoded(InputStream raw, String encoding) throws IOException {
        return switch (encoding) {
            case "identity", "" -> raw;
            case "gzip", "x-gzip" -> {
                try {
                    yield new Counted(new GZIPInputStream(raw, 8192));
                } catch (java.util.zip.ZipException | java.io.EOFException e) {
                    throw ApiException.of(400, "bad_request", "The body is not valid gzip");
                }
            }
            default ->
                throw ApiException.of(
                        415, "unsupported_encoding", "Content-Encoding may be gzip or identity, nothing else");
        };
    }

    /** Counts what passes and stops at the limit. */
    private final class Counted extends FilterInputStream {
        private long passed;

        Counted(InputStream in) {
            super(in);
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

        private void count(int bytes) {
            passed += bytes;
            if (passed > limit) {
                throw ApiException.tooLarge(limit);
            }
        }
    }
}
