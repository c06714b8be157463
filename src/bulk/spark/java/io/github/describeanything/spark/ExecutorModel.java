package io.github.describeanything.spark;

import io.github.describeanything.bulk.BulkDefaults;
import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.LocalModel;
import io.github.describeanything.bulk.endpoint.Retries;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.server.EmbeddedBundle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The one model of an executor, opened by its first task and shared by all. Thread-safe. */
final class ExecutorModel {
    private static @Nullable Endpoint endpoint;

    private ExecutorModel() {}

    /**
     * The model, as long as the executor lives.
     *
     * @param bundle empty for the built-in one
     * @param maxPixels of a picture
     */
    static synchronized Endpoint of(String bundle, EngineOptions.Device device, int threads, long maxPixels) {
        Endpoint known = endpoint;
        if (known != null) {
            return known;
        }
        EngineOptions.Builder options = BulkDefaults.engine().device(device);
        if (threads > 0) {
            options.threads(threads);
        }
        Path folder = bundle.isEmpty() ? EmbeddedBundle.unpack().folder() : Path.of(bundle);
        var limits = new PictureLimits(maxPixels, PictureLimits.DEFAULT.maxSide());
        Endpoint opened = new LocalModel(DescribeAnything.open(folder, options.build()), Retries.DEFAULT, limits);
        endpoint = opened;
        return opened;
    }
}
