package io.github.describeanything.server.openai;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The region that a choice is about. Immutable.
 *
 * @param index its index among the request's regions
 * @param id the client's id for it, as sent
 */
public record RegionBody(int index, Optional<JsonNode> id) {}
