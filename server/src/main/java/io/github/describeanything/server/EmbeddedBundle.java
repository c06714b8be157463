package io.github.describeanything.server;

import io.github.describeanything.model.bundle.BundleException;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.bundle.Manifest.FileEntry;
import io.github.describeanything.server.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** A model that is built into the jar, unpacked into a temporary folder that is deleted on close. Used by one thread. */
public final class EmbeddedBundle implements AutoCloseable {
    private static final String MODEL = "/bundle/";
    private static final String SEGMENTER = "/segmenter/";
    private static final String MANIFEST = "manifest.json";

    private final Path folder;

    private EmbeddedBundle(Path folder) {
        this.folder = folder;
    }

    /** Unpacks the model. @throws BundleException if this build has none, or the folder cannot be written */
    public static EmbeddedBundle unpack() {
        return unpack(MODEL, "This build has no built-in model: pass --model");
    }

    /** Unpacks the segmenter. @throws BundleException if this build has none, or the folder cannot be written */
    public static EmbeddedBundle unpackSegmenter() {
        return unpack(SEGMENTER, "This build has no built-in segmenter: pass --segmenter");
    }

    private static EmbeddedBundle unpack(String resources, String missing) {
        try (InputStream manifest = EmbeddedBundle.class.getResourceAsStream(resources + MANIFEST)) {
            if (manifest == null) {
                throw new BundleException(missing);
            }
            byte[] bytes = manifest.readAllBytes();
            Path folder = Files.createTempDirectory("describe-anything-bundle");
            var bundle = new EmbeddedBundle(folder);
            Runtime.getRuntime().addShutdownHook(new Thread(bundle::close));
            Files.write(folder.resolve(MANIFEST), bytes);
            JsonNode files = Json.MAPPER.readTree(bytes).path("files");
            for (String name : files.propertyNames()) {
                copy(resources, name, folder);
            }
            return bundle;
        } catch (IOException e) {
            throw new BundleException(
                    "The built-in model cannot be unpacked into " + System.getProperty("java.io.tmpdir") + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** Whether the jar's model has the same files as another, wherever that lies. */
    static boolean holds(Manifest manifest) {
        try (InputStream own = EmbeddedBundle.class.getResourceAsStream(MODEL + MANIFEST)) {
            if (own == null) {
                return false;
            }
            JsonNode files = Json.MAPPER.readTree(own).path("files");
            return manifest.files()
                    .equals(Json.MAPPER.convertValue(files, new TypeReference<Map<String, FileEntry>>() {}));
        } catch (IOException e) {
            throw new BundleException("The built-in model's manifest cannot be read: " + e.getMessage(), e);
        }
    }

    private static void copy(String resources, String name, Path folder) throws IOException {
        try (InputStream in = EmbeddedBundle.class.getResourceAsStream(resources + name)) {
            if (in == null) {
                throw new BundleException("This build lacks " + resources.substring(1) + name);
            }
            Files.copy(in, folder.resolve(name));
        }
    }

    public Path folder() {
        return folder;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(it -> it.toFile().delete());
        } catch (IOException | java.io.UncheckedIOException e) {
            // Already deleted, or left for the system to clean up.
        }
    }
}
