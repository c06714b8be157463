package io.github.describeanything.server;

import io.github.describeanything.model.bundle.Bundle;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A value of {@code --model}: a bundle, with or without a name of its own. Immutable.
 *
 * @param name replaces the name in the bundle
 * @param bundle a folder, or {@link #BUILT_IN}
 */
record ModelArgument(Optional<String> name, String bundle) {
    /** The model in the jar. */
    static final String BUILT_IN = "built-in";

    /** The bundle's folder; the built-in one is unpacked. */
    Path folder() {
        return bundle.equals(BUILT_IN) ? EmbeddedBundle.unpack().folder() : Path.of(bundle);
    }

    /** The model's name in the API. @throws BundleException if the folder is not a bundle */
    String nameOf(Path folder) {
        return name.orElseGet(() -> Bundle.manifest(folder).name());
    }

    /** Reads {@code BUNDLE} or {@code NAME=BUNDLE}. A folder whose own name has an equals sign needs a slash before it. */
    static final class Converter implements ITypeConverter<ModelArgument> {
        @Override
        public ModelArgument convert(String text) {
            int equals = text.indexOf('=');
            String before = text.substring(0, Math.max(0, equals));
            boolean named = equals >= 0 && !before.contains("/") && !before.contains("\\");
            var argument = named
                    ? new ModelArgument(Optional.of(before.strip()), text.substring(equals + 1))
                    : new ModelArgument(Optional.empty(), text);
            if (argument.bundle.isBlank()
                    || argument.name.filter(String::isEmpty).isPresent()) {
                throw new TypeConversionException("write BUNDLE or NAME=BUNDLE, not '" + text + "'");
            }
            return argument;
        }
    }
}
