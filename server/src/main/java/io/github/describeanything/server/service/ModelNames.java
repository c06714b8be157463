package io.github.describeanything.server.service;

import io.github.describeanything.server.errors.ApiException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The names of the model: its own, and the one that clients of the published server use. Immutable.
 *
 * @param served the name in answers to requests without one
 */
public record ModelNames(String served, Set<String> all) {
    static final String PUBLISHED_ALIAS = "describe_anything_model";

    public static ModelNames of(String served) {
        return new ModelNames(served, new LinkedHashSet<>(List.of(served, PUBLISHED_ALIAS)));
    }

    /** @throws ApiException 404 if this is not a name of the model */
    public void require(String name) {
        if (!all.contains(name)) {
            throw ApiException.noSuchModel(String.join(" and ", all));
        }
    }
}
