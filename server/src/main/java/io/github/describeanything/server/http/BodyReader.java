package io.github.describeanything.server.http;

import io.github.describeanything.server.errors.ApiException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.JsonNode;

/** Parses request bodies as JSON from the stream, with limits before and after decompression. Thread-safe. */
public final class BodyReader {
    private static final Pattern FIELD = Pattern.compile("[a-z][a-z_.0-9\\[\\]]{0,99}");

    private static final Pattern ADVICE = Pattern.compile(" \\(bound as|: enable `");
    private static final Pattern INTERNALS = Pattern.compile("Source:|Feature");
    private static final int MAX_DETAIL_LENGTH = 150;

    private final long limit;
    private final Duration patience;
    private final BodyBudget budget;

    /**
     * @param limit maximum bytes of a body, compressed and decompressed
     * @param patience interval over which a body must arrive at {@value BoundedBody#BYTES_A_SECOND} bytes per second or
     *     more
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
     * @throws ApiException 413 if it is larger than the limit, before reading if its length is declared; 415 for a
     *     Content-Encoding other than gzip; 408 if it is too slow; 503 if other requests use up the memory for bodies;
     *     400 if it is not JSON
     */
    public RequestBody read(HttpServletRequest request) throws IOException {
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
            return new RequestBody(json(parser), lease);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            lease.close();
            throw e;
        }
    }

    private InputStream decoded(InputStream raw, String encoding, BodyBudget.Lease lease) throws IOException {
        var sent = new BoundedBody(raw, limit, patience);
        return switch (encoding) {
            case "identity", "" -> sent.within(lease);
            case "gzip", "x-gzip" -> {
                try {
                    yield new BoundedBody(new GZIPInputStream(sent, 8192), limit, patience)
                            .unpackedFrom(sent)
                            .within(lease);
                } catch (ZipException | EOFException e) {
                    throw ApiException.of(400, "bad_request", "The body is not valid gzip");
                }
            }
            default -> throw ApiException.of(415, "unsupported_encoding", "Content-Encoding must be gzip or identity");
        };
    }

    private static JsonNode json(JsonParser parser) {
        try {
            return Optional.<JsonNode>ofNullable(Json.MAPPER.readTree(parser))
                    .filter(it -> !it.isMissingNode())
                    .orElseThrow(() -> ApiException.of(400, "invalid_json", "The request has no body"));
        } catch (StreamConstraintsException e) {
            throw beyondConstraints(parser).at(field(parser));
        } catch (StreamReadException e) {
            throw invalid(e instanceof UnexpectedEndOfInputException ? "unexpected end of input" : detail(e), e)
                    .at(field(parser));
        } catch (JacksonException e) {
            if (e.getCause() instanceof IOException) {
                throw e;
            }
            // The tree reader itself throws only for duplicate names and trailing text.
            throw hasTrailingText(parser)
                    ? invalid("unexpected text after its end", e)
                    : invalid("duplicate name in an object", e).at(field(parser));
        }
    }

    private static boolean hasTrailingText(JsonParser parser) {
        TokenStreamContext root = parser.streamReadContext();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        return root.getEntryCount() > 1;
    }

    /** Jackson's description without its hints for developers and without long input. */
    private static String detail(StreamReadException e) {
        String first = e.getOriginalMessage().lines().findFirst().orElse("");
        String detail = ADVICE.split(first, 2)[0];
        return detail.isBlank()
                        || detail.length() > MAX_DETAIL_LENGTH
                        || INTERNALS.matcher(detail).find()
                ? "syntax error"
                : detail;
    }

    private static ApiException invalid(String problem, JacksonException e) {
        var location = e.getLocation();
        String where = location == null || location.getLineNr() < 1
                ? ""
                : " at line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
        return ApiException.of(400, "invalid_json", "The request is not valid JSON: " + problem + where);
    }

    private static ApiException beyondConstraints(JsonParser parser) {
        if (parser.streamReadContext().getNestingDepth() >= Json.MAX_DEPTH) {
            return ApiException.of(
                    400,
                    "invalid_json",
                    "The JSON is nested too deeply; the limit is %d levels".formatted(Json.MAX_DEPTH));
        }
        return parser.currentTokenCount() >= Json.MAX_TOKENS
                ? ApiException.of(400, "too_many_values", "The JSON has too many values; send fewer names and numbers")
                : ApiException.of(400, "invalid_json", "A name or a number in the JSON is too long");
    }

    /**
     * The path where the parser stopped, such as {@code regions[3].box[1]}; empty if it is unknown or unsafe to echo.
     */
    private static String field(JsonParser parser) {
        var field = new StringBuilder();
        for (JsonPointer it = parser.streamReadContext().pathAsPointer(); !it.matches(); it = it.tail()) {
            String name = it.getMatchingProperty();
            if (it.mayMatchElement()) {
                field.append('[').append(name).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(name);
            }
        }
        // Names come from the client: echo only what looks like a field.
        return FIELD.matcher(field).matches() ? field.toString() : "";
    }
}
