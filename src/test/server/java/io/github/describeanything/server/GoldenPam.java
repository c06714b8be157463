package io.github.describeanything.server;

import io.github.describeanything.server.http.Json;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** The golden data of Perceive Anything, for requests. Stateless. */
public final class GoldenPam {
    private static final Path FOLDER = TestServer.root().resolve("src/test/resources/golden-pam");

    private GoldenPam() {}

    /** A picture, such as {@code box.png} or {@code clip/00003.png}. */
    public static byte[] bytes(String file) {
        try {
            return Files.readAllBytes(FOLDER.resolve("cases").resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same as a data URL. */
    public static String url(String file) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes(file));
    }

    /** Names of the clip's frames, of which there are 36. */
    public static List<String> clip(int from, int to) {
        return IntStream.range(from, to).mapToObj("clip/%05d.png"::formatted).toList();
    }

    /** A black frame of the clip's size: its things are lost there. */
    public static String black() {
        return Pictures.url(Pictures.encoded(new BufferedImage(160, 120, BufferedImage.TYPE_INT_RGB), "png"));
    }

    /** The parts of a message with these pictures, as JSON. */
    public static String parts(List<String> files) {
        return files.stream()
                .map(it -> "{\"type\": \"image_url\", \"image_url\": {\"url\": \"" + url(it) + "\"}}")
                .collect(Collectors.joining(","));
    }

    /** The body of a stream's segment. @param more other fields, each after a comma */
    public static String segment(List<String> files, String more) {
        return segmentOf(files.stream().map(GoldenPam::url).toList(), more);
    }

    /** The same of pictures' URLs. */
    public static String segmentOf(List<String> urls, String more) {
        String frames = urls.stream().map(it -> "\"" + it + "\"").collect(Collectors.joining(","));
        return "{\"frames\": [" + frames + "]" + more + "}";
    }

    /** What the published code computed for a case. */
    public static JsonNode record(String name) {
        JsonNode records =
                Json.MAPPER.readTree(FOLDER.resolve("reference/reference.json").toFile());
        return StreamSupport.stream(records.spliterator(), false)
                .filter(it -> it.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
