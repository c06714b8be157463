package io.github.describeanything.server;

import io.github.describeanything.model.EngineOptions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The value of an option for every model, and values for single models: {@code 8}, {@code dam-3b=4} or
 * {@code 8,dam-3b=4}. Immutable.
 *
 * @param all for every model without a value of its own
 * @param named by the model's name
 */
record PerModel<T>(Optional<T> all, Map<String, T> named) {
    PerModel {
        named = Map.copyOf(named);
    }

    /** No value. */
    static <T> PerModel<T> none() {
        return new PerModel<>(Optional.empty(), Map.of());
    }

    /** The value for one model. */
    Optional<T> of(String model) {
        return Optional.ofNullable(named.get(model)).or(() -> all);
    }

    private static <T> PerModel<T> read(String text, Function<String, T> value) {
        Optional<T> all = Optional.empty();
        var named = new LinkedHashMap<String, T>();
        for (String part : text.split(",", -1)) {
            int equals = part.lastIndexOf('=');
            T read = value.apply(part.substring(equals + 1).strip());
            boolean again = equals < 0
                    ? all.isPresent()
                    : named.put(part.substring(0, equals).strip(), read) != null;
            if (again) {
                throw new TypeConversionException("'" + text + "' has two values for one model");
            }
            if (equals < 0) {
                all = Optional.of(read);
            }
        }
        return new PerModel<>(all, named);
    }

    /** Reads numbers below 2^31. */
    static final class Integers implements ITypeConverter<PerModel<Integer>> {
        @Override
        public PerModel<Integer> convert(String text) {
            return read(text, number(text, Integer::valueOf));
        }
    }

    /** Reads numbers. */
    static final class Longs implements ITypeConverter<PerModel<Long>> {
        @Override
        public PerModel<Long> convert(String text) {
            return read(text, number(text, Long::valueOf));
        }
    }

    private static <T> Function<String, T> number(String text, Function<String, T> value) {
        return part -> {
            try {
                return value.apply(part);
            } catch (NumberFormatException e) {
                throw new TypeConversionException(
                        "write a number, or MODEL=NUMBER for one model, separated by commas; not '" + text + "'");
            }
        };
    }

    /** Reads devices. */
    static final class Devices implements ITypeConverter<PerModel<EngineOptions.Device>> {
        @Override
        public PerModel<EngineOptions.Device> convert(String text) {
            return read(
                    text,
                    part -> Arrays.stream(EngineOptions.Device.values())
                            .filter(it -> it.name().equalsIgnoreCase(part))
                            .findFirst()
                            .orElseThrow(() -> new TypeConversionException("write one of "
                                    + Arrays.stream(EngineOptions.Device.values())
                                            .map(EngineOptions.Device::name)
                                            .collect(Collectors.joining(", "))
                                    + ", or MODEL=DEVICE for one model; not '" + text + "'")));
        }
    }
}
