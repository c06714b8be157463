package io.github.describeanything.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI document, with this server's own limits in it. Immutable. */
final class OpenApi {
    private final JsonNode document;

    /**
     * @param mostAnswers answers that one request may ask for
     * @param mostRegions entries that {@code regions} may have
     */
    OpenApi(long mostAnswers, int mostRegions) {
        document = read();
        limit("n", "maximum", mostAnswers);
        limit("regions", "maxItems", mostRegions);
    }

    private void limit(String field, String keyword, long limit) {
        if (document.at("/components/schemas/ChatRequest/properties/" + field) instanceof ObjectNode schema) {
            schema.put(keyword, limit);
        }
    }

    JsonNode document() {
        return document;
    }

    private static JsonNode read() {
        try (InputStream in = OpenApi.class.getResourceAsStream("/openapi.json")) {
            return Json.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
