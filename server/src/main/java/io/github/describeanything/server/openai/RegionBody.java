package io.github.describeanything.server.openai;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The region that a choice is about. Immutable.
 *
 * @param index its index among the request's regions
 * @param id the client's id for it, as sent
 */
public record RegionBody(int index, Optional<JsonNode> id) {

    /** The region with this number; none if the request named no regions. */
    public static Optional<RegionBody> of(List<Optional<JsonNode>> ids, int index) {
        return ids.isEmpty() ? Optional.empty() : Optional.of(new RegionBody(index, ids.get(index)));
    }
}
