package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.StubServer.Answer;
import io.github.describeanything.bulk.row.Lines;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The stages of the data pipeline, against stubs of the models. */
class SdpTest {
    private static final int PICTURES = 4;
    private static final int REGIONS = 3;

    @TempDir
    Path folder;

    private DrawnDataset drawn;

    @BeforeEach
    void draw() throws IOException {
        drawn = new DrawnDataset(folder, PICTURES, REGIONS);
    }

    private static Answer saying(String text) {
        ObjectNode answer = Lines.object().put("model", "stub");
        answer.putArray("choices")
                .addObject()
                .put("index", 0)
                .putObject("message")
                .put("content", text);
        return Answer.of(200, answer.toString());
    }

    private static String textOf(JsonNode body) {
        JsonNode content = body.path("messages").get(0).path("content");
        return content.get(content.size() - 1).path("text").asString();
    }

    @Test
    void theStagesFollowEachOther() throws IOException {
        try (var vision = new StubServer((number, body) -> saying(
                        "A " + (textOf(body).contains("a red ") ? "red" : "cold") + " rectangle with sharp corners"));
                var dam = StubServer.describing();
                var language =
                        new StubServer((number, body) -> saying("Sure: {\"phrase\": \"a rectangle\", \"sentence\": \""
                                + textOf(body).lines().skip(2).findFirst().orElse("") + ".\"}"))) {
            String images = drawn.images().toString();
            var expanded = new Run(folder, "expanded", drawn.boxes(), "--images", images, "--url", vision.url());
            assertThat(expanded.run("expand")).isZero();
            assertThat(expanded.rows())
                    .allSatisfy(it -> assertThat(it.path("caption").asString())
                            .startsWith(it.path("category").asString().equals("red") ? "A red" : "A cold"));

            var kept = new Run(folder, "kept", expanded.output);
            assertThat(Bulk.run(
                            "keep",
                            "--input",
                            expanded.output.toString(),
                            "--output",
                            kept.output.toString(),
                            "--min",
                            "score=0.2",
                            "--per-picture",
                            "1",
                            "--rank",
                            "score"))
                    .isZero();
            assertThat(kept.rows()).hasSize(PICTURES * REGIONS).allMatch(it -> it.has("score"));
            assertThat(kept.rows().stream().filter(it -> it.path("kept").asBoolean()))
                    .hasSize(PICTURES)
                    .allMatch(it -> it.path("score").asDouble() == 0.5);
            Map<String, Long> reasons = kept.rows().stream()
                    .map(it -> it.path("reason").asString(""))
                    .collect(Collectors.groupingBy(it -> it, Collectors.counting()));
            assertThat(reasons).isEqualTo(Map.of("", 4L, "score 0.0 < 0.2", 4L, "1 better rows on the picture", 4L));

            var described = new Run(folder, "described", kept.output, "--images", images, "--kept", "--url", dam.url());
            assertThat(described.describe()).isZero();
            assertThat(described.rows())
                    .hasSize(PICTURES)
                    .allMatch(it -> it.path("score").asDouble() == 0.5);

            var condensed = new Run(folder, "condensed", described.output, "--url", language.url());
            assertThat(condensed.run("condense")).isZero();
            assertThat(Run.ids(condensed.rows())).containsExactlyInAnyOrder("1002", "2002", "3002", "4002");
            assertThat(condensed.rows()).allSatisfy(it -> {
                assertThat(it.path("phrase").asString()).isEqualTo("a rectangle");
                assertThat(it.path("sentence").asString())
                        .isEqualTo(it.path("caption").asString() + ".");
            });

            // A second run sends no requests.
            int asked = vision.requests.size() + dam.requests.size() + language.requests.size();
            assertThat(expanded.run("expand") + described.describe() + condensed.run("condense"))
                    .isZero();
            assertThat(vision.requests.size() + dam.requests.size() + language.requests.size())
                    .isEqualTo(asked);
        }
    }

    @Test
    void aStageGoesOnWhereItEnded() throws IOException {
        try (var vision = new StubServer((number, body) -> saying("A rectangle"))) {
            var run = new Run(
                    folder,
                    "rows",
                    drawn.boxes(),
                    "--images",
                    drawn.images().toString(),
                    "--url",
                    vision.url(),
                    "--in-flight",
                    "1",
                    "--limit",
                    "5");
            assertThat(run.run("expand")).isZero();
            assertThat(run.rows()).hasSize(5);
            var rest = new Run(
                    folder, "rows", drawn.boxes(), "--images", drawn.images().toString(), "--url", vision.url());
            assertThat(rest.run("expand")).isZero();
            assertThat(Run.ids(rest.rows())).hasSize(PICTURES * REGIONS).doesNotHaveDuplicates();
            assertThat(vision.requests).hasSize(PICTURES * REGIONS);
        }
    }

    @Test
    void theVisionModelGetsTheCropAndTheCropBlanked() throws IOException {
        try (var vision = new StubServer((number, body) -> saying("A rectangle"))) {
            var run = new Run(
                    folder,
                    "rows",
                    drawn.boxes(),
                    "--images",
                    drawn.images().toString(),
                    "--url",
                    vision.url(),
                    "--limit",
                    "1",
                    "--blank",
                    "00ff00");
            assertThat(run.run("expand")).isZero();
            JsonNode content =
                    vision.requests.getFirst().path("messages").get(0).path("content");
            BufferedImage whole = picture(content.get(0));
            BufferedImage blanked = picture(content.get(1));
            assertThat(whole.getWidth()).isEqualTo(blanked.getWidth());
            DrawnDataset.Rectangle region = drawn.rectangles(0).getFirst();
            int inside = 0;
            for (int y = 0; y < whole.getHeight(); y++) {
                for (int x = 0; x < whole.getWidth(); x++) {
                    boolean blank = blanked.getRGB(x, y) == 0xFF00FF00;
                    inside += blank ? 0 : 1;
                    assertThat(blank || blanked.getRGB(x, y) == whole.getRGB(x, y))
                            .isTrue();
                }
            }
            assertThat(inside).isEqualTo((region.x1() - region.x0()) * (region.y1() - region.y0()));
        }
    }

    private static BufferedImage picture(JsonNode part) throws IOException {
        String url = part.path("image_url").path("url").asString();
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1))));
    }

    @Test
    void anAnswerThatIsNoJsonIsAskedForAgain() throws IOException {
        Path rows = folder.resolve("captions.jsonl");
        Files.writeString(rows, """
                {"id": 1, "image": "a.png", "caption": "A cat"}
                {"id": 2, "image": "a.png", "caption": "A dog"}
                {"id": 3, "image": "a.png"}
                """);
        try (var language = new StubServer((number, body) -> textOf(body).contains("A dog")
                ? saying("I cannot do that")
                : saying(number < 2 ? "{\"phrase\": " : "{\"phrase\": \"a cat\", \"sentence\": \"A cat.\"}"))) {
            var run = new Run(folder, "rows", rows, "--url", language.url(), "--ordered", "--in-flight", "1");
            assertThat(run.run("condense")).isZero();
            assertThat(Run.ids(run.rows())).containsExactly("1");
            assertThat(run.errors().stream()
                            .map(it -> it.path("error").path("code").asString()))
                    .isEqualTo(List.of("invalid_answer", "missing_caption"));
            assertThat(language.requests).hasSize(6);
            assertThat(language.requests.stream().map(it -> it.path("seed")).distinct())
                    .hasSize(6);
        }
    }

    @Test
    void aMovedThresholdNeedsNoNewScores() throws IOException {
        Path rows = drawn.boxes();
        Path output = folder.resolve("kept.jsonl");
        for (String least : List.of("0.5", "0.1")) {
            Bulk.run("keep", "--input", rows.toString(), "--output", output.toString(), "--min", "score=" + least);
            rows = folder.resolve("again.jsonl");
            Files.copy(output, rows, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(Run.read(output).stream().filter(it -> it.path("kept").asBoolean()))
                .hasSize(2 * PICTURES);
        assertThat(Run.read(output)).noneMatch(it -> it.path("kept").asBoolean() && it.has("reason"));
    }

    @Test
    void onePictureKeepsDifferentCategories() throws IOException {
        Path rows = folder.resolve("rows.jsonl");
        Files.writeString(rows, """
                {"id": 1, "image": "a.png", "category": "cat", "s": 0.5}
                {"id": 2, "image": "a.png", "category": "cat", "s": 0.9}
                {"id": 3, "image": "a.png", "category": "dog", "s": 0.4}
                {"id": 4, "image": "a.png", "category": "cup", "s": 0.3}
                {"id": 5, "image": "b.png", "category": "cup"}
                """);
        Path output = folder.resolve("kept.jsonl");
        Bulk.run(
                "keep",
                "--input",
                rows.toString(),
                "--output",
                output.toString(),
                "--min",
                "s=0.1",
                "--rank",
                "s",
                "--distinct",
                "category",
                "--per-picture",
                "2");
        Map<String, String> reasons = Run.read(output).stream()
                .collect(Collectors.toMap(
                        it -> it.path("id").asString(), it -> it.path("reason").asString("")));
        assertThat(reasons)
                .isEqualTo(Map.of(
                        "1", "a better row has the same category",
                        "2", "",
                        "3", "",
                        "4", "2 better rows on the picture",
                        "5", "no s"));
    }
}
