package io.github.describeanything.server.openai;

import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.service.ModelNames;
import io.github.describeanything.server.service.NamedModel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The JSON of /v1/models: the models, the default first, and after them the alias of the default. Immutable. */
public record ModelList(String object, List<Entry> data) {

    /** One name of a model. */
    public record Entry(String id, String object, long created, String ownedBy, About describeAnything) {
        private Entry(String id, long created, About about) {
            this(id, "model", created, "describe-anything", about);
        }
    }

    /**
     * Details of the model and the server beyond OpenAI's schema.
     *
     * @param family how it was trained and is asked: {@code pam} takes tasks
     * @param builtIn whether it is the small model inside the jar, which knows drawings only
     * @param segmenter whether the server turns clicks into masks
     * @param aliasOf the model's own name, if this is another one
     */
    public record About(
            String family,
            String kind,
            String precision,
            int maxModelLen,
            boolean builtIn,
            boolean segmenter,
            Optional<String> aliasOf) {
        private About aliasOf(String name) {
            return new About(family, kind, precision, maxModelLen, builtIn, segmenter, Optional.of(name));
        }
    }

    /**
     * @param models in the order of {@code names}
     * @param builtIn whether the jar contains a model
     * @param segmenter whether the server has one
     */
    public static ModelList of(
            ModelNames names, List<NamedModel> models, Predicate<Manifest> builtIn, boolean segmenter, long created) {
        Function<NamedModel, About> about = it -> {
            Manifest manifest = it.model().manifest();
            return new About(
                    manifest.family(),
                    manifest.kind().name().toLowerCase(Locale.ROOT),
                    manifest.precision(),
                    it.model().context(),
                    builtIn.test(manifest),
                    segmenter,
                    Optional.empty());
        };
        NamedModel first = models.getFirst();
        var own = models.stream().map(it -> new Entry(it.name(), created, about.apply(it)));
        var alias = names.alias()
                .map(it -> new Entry(it, created, about.apply(first).aliasOf(first.name())));
        return new ModelList("list", Stream.concat(own, alias.stream()).toList());
    }
}
