package io.github.describeanything.server;

import io.github.describeanything.server.errors.ApiException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the one model is called: its own name, and what clients of the published server call every model. Immutable.
 *
 * @param served the name in answers
 */
public record ModelNames(String served, Set<String> all) {
    static final String PUBLISHED_ALIAS = "describe_anything_model";

    static ModelNames of(String served) {
        return new ModelNames(served, new LinkedHashSet<>(List.of(served, PUBLISHED_ALIAS)));
    }

    /** @throws ApiException 404 if the model has no such name */
    public void require(String name) {
        if (!all.contains(name)) {
            throw ApiException.noSuchModel(String.join(" and ", all));
        }
    }
}
