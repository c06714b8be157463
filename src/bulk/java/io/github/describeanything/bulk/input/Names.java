package io.github.describeanything.bulk.input;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers for names, in the order of their first mention. Used by one thread. */
final class Names {
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();

    int number(String name) {
        return numbers.computeIfAbsent(name, it -> {
            names.add(it);
            return names.size() - 1;
        });
    }

    String name(int number) {
        return names.get(number);
    }
}
