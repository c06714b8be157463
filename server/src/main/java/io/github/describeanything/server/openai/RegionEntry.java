package io.github.describeanything.server.openai;

import io.github.describeanything.server.service.MaskSource;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * An entry of {@code regions}. Immutable.
 *
 * @param id the client's name for the region: a string or an integer
 * @param frame the frame of a video that it lies on, from 0
 * @param path where in the request it stands, such as {@code regions[3]}
 */
public record RegionEntry(Optional<JsonNode> id, OptionalInt frame, String path, MaskSource region) {}
