package io.github.describeanything.server.openai;

import io.github.describeanything.model.api.SamplingParameter;
import io.github.describeanything.server.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI document, with this server's limits. Immutable. */
public final class OpenApi {
    /** Parameters whose range on the wire is that of the table; top_k and max_tokens also accept -1. */
    private static final Set<SamplingParameter> RANGES = EnumSet.of(
            SamplingParameter.TEMPERATURE,
            SamplingParameter.TOP_P,
            SamplingParameter.MIN_P,
            SamplingParameter.REPETITION_PENALTY,
            SamplingParameter.FREQUENCY_PENALTY,
            SamplingParameter.PRESENCE_PENALTY,
            SamplingParameter.TOP_LOGPROBS);

    private final JsonNode document;

    /**
     * @param mostAnswers maximum answers per request
     * @param mostRegions maximum entries of {@code regions}
     * @param mostFrames maximum frames of a video that is tracked
     */
    public OpenApi(long mostAnswers, int mostRegions, int mostFrames) {
        document = read();
        schema("n").put("maximum", mostAnswers);
        schema("regions").put("maxItems", mostRegions);
        ((ObjectNode) document.at("/components/schemas/SegmentationRequest/properties/prompts"))
                .put("maxItems", mostRegions);
        ((ObjectNode) document.at("/components/schemas/SegmentationRequest/properties/frames"))
                .put("maxItems", mostFrames);
        RANGES.forEach(this::putRange);
    }

    /** Sets the range of a sampling parameter, from the table that validates requests. */
    private void putRange(SamplingParameter parameter) {
        schema(parameter.wireName())
                .put(parameter.exclusiveMin() ? "exclusiveMinimum" : "minimum", parameter.min())
                .put("maximum", parameter.max());
    }

    private ObjectNode schema(String field) {
        return (ObjectNode) document.at("/components/schemas/ChatRequest/properties/" + field);
    }

    public JsonNode document() {
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
