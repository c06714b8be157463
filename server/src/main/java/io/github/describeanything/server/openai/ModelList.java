package io.github.describeanything.server.openai;

import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.service.ModelNames;
import io.github.describeanything.server.service.NamedModel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The JSON of /v1/models: the models, the default first, and after them the alias of the default. Immutable. */
public record ModelList(String object, List<Entry> data) {

    /** One name of a model. */
    public record Entry(String id, String object, long created, String ownedBy, About describeAnything) {
        private Entry(String id, long created, About about) {
            this(id, "model", created, "describe-anything", about);
        }
    }

    /** Details of the model beyond OpenAI's schema. @param aliasOf the model's own name, if this is another one */
    public record About(String kind, String precision, int maxModelLen, Optional<String> aliasOf) {}

    /** @param models in the order of {@code names} */
    public static ModelList of(ModelNames names, List<NamedModel> models, long created) {
        NamedModel first = models.getFirst();
        var own = models.stream().map(it -> new Entry(it.name(), created, about(it, Optional.empty())));
        var alias = names.alias().map(it -> new Entry(it, created, about(first, Optional.of(first.name()))));
        return new ModelList("list", Stream.concat(own, alias.stream()).toList());
    }

    private static About about(NamedModel it, Optional<String> aliasOf) {
        Manifest manifest = it.model().manifest();
        return new About(
                manifest.kind().name().toLowerCase(Locale.ROOT),
                manifest.precision(),
                it.model().context(),
                aliasOf);
    }
}
