package io.github.describeanything.model.golden;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.text.Prompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A picture or video with the results of the published code.
 *
 * @param inputIds prompt ids, {@link #IMAGE} for a picture
 * @param margins difference between the two largest logits at each greedy choice
 */
record GoldenCase(
        String name,
        List<Path> frames,
        String query,
        List<Integer> inputIds,
        List<Integer> greedyIds,
        List<Double> margins,
        String greedyText,
        int positions) {

    /** The published code's placeholder for a picture's embeddings. */
    static final int IMAGE = -200;

    static final Path FOLDER = folder();

    static Stream<GoldenCase> all() {
        JsonNode cases = json("cases/cases.json");
        JsonNode reference = json("reference/reference.json");
        return StreamSupport.stream(cases.spliterator(), false).map(node -> {
            String name = node.path("name").asString();
            JsonNode expected = StreamSupport.stream(reference.spliterator(), false)
                    .filter(it -> it.path("name").asString().equals(name))
                    .findFirst()
                    .orElseThrow();
            return new GoldenCase(
                    name,
                    StreamSupport.stream(node.path("frames").spliterator(), false)
                            .map(it -> FOLDER.resolve("cases")
                                    .resolve(it.path("rgba").asString()))
                            .toList(),
                    expected.path("query").asString(),
                    ints(expected.path("input_ids")).toList(),
                    ints(expected.path("greedy_ids")).toList(),
                    StreamSupport.stream(expected.path("greedy_margins").spliterator(), false)
                            .map(JsonNode::asDouble)
                            .toList(),
                    expected.path("greedy_text").asString(),
                    expected.path("prompt_embeddings").asInt());
        });
    }

    boolean joint() {
        return name.startsWith("joint");
    }

    /** The user's question: the query without the template's prefix. */
    String question() {
        return query.substring(query.lastIndexOf("<image>\n") + "<image>\n".length());
    }

    /** The prompt as the decoder reads it. @param tokens embeddings per picture */
    Prompt prompt(int tokens) {
        var entries = IntStream.builder();
        int row = 0;
        for (int id : inputIds) {
            if (id == IMAGE) {
                for (int i = 0; i < tokens; i++) {
                    entries.add(~row++);
                }
            } else {
                entries.add(id);
            }
        }
        return new Prompt(entries.build().toArray());
    }

    List<Picture> pictures() {
        var reader = new PictureReader(PictureLimits.DEFAULT);
        return frames.stream().map(file -> reader.read(bytes(file))).toList();
    }

    Npz reference() {
        return Npz.read(FOLDER.resolve("reference").resolve(name + ".npz"));
    }

    /** The number of steps before the first margin below {@code clear}. */
    int clearSteps(double clear) {
        return IntStream.range(0, margins.size())
                .filter(i -> margins.get(i) < clear)
                .findFirst()
                .orElse(margins.size());
    }

    @Override
    public String toString() {
        return name;
    }

    private static Stream<Integer> ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asInt);
    }

    private static JsonNode json(String file) {
        return JsonMapper.shared().readTree(FOLDER.resolve(file).toFile());
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder() {
        Path module = Path.of("").toAbsolutePath();
        for (Path it = module; it != null; it = it.getParent()) {
            Path golden = it.resolve("src/test/resources/golden");
            if (Files.isDirectory(golden)) {
                return golden;
            }
        }
        throw new IllegalStateException("no golden data above " + module);
    }
}
