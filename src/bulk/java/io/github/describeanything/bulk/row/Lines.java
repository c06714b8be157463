package io.github.describeanything.bulk.row;

import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON of datasets and rows, of any size. Stateless. */
public final class Lines {
    /** Reads and writes files of the user's own: strings may be as long as memory allows. */
    public static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .build();

    private static final ObjectReader VALUE = JSON.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Lines() {}

    /** The value that a parser stands at; the parser is left at its last token. */
    public static JsonNode value(JsonParser parser) {
        return VALUE.readTree(parser);
    }

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
