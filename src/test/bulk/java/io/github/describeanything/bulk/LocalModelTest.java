package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.server.HttpServer;
import io.github.describeanything.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A model in this process and a server give the same answers and the same errors. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LocalModelTest {
    private static final Path BUNDLE = Path.of(System.getProperty("test.bundles"), "golden-joint-fp32");

    @TempDir
    static Path folder;

    private DrawnDataset drawn;
    private DescribeAnything model;
    private HttpServer server;

    @BeforeAll
    void start() throws IOException {
        drawn = new DrawnDataset(folder, 3, 4);
        model = DescribeAnything.open(BUNDLE);
        server = HttpServer.start(ServerConfig.local(), model);
    }

    @AfterAll
    void stop() {
        server.close();
        model.close();
    }

    private Run run(String name, Path input, boolean local, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("--images", drawn.images().toString(), "--max-tokens", "8", "--temperature", "0"));
        arguments.addAll(
                local
                        ? List.of("--model", BUNDLE.toString(), "--slots", "4")
                        : List.of("--url", "http://127.0.0.1:" + server.port()));
        arguments.addAll(Arrays.asList(more));
        return new Run(folder, name + local, input, arguments.toArray(String[]::new));
    }

    private static Map<String, String> captions(Run run) throws IOException {
        assertThat(run.describe()).isZero();
        Map<String, String> captions = new TreeMap<>();
        run.rows()
                .forEach(it -> captions.put(
                        it.path("id").asString(), it.path("caption").asString()));
        return captions;
    }

    @Test
    void theTextsAreTheSame() throws IOException {
        Map<String, String> local = captions(run("rows", drawn.coco(), true));
        assertThat(local).hasSize(12);
        assertThat(captions(run("rows", drawn.coco(), false))).isEqualTo(local);
        assertThat(local.values()).anyMatch(it -> !it.isEmpty());
    }

    @Test
    void theTextsAreTheSameWhereTheyAreDrawnByChance() throws IOException {
        String[] chance = {"--temperature", "1", "--seed", "5"};
        // The later option counts.
        Map<String, String> local = captions(run("chance", drawn.boxes(), true, chance));
        assertThat(captions(run("chance", drawn.boxes(), false, chance))).isEqualTo(local);
        Path all = folder.resolve("chancetrue.jsonl");
        List<String> some = Files.readAllLines(all).subList(0, 5);
        Files.write(all, some);
        assertThat(captions(run("chance", drawn.boxes(), true, chance))).isEqualTo(local);
    }

    @Test
    void tokensAreCountedForEachRow() throws IOException {
        Run run = run("tokens", drawn.boxes(), true);
        assertThat(run.describe()).isZero();
        assertThat(run.rows()).allMatch(it -> it.path("tokens").asInt() <= 8 && it.has("tokens"));
    }

    @Test
    void batchLinesGetWholeAnswers() throws IOException {
        Run local = run("batch", drawn.batch(), true);
        Run remote = run("batch", drawn.batch(), false);
        assertThat(local.describe() + remote.describe()).isZero();
        assertThat(texts(local)).hasSize(12).isEqualTo(texts(remote));
        JsonNode body = local.rows().getFirst().path("response").path("body");
        assertThat(body.path("usage").path("completion_tokens").asInt()).isPositive();
    }

    private static Map<String, String> texts(Run run) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        run.rows()
                .forEach(it -> texts.put(
                        it.path("custom_id").asString(),
                        it.path("response").path("body").path("choices").toString()));
        return texts;
    }

    @Test
    void errorsAreTheSameAndCostTheOthersNothing() throws IOException {
        Path input = folder.resolve("errors.jsonl");
        Files.writeString(input, """
                {"id": "good", "image": "00000.png", "bbox": [1, 1, 20, 20]}
                {"id": "outside", "image": "00000.png", "bbox": [1, 1, 2000, 20]}
                {"id": "empty", "image": "00000.png", "segmentation": {"size": [64, 96], "counts": [6144]}}
                {"id": "size", "image": "00000.png", "segmentation": {"size": [3, 3], "counts": [4, 5]}}
                {"id": "odd", "image": "00000.png", "segmentation": [[1, 1, 20, 1, 20, 20, 1]]}
                {"id": "alpha", "image": "00000.png"}
                {"id": "text", "image": "text.png", "bbox": [1, 1, 20, 20]}
                """);
        Files.writeString(drawn.images().resolve("text.png"), "This is no picture");
        Run local = run("errors", input, true);
        Run remote = run("errors", input, false);
        assertThat(local.describe() + remote.describe()).isZero();
        assertThat(Run.ids(local.rows())).containsExactly("good");
        assertThat(problems(local)).isEqualTo(problems(remote));
        assertThat(problems(local))
                .hasSize(6)
                .containsEntry("empty", "invalid_region: rle: The region covers no pixel")
                .hasEntrySatisfying(
                        "alpha",
                        it -> assertThat(it)
                                .startsWith("missing_mask: The picture has no mask in alpha")
                                .contains("{\"whole\": true}"))
                .hasEntrySatisfying("text", it -> assertThat(it).startsWith("invalid_image: "));
    }

    private static Map<String, String> problems(Run run) throws IOException {
        Map<String, String> problems = new TreeMap<>();
        run.errors()
                .forEach(it -> problems.put(
                        it.path("id").asString(),
                        it.path("error").path("code").asString() + ": "
                                + it.path("error").path("message").asString()));
        return problems;
    }
}
