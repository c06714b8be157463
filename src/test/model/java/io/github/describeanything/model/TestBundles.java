package io.github.describeanything.model;

import java.nio.file.Files;
import java.nio.file.Path;

/** Bundles that {@code scripts/test-bundles} exports before the tests. */
public final class TestBundles {
    private TestBundles() {}

    public static Path folder(String name) {
        String folder = System.getProperty("test.bundles");
        Path bundle = Path.of(folder == null ? "target/test-bundles" : folder).resolve(name);
        if (!bundle.resolve("manifest.json").toFile().isFile()) {
            throw new IllegalStateException(bundle + " is missing: run scripts/test-bundles first");
        }
        return bundle;
    }

    /** Two threads and two workers on the CPU, 700 tokens per slot. */
    static EngineOptions options(int slots, int queue) {
        return builder(slots, queue).build();
    }

    /** The same, to be changed. */
    static EngineOptions.Builder builder(int slots, int queue) {
        return EngineOptions.builder()
                .threads(2)
                .workers(2)
                .slots(slots)
                .context(700)
                .queue(queue)
                .featureCache(64L << 20);
    }

    /** The root of the repository. */
    public static Path root() {
        Path it = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(it.resolve("src/test/resources/golden"))) {
            it = it.getParent();
        }
        return it;
    }
}
