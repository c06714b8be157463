package io.github.describeanything.server.openai;

import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.service.ModelNames;
import java.util.List;
import java.util.Locale;

/** The JSON of /v1/models. Immutable. */
public record ModelList(String object, List<Entry> data) {

    /** One name of the model. */
    public record Entry(String id, String object, long created, String ownedBy, About describeAnything) {}

    /** Details of the model beyond OpenAI's schema. */
    public record About(String kind, String precision, int maxModelLen) {}

    public static ModelList of(ModelNames names, Manifest manifest, int context, long created) {
        var about = new About(manifest.kind().name().toLowerCase(Locale.ROOT), manifest.precision(), context);
        return new ModelList(
                "list",
                names.all().stream()
                        .map(name -> new Entry(name, "model", created, "describe-anything", about))
                        .toList());
    }
}
