package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.row.Lines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every format is read to the same regions, and what cannot be read is an error row. */
class FormatsTest {
    private static final int PICTURES = 4;
    private static final int REGIONS = 5;
    private static final int ROWS = PICTURES * REGIONS;

    @TempDir
    Path folder;

    private StubServer server;
    private DrawnDataset drawn;

    @BeforeEach
    void start() throws IOException {
        server = StubServer.describing();
        drawn = new DrawnDataset(folder, PICTURES, REGIONS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int describe(Path input, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "describe",
                "--input",
                input.toString(),
                "--images",
                drawn.images().toString(),
                "--output",
                output().toString(),
                "--url",
                server.url(),
                "--progress",
                "0",
                "--retries",
                "0"));
        arguments.addAll(Arrays.asList(more));
        return Bulk.run(arguments.toArray(String[]::new));
    }

    private Path output() {
        return folder.resolve("out/rows.jsonl");
    }

    private List<JsonNode> rows() throws IOException {
        return lines(output());
    }

    private List<JsonNode> errors() throws IOException {
        return lines(folder.resolve("out/rows.errors.jsonl"));
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(it -> (JsonNode) Lines.JSON.readTree(it))
                .toList();
    }

    private static Map<String, String> errorCodes(List<JsonNode> errors) {
        Map<String, String> codes = new TreeMap<>();
        errors.forEach(it -> codes.put(
                it.path("id").asString(), it.path("error").path("code").asString()));
        return codes;
    }

    private List<String> ids() throws IOException {
        return rows().stream().map(it -> it.path("id").asString()).sorted().toList();
    }

    private static List<String> allIds() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < PICTURES; i++) {
            for (int j = 0; j < REGIONS; j++) {
                ids.add(Long.toString(DrawnDataset.id(i, j)));
            }
        }
        return ids.stream().sorted().toList();
    }

    @Test
    void cocoHasPolygonsCountsAndBoxes() throws IOException {
        assertThat(describe(drawn.coco())).isZero();
        assertThat(ids()).isEqualTo(allIds());
        // One request a picture.
        assertThat(server.requests).hasSize(PICTURES);
        JsonNode regions = server.requests.getFirst().path("regions");
        assertThat(regions.size()).isEqualTo(REGIONS);
        assertThat(regions.get(0).has("polygon")).isTrue();
        assertThat(regions.get(1).path("rle").path("counts").isArray()).isTrue();
        assertThat(regions.get(2).has("box")).isTrue();
        DrawnDataset.Rectangle third = drawn.rectangles(0).get(2);
        JsonNode row = rows().stream()
                .filter(it -> it.path("id").asInt() == 1002)
                .findFirst()
                .orElseThrow();
        assertThat(row.path("region").path("box").toString())
                .isEqualTo("[%d.0,%d.0,%d.0,%d.0]".formatted(third.x0(), third.y0(), third.x1(), third.y1()));
        assertThat(row.path("category").asString()).endsWith("_(shape)");
        assertThat(row.path("caption").asString()).startsWith("region ");
        assertThat(row.path("finish_reason").asString()).isEqualTo("stop");
        assertThat(row.path("model").asString()).isEqualTo("stub");
    }

    @Test
    void lvisNamesPicturesByTheEndOfTheirAddress() throws IOException {
        assertThat(describe(drawn.lvis())).isZero();
        assertThat(ids()).isEqualTo(allIds());
        assertThat(rows().getFirst().path("image").asString()).startsWith("train2017/0000");
    }

    @Test
    void segmentAnythingKeepsItsScores() throws IOException {
        assertThat(describe(drawn.segmentAnything())).isZero();
        assertThat(ids()).isEqualTo(allIds());
        assertThat(rows()).allMatch(it -> it.path("stability_score").asDouble() == 0.95);
    }

    @Test
    void ospreysPicturesHaveListsOfRegions() throws IOException {
        assertThat(describe(drawn.osprey())).isZero();
        assertThat(ids()).hasSize(ROWS).contains("0:0", "3:4");
        assertThat(rows()).allMatch(it -> it.has("category"));
    }

    @Test
    void rowsWithBoxes() throws IOException {
        assertThat(describe(drawn.boxes())).isZero();
        assertThat(ids()).isEqualTo(allIds());
        assertThat(server.requests).hasSize(PICTURES);
    }

    @Test
    void finishedRowsAreAnInputAgain() throws IOException {
        describe(drawn.boxes());
        Path first = folder.resolve("first.jsonl");
        Files.move(output(), first);
        assertThat(describe(first)).isZero();
        assertThat(ids()).isEqualTo(allIds());
    }

    @Test
    void thePublishedLayoutIsReadFromItsTarFiles() throws IOException {
        assertThat(describe(drawn.described())).isZero();
        assertThat(ids()).hasSize(ROWS).contains("picture0/0", "picture3/4");
        assertThat(server.requests).hasSize(PICTURES);
    }

    @Test
    void picturesWithAlphaAreRowsOfTheirOwn() throws IOException {
        assertThat(describe(drawn.alpha())).isZero();
        assertThat(ids()).hasSize(ROWS).contains("0/0.png", "3/4.png");
        assertThat(server.requests).hasSize(ROWS).noneMatch(it -> it.has("regions"));
    }

    @Test
    void masksLieInAFolderOfTheirOwn() throws IOException {
        assertThat(describe(drawn.images(), "--masks", drawn.masks().toString()))
                .isZero();
        assertThat(ids()).hasSize(ROWS).contains("00000/0.png", "00003/4.png");
        assertThat(server.requests
                        .getFirst()
                        .path("regions")
                        .get(0)
                        .path("mask")
                        .asString())
                .startsWith("data:image/png;base64,");
        assertThat(rows().getFirst().path("region").path("mask").asString()).matches("0000\\d/\\d.png");
    }

    @Test
    void batchLinesAreSentAsTheyAre() throws IOException {
        assertThat(describe(drawn.batch())).isZero();
        List<JsonNode> rows = rows();
        assertThat(rows).hasSize(ROWS).allMatch(it -> it.path("error").isNull());
        assertThat(rows.getFirst().path("response").path("status_code").asInt()).isEqualTo(200);
        assertThat(rows.stream().map(it -> it.path("custom_id").asString()))
                .contains("region-1000")
                .doesNotHaveDuplicates();
        assertThat(server.requests).allMatch(it -> it.path("max_tokens").asInt() == 16 && it.has("seed"));
    }

    @Test
    void otherInputsBecomeABatchOutputToo() throws IOException {
        assertThat(describe(drawn.coco(), "--openai")).isZero();
        JsonNode body = rows().getFirst().path("response").path("body");
        assertThat(body.path("choices").size()).isEqualTo(1);
        assertThat(body.path("choices").get(0).path("index").asInt()).isZero();
    }

    @Test
    void cocoIsWrittenAgainWithCaptions() throws IOException {
        Path input = drawn.coco();
        Path captioned = folder.resolve("captioned.json");
        assertThat(describe(input, "--coco", captioned.toString())).isZero();
        JsonNode coco = Lines.JSON.readTree(Files.readAllBytes(captioned));
        assertThat(coco.path("annotations").valueStream())
                .hasSize(ROWS)
                .allMatch(it -> it.path("caption").asString().startsWith("region "));
        assertThat(Files.readString(captioned).replaceAll(", \"caption\": \"region -?\\d+\"", ""))
                .isEqualTo(Files.readString(input));
    }

    @Test
    void thePublishedLayoutIsWrittenAndReadAgain() throws IOException {
        Path written = folder.resolve("written");
        assertThat(describe(drawn.coco(), "--dam", written.toString())).isZero();
        Files.move(output(), folder.resolve("first.jsonl"));
        server.requests.clear();
        assertThat(describe(written)).isZero();
        assertThat(rows()).hasSize(ROWS);
        assertThat(server.requests).hasSize(PICTURES);
        // The polygon of the first region has become its run lengths.
        DrawnDataset.Rectangle first = drawn.rectangles(0).getFirst();
        JsonNode rle = server.requests.stream()
                .map(it -> it.path("regions").get(0).path("rle"))
                .filter(it -> it.path("counts").asString("").equals(Runs.compressed(first)))
                .findFirst()
                .orElseThrow();
        assertThat(rle.path("size").toString()).isEqualTo("[64,96]");
    }

    @Test
    void whatIsBrokenIsAnErrorRowAndStopsNothing() throws IOException {
        Path input = folder.resolve("broken.jsonl");
        Files.writeString(input, """
                {"id": "good", "image": "00000.png", "bbox": [1, 1, 20, 20]}
                {"id": "gone", "image": "nowhere.png", "bbox": [1, 1, 20, 20]}
                {"id": "cut", "image": "0000
                {"id": "empty", "image": "00000.png", "segmentation": []}
                {"id": "short", "image": "00000.png", "bbox": [1, 1, 20]}
                {"id": "nothing", "bbox": [1, 1, 20, 20]}
                17
                {"id": "mask", "image": "00001.png", "region": {"mask": "nowhere.png"}}
                {"id": "fine", "image": "00001.png", "segmentation": [[1, 1, 20, 1, 20, 20]]}
                """);
        assertThat(describe(input)).isZero();
        assertThat(new TreeSet<>(ids())).containsExactly("fine", "good");
        assertThat(errorCodes(errors()))
                .isEqualTo(Map.of(
                        "gone", "missing_image",
                        "row 2", "invalid_json",
                        "empty", "missing_region",
                        "short", "missing_region",
                        "nothing", "missing_image",
                        "row 6", "invalid_json",
                        "mask", "missing_mask"));
    }

    @Test
    void brokenBatchLinesAreErrorRows() throws IOException {
        Path input = folder.resolve("broken.jsonl");
        Files.writeString(input, Files.readString(drawn.batch()) + "{\"custom_id\": \"x\"}\n{\"custom\n");
        assertThat(describe(input)).isZero();
        assertThat(rows()).hasSize(ROWS);
        assertThat(errors().stream()
                        .map(it -> it.path("custom_id").asString() + " "
                                + it.path("error").path("code").asString()))
                .containsExactlyInAnyOrder("x invalid_line", "line 22 invalid_json");
    }

    @Test
    void annotationsWithoutPictureAreErrorRows() throws IOException {
        Path input = folder.resolve("lost.json");
        Files.writeString(input, """
                {"annotations": [{"id": 1, "image_id": 9, "bbox": [1, 1, 5, 5]},
                                 {"image_id": 2, "segmentation": [], "bbox": [1, 1, 5, 5]},
                                 {"id": 3, "image_id": 2}],
                 "images": [{"id": 2, "file_name": "00000.png"}]}
                """);
        assertThat(describe(input)).isZero();
        assertThat(ids()).containsExactly("annotations[1]");
        assertThat(errorCodes(errors())).isEqualTo(Map.of("1", "missing_image", "3", "missing_region"));
    }

    @Test
    void aFileThatIsCutOffIsRefusedBeforeAnyWork() throws IOException {
        Path coco = drawn.coco();
        Path cut = folder.resolve("cut.json");
        Files.writeString(cut, Files.readString(coco).substring(0, 900));
        assertThat(describe(cut)).isEqualTo(2);
        assertThat(server.requests).isEmpty();
    }

    @Test
    void twoRowsOfOneIdAreRefusedBeforeAnyWork() throws IOException {
        Path input = folder.resolve("twice.jsonl");
        String row = "{\"id\": 7, \"image\": \"00000.png\", \"bbox\": [1, 1, 20, 20]}\n";
        Files.writeString(input, row + row);
        assertThat(describe(input)).isEqualTo(2);
        assertThat(server.requests).isEmpty();
    }
}
