package io.github.describeanything.bulk.row;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One region to work on. Immutable: do not change its fields.
 *
 * @param key its id as text, unique in the job
 * @param fields {@code id}, {@code image}, {@code region} in the form of the API's {@code regions}, and whatever else the
 *     input says about it; of a batch line, the line
 * @param problem why it cannot be worked on
 */
public record Row(String key, ObjectNode fields, Optional<Problem> problem) {

    /** A row that can be worked on. */
    public static Row of(ObjectNode fields) {
        return new Row(key(fields.path("id")), fields, Optional.empty());
    }

    /** A row that becomes an error. */
    public static Row broken(ObjectNode fields, String code, String message) {
        return new Row(key(fields.path("id")), fields, Optional.of(new Problem(code, message)));
    }

    /** An id as text: 7 and "7" are the same. */
    public static String key(JsonNode id) {
        return id.isString() ? id.asString() : id.toString();
    }

    /** The region, if the row has one of its own. */
    public Optional<ObjectNode> region() {
        return fields.path("region") instanceof ObjectNode region ? Optional.of(region) : Optional.empty();
    }
}
