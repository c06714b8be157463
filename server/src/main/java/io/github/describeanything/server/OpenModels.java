package io.github.describeanything.server;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.server.service.ModelNames;
import io.github.describeanything.server.service.NamedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** The models of {@code --model}, opened one after the other; closed with this. Used by one thread. */
final class OpenModels implements AutoCloseable {
    private final List<NamedModel> models = new ArrayList<>();

    /** A model that can be opened. */
    record Closed(String name, Path folder, EngineOptions options) {
        DescribeAnything open() {
            return DescribeAnything.open(folder, options);
        }
    }

    private OpenModels() {}

    /**
     * The models that the options name, before anything is loaded.
     *
     * @throws ModelException if a folder is not a bundle
     * @throws IllegalArgumentException if two have one name, or an option names a model that is not among them
     */
    static List<Closed> named(Options options) {
        List<Path> folders = options.models.stream().map(ModelArgument::folder).toList();
        List<String> names = IntStream.range(0, folders.size())
                .mapToObj(i -> options.models.get(i).nameOf(folders.get(i)))
                .toList();
        List<EngineOptions> engines = options.engine.options(new ModelNames(names).models());
        return IntStream.range(0, folders.size())
                .mapToObj(i -> new Closed(names.get(i), folders.get(i), engines.get(i)))
                .toList();
    }

    /** Opens all or none. @throws ModelException if one cannot be used */
    static OpenModels open(List<Closed> closed) {
        var open = new OpenModels();
        try {
            closed.forEach(it -> open.models.add(new NamedModel(it.name(), it.open())));
            return open;
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    /** In the order of the options: the first is the default. */
    List<NamedModel> models() {
        return List.copyOf(models);
    }

    /** Runs {@code listener} with the name of each model that breaks, on a thread of its own. */
    void whenBroken(BiConsumer<String, ModelException> listener) {
        models.forEach(it -> it.model().whenBroken(cause -> listener.accept(it.name(), cause)));
    }

    /** Closes them, the last one first. */
    @Override
    public void close() {
        Collections.reverse(models);
        models.forEach(it -> it.model().close());
        models.clear();
    }
}
