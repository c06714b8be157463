package io.github.describeanything.server.openai;

import io.github.describeanything.server.service.MaskSource;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * An entry of {@code regions}. Immutable.
 *
 * @param id the client's id for the region: a string or an integer
 * @param frame its frame in a video, counted from 0; negative ones from the end
 * @param time of its frame in a video file, in seconds
 * @param path its path in the request, such as {@code regions[3]}
 */
public record RegionEntry(Optional<JsonNode> id, OptionalInt frame, OptionalDouble time, String path, MaskSource region) {}
