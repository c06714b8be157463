package io.github.describeanything.server.openai;

import io.github.describeanything.model.api.SamplingParameter;
import io.github.describeanything.server.errors.ApiException;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/**
 * Reads optional fields of a JSON object and checks their type and range. Immutable. Null counts as absent; errors name
 * the field.
 */
public record Fields(JsonNode object, String path) {
    /** Doubles represent every integer up to this one. */
    private static final double EXACT = 1L << 53;

    /** The fields of a request. @throws ApiException if it is no object */
    public static Fields ofRequest(JsonNode body) {
        if (!body.isObject()) {
            throw ApiException.of(400, "invalid_json", "The request must be a JSON object");
        }
        return new Fields(body, "");
    }

    public boolean has(String name) {
        return !node(name).isNull();
    }

    /** The field, or a null node. */
    public JsonNode node(String name) {
        JsonNode value = object.path(name);
        return value.isMissingNode() ? tools.jackson.databind.node.NullNode.getInstance() : value;
    }

    public Optional<String> string(String name) {
        JsonNode value = node(name);
        if (value.isNull()) {
            return Optional.empty();
        }
        require(value.isString(), name, "must be a string");
        return Optional.of(value.asString());
    }

    public boolean flag(String name) {
        JsonNode value = node(name);
        require(value.isNull() || value.isBoolean(), name, "must be true or false");
        return value.asBoolean(false);
    }

    public OptionalDouble number(String name, double least, double most) {
        JsonNode value = node(name);
        if (value.isNull()) {
            return OptionalDouble.empty();
        }
        require(value.isNumber(), name, "must be a number");
        double number = value.asDouble();
        require(
                number >= least && number <= most,
                name,
                most == Double.MAX_VALUE
                        ? "must be at least " + text(least)
                        : "must be between %s and %s".formatted(text(least), text(most)));
        return OptionalDouble.of(number);
    }

    /** The value of a numeric sampling parameter, checked against its range. */
    public OptionalDouble number(SamplingParameter parameter) {
        JsonNode value = node(parameter.wireName());
        if (value.isNull()) {
            return OptionalDouble.empty();
        }
        require(value.isNumber(), parameter.wireName(), "must be a number");
        require(parameter.allows(value.asDouble()), parameter.wireName(), parameter.rule());
        return OptionalDouble.of(value.asDouble());
    }

    /** The value of an integer sampling parameter, checked against its range. */
    public OptionalInt integer(SamplingParameter parameter) {
        return integer(parameter.wireName(), (int) parameter.min(), (int) parameter.max());
    }

    public OptionalInt integer(String name, int least, int most) {
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

    /** Any integer; larger ones are folded into 64 bits, so equal integers give the same seed. */
    public OptionalLong seed(String name) {
        JsonNode value = node(name);
        if (value.isNull()) {
            return OptionalLong.empty();
        }
        boolean whole = value.isIntegralNumber() || value.isNumber() && value.asDouble() == Math.rint(value.asDouble());
        require(whole, name, "must be an integer");
        if (value.isIntegralNumber()) {
            return OptionalLong.of(value.bigIntegerValue().longValue());
        }
        double number = value.asDouble();
        // From the shortest decimal form, so that 1e23 is exactly that integer.
        return OptionalLong.of(
                Double.isInfinite(number)
                        ? Double.doubleToLongBits(number)
                        : new BigDecimal(Double.toString(number)).toBigInteger().longValue());
    }

    /** Whether a value is a 64-bit integer; 1.0 counts as 1. */
    public static boolean isLong(JsonNode value) {
        return value.isIntegralNumber()
                ? value.canConvertToLong()
                : value.isNumber()
                        && value.asDouble() == Math.rint(value.asDouble())
                        && Math.abs(value.asDouble()) <= EXACT;
    }

    /** A required object within this one. */
    public Fields object(String name) {
        require(node(name).isObject(), name, "must be an object");
        return new Fields(node(name), path + name + ".");
    }

    /** A required list of numbers. @param most its maximum length */
    public double[] numbers(String name, int most) {
        return numbers(node(name), name, most);
    }

    /** The same for an element of a list. */
    public double[] numbers(int index, int most) {
        return numbers(object.path(index), "[" + index + "]", most);
    }

    private double[] numbers(JsonNode list, String name, int most) {
        require(list.isArray(), name, "must be a list of numbers");
        require(list.size() <= most, name, "has more than %d numbers".formatted(most));
        var numbers = new double[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode number = list.get(i);
            require(number.isNumber(), name + "[" + i + "]", "must be a number");
            numbers[i] = number.asDouble();
        }
        return numbers;
    }

    /** A required list of integers of at least 0. @param most its maximum length */
    public int[] integers(String name, int most) {
        JsonNode list = node(name);
        require(list.isArray(), name, "must be a list of integers");
        require(list.size() <= most, name, "has more than %d integers".formatted(most));
        var integers = new int[list.size()];
        for (int i = 0; i < integers.length; i++) {
            JsonNode number = list.get(i);
            boolean good = isLong(number) && number.asDouble() >= 0 && number.asDouble() <= Integer.MAX_VALUE;
            require(good, name + "[" + i + "]", "must be an integer from 0 to " + Integer.MAX_VALUE);
            integers[i] = (int) number.asDouble();
        }
        return integers;
    }

    public void require(boolean holds, int index, String rule) {
        require(holds, "[" + index + "]", rule);
    }

    public void require(boolean holds, String name, String rule) {
        if (!holds) {
            throw ApiException.badValue(path + name, path + name + " " + rule);
        }
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
