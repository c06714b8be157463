package io.github.describeanything.server.chat;

import io.github.describeanything.server.errors.ApiException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/**
 * Optional fields of a JSON object, each checked for type and range. Immutable. A field that is null is absent; one
 * that is wrong is refused by its name.
 */
record Fields(JsonNode object, String path) {

    boolean has(String name) {
        return !node(name).isNull();
    }

    /** The field, or a null node. */
    JsonNode node(String name) {
        JsonNode value = object.path(name);
        return value.isMissingNode() ? tools.jackson.databind.node.NullNode.getInstance() : value;
    }

    Optional<String> string(String name) {
        JsonNode value = node(name);
        if (value.isNull()) {
            return Optional.empty();
        }
        require(value.isString(), name, "must be a string");
        return Optional.of(value.asString());
    }

    boolean flag(String name) {
        JsonNode value = node(name);
        require(value.isNull() || value.isBoolean(), name, "must be true or false");
        return value.asBoolean(false);
    }

    OptionalDouble number(String name, double least, double most) {
        JsonNode value = node(name);
        if (value.isNull()) {
            return OptionalDouble.empty();
        }
        require(value.isNumber(), name, "must be a number");
        double number = value.asDouble();
        require(
                number >= least && number <= most,
                name,
                "must be between %s and %s".formatted(text(least), text(most)));
        return OptionalDouble.of(number);
    }

    OptionalInt integer(String name, int least, int most) {
        JsonNode value = node(name);
        if (value.isNull()) {
            return OptionalInt.empty();
        }
        boolean whole = value.isNumber() && value.asDouble() == Math.rint(value.asDouble());
        require(whole, name, "must be an integer");
        double number = value.asDouble();
        require(number >= least && number <= most, name, "must be between %d and %d".formatted(least, most));
        return OptionalInt.of((int) number);
    }

    OptionalLong longInteger(String name) {
        JsonNode value = node(name);
        if (value.isNull()) {
            return OptionalLong.empty();
        }
        require(value.isIntegralNumber() && value.canConvertToLong(), name, "must be a 64-bit integer");
        return OptionalLong.of(value.asLong());
    }

    void require(boolean holds, String name, String rule) {
        if (!holds) {
            throw ApiException.badValue(path + name, path + name + " " + rule);
        }
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
