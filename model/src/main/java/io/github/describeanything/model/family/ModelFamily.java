package io.github.describeanything.model.family;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.BundleException;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Tokenizer;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * A model family: how questions become prompts and regions become embeddings. Everything else is shared. Stateless.
 *
 * <p>Found by {@link ServiceLoader}: a new family is a package and a line in {@code META-INF/services}.
 */
public interface ModelFamily {
    /** The family's name in manifests. */
    String name();

    PromptBuilder prompts(Manifest manifest, Tokenizer tokenizer);

    /**
     * Opens the graphs that process pictures.
     *
     * @param placement where the vision graph runs; resizing runs on the CPU
     */
    RegionVision vision(Bundle bundle, Placement placement);

    /** The family that a manifest names. @throws BundleException if there is none of that name */
    static ModelFamily of(Manifest manifest) {
        var families = ServiceLoader.load(ModelFamily.class);
        return families.stream()
                .map(ServiceLoader.Provider::get)
                .filter(it -> it.name().equals(manifest.family()))
                .findFirst()
                .orElseThrow(() -> new BundleException("%s is a model of family %s; this program knows %s"
                        .formatted(
                                manifest.name(),
                                manifest.family(),
                                families.stream()
                                        .map(it -> it.get().name())
                                        .sorted()
                                        .collect(Collectors.joining(", ")))));
    }
}
