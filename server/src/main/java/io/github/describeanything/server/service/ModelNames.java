package io.github.describeanything.server.service;

import io.github.describeanything.server.errors.ApiException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The names of the loaded models, and the alias that clients of the published server use for the first. Immutable.
 *
 * @param models the models' own names; the first is the default
 */
public record ModelNames(List<String> models) {
    static final String PUBLISHED_ALIAS = "describe_anything_model";

    /** @throws IllegalArgumentException if there is no name, or two are equal */
    public ModelNames {
        models = List.copyOf(models);
        if (models.isEmpty()) {
            throw new IllegalArgumentException("A server needs at least one model");
        }
        Set<String> seen = new HashSet<>();
        for (String name : models) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException(
                        "Two models are named %s: give one another name with --model NAME=BUNDLE".formatted(name));
            }
        }
    }

    /** The name of the model, if there is only one. */
    public Optional<String> only() {
        return models.size() == 1 ? Optional.of(models.getFirst()) : Optional.empty();
    }

    /** The alias of the first model, unless it is a model's own name. */
    public Optional<String> alias() {
        return models.contains(PUBLISHED_ALIAS) ? Optional.empty() : Optional.of(PUBLISHED_ALIAS);
    }

    /** Every name that a request may use. */
    public List<String> all() {
        var all = new ArrayList<>(models);
        alias().ifPresent(all::add);
        return List.copyOf(all);
    }

    /** The model's own name for one that a request uses. @throws ApiException 404 if no model has it */
    public String model(String name) {
        if (models.contains(name)) {
            return name;
        }
        if (alias().filter(name::equals).isEmpty()) {
            throw ApiException.noSuchModel(listed());
        }
        return models.getFirst();
    }

    private String listed() {
        List<String> all = all();
        int last = all.size() - 1;
        return last == 0 ? all.getFirst() : String.join(", ", all.subList(0, last)) + " and " + all.get(last);
    }
}
