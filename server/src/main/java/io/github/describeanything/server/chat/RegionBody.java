package io.github.describeanything.server.chat;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Which of the request's regions a choice is about. Immutable.
 *
 * @param index its number among the regions, from 0 on
 * @param id what the client calls it, as it was sent
 */
record RegionBody(int index, Optional<JsonNode> id) {}
