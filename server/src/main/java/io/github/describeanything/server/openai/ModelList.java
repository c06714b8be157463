package io.github.describeanything.server.openai;

import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.service.ModelNames;
import java.util.List;
import java.util.Locale;

/** The JSON of /v1/models. Immutable. */
public record ModelList(String object, List<Entry> data) {

    /** One name of the model. */
    public record Entry(String id, String object, long created, String ownedBy, About describeAnything) {}

    /**
     * Details of the model and the server beyond OpenAI's schema.
     *
     * @param builtIn whether it is the small model inside the jar, which knows drawings only
     * @param segmenter whether the server turns clicks into masks
     */
    public record About(String kind, String precision, int maxModelLen, boolean builtIn, boolean segmenter) {}

    /** @param builtIn whether the jar contains the model  @param segmenter whether the server has one */
    public static ModelList of(
            ModelNames names, Manifest manifest, int context, boolean builtIn, boolean segmenter, long created) {
        String kind = manifest.kind().name().toLowerCase(Locale.ROOT);
        var about = new About(kind, manifest.precision(), context, builtIn, segmenter);
        return new ModelList(
                "list",
                names.all().stream()
                        .map(name -> new Entry(name, "model", created, "describe-anything", about))
                        .toList());
    }
}
