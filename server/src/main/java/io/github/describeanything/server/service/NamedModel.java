package io.github.describeanything.server.service;

import io.github.describeanything.model.DescribeAnything;

/** A loaded model and its name in the API. Immutable; whoever opened the model closes it. */
public record NamedModel(String name, DescribeAnything model) {
    /** A model under the name in its bundle. */
    public static NamedModel of(DescribeAnything model) {
        return new NamedModel(model.manifest().name(), model);
    }
}
