package io.github.describeanything.server.openai;

import tools.jackson.databind.JsonNode;

/** Reads requests of one wire form from JSON. Thread-safe. */
public interface WireReader {

    /** @throws io.github.describeanything.server.errors.ApiException naming the invalid field */
    WireRequest read(JsonNode body);
}
