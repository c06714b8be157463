package io.github.describeanything.model.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files of a bundle of any family, checked against its manifest. Immutable. */
record BundleFiles(Path folder, Map<String, Manifest.FileEntry> files) {
    static final String MANIFEST = "manifest.json";

    /**
     * Checks every file that the manifest lists.
     *
     * @param needed files that it must list
     * @throws BundleException naming the first file that is missing, misplaced, truncated or altered
     */
    void check(Stream<String> needed) {
        needed.filter(it -> !files.containsKey(it)).forEach(missing -> {
            throw new BundleException(MANIFEST + " does not list " + missing);
        });
        files.entrySet().parallelStream().forEach(this::check);
        files.keySet().stream().filter(it -> it.endsWith(".onnx")).forEach(this::checkExternalData);
    }

    /** A graph by its role in the family. @throws BundleException if the manifest names none */
    static Path graph(Path folder, Map<String, Manifest.GraphEntry> graphs, String role, String family) {
        Manifest.GraphEntry entry = graphs.get(role);
        if (entry == null) {
            throw new BundleException("%s has no graph \"%s\", which the family %s needs: export the checkpoint again"
                    .formatted(MANIFEST, role, family));
        }
        return folder.resolve(entry.file());
    }

    /** The manifest of a folder. @throws BundleException if there is none of a known version */
    static JsonNode manifest(Path folder) {
        Path file = folder.resolve(MANIFEST);
        if (!Files.isRegularFile(file)) {
            throw new BundleException("No " + MANIFEST + " in " + folder.toAbsolutePath()
                    + ": not a bundle; make one with scripts/export");
        }
        try {
            JsonNode manifest = JsonMapper.shared().readTree(file.toFile());
            String format = manifest.path("format").asString("");
            int version = manifest.path("format_version").asInt(0);
            if (!Manifest.FORMAT.equals(format) || version != Manifest.FORMAT_VERSION) {
                throw new BundleException("%s has format %s version %d; this program reads %s version %d: %s"
                        .formatted(
                                MANIFEST,
                                printable(format),
                                version,
                                Manifest.FORMAT,
                                Manifest.FORMAT_VERSION,
                                version < Manifest.FORMAT_VERSION
                                        ? "export the checkpoint again with scripts/export"
                                        : "update this program"));
            }
            return manifest;
        } catch (JacksonException e) {
            throw unreadable(e);
        }
    }

    /** The manifest as a family knows it. */
    static <T> T read(JsonNode manifest, Class<T> type) {
        try {
            return JsonMapper.shared().treeToValue(manifest, type);
        } catch (JacksonException e) {
            throw unreadable(e);
        }
    }

    private static BundleException unreadable(JacksonException e) {
        return new BundleException(MANIFEST + " cannot be read: " + e.getOriginalMessage(), e);
    }

    private void check(Map.Entry<String, Manifest.FileEntry> entry) {
        String name = entry.getKey();
        Manifest.FileEntry expected = entry.getValue();
        if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.startsWith(".")) {
            throw new BundleException("%s names a file outside the bundle: %s (SHA-256 %s)"
                    .formatted(MANIFEST, printable(name), expected.sha256()));
        }
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new BundleException("%s (SHA-256 %s) %s"
                    .formatted(
                            name,
                            expected.sha256(),
                            Files.isSymbolicLink(file)
                                    ? "is a link: copy the file itself, for example with cp -L"
                                    : "is missing from the bundle, or is not a regular file"));
        }
        try {
            long size = Files.size(file);
            if (size != expected.bytes()) {
                throw new BundleException(
                        "%s has %d bytes, but the manifest says %d (SHA-256 %s): copy or export it again"
                                .formatted(name, size, expected.bytes(), expected.sha256()));
            }
            String actual = sha256(file);
            if (!actual.equals(expected.sha256())) {
                throw new BundleException("%s has SHA-256 %s, but the manifest says %s: copy or export it again"
                        .formatted(name, actual, expected.sha256()));
            }
        } catch (IOException e) {
            throw new BundleException(name + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** A graph's external weights must be files that were checked, since ONNX Runtime would open any path. */
    private void checkExternalData(String graph) {
        String sha256 = Objects.requireNonNull(files.get(graph)).sha256();
        try {
            for (String location : ExternalData.of(Files.readAllBytes(folder.resolve(graph)))) {
                if (!files.containsKey(location)) {
                    throw new BundleException("%s (SHA-256 %s) keeps weights in %s, which the manifest does not list"
                            .formatted(graph, sha256, printable(location)));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new BundleException("%s (SHA-256 %s) is not an ONNX graph".formatted(graph, sha256), e);
        } catch (IOException e) {
            throw new BundleException(graph + " cannot be read: " + e.getMessage(), e);
        }
    }

    static String printable(String name) {
        return name.replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String sha256(Path file) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                byte[] buffer = new byte[1 << 20];
                while (in.read(buffer) >= 0) {
                    // Reading updates the digest.
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new BundleException("This Java runtime lacks SHA-256", e);
        }
    }
}
