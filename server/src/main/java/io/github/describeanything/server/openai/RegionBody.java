package io.github.describeanything.server.openai;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The region that a choice is about. Immutable.
 *
 * @param index its number among the request's regions, from 0
 * @param id the client's name for it, as it was sent
 */
public record RegionBody(int index, Optional<JsonNode> id) {}
