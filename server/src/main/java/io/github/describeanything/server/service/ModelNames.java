package io.github.describeanything.server.service;

import io.github.describeanything.server.errors.ApiException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The model's names: its own, and the alias that clients of the published server use. Immutable.
 *
 * @param served the name in responses to requests without one
 */
public record ModelNames(String served, Set<String> all) {
    static final String PUBLISHED_ALIAS = "describe_anything_model";

    public static ModelNames of(String served) {
        return new ModelNames(served, new LinkedHashSet<>(List.of(served, PUBLISHED_ALIAS)));
    }

    /** @throws ApiException 404 if the model has no such name */
    public void require(String name) {
        if (!all.contains(name)) {
            throw ApiException.noSuchModel(String.join(" and ", all));
        }
    }
}
