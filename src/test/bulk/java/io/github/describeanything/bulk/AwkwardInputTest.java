package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.row.Lines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and folders as people have them, and options that are wrong for every row. */
class AwkwardInputTest extends DrawnRowsTest {
    private static final String MARK = "\uFEFF";

    private Run run(Path input, String... more) {
        return run("rows", input, more);
    }

    private void assertRefused(Path... inputs) throws IOException {
        for (Path input : inputs) {
            Run run = run(input);
            assertThat(run.describe()).isEqualTo(2);
            assertThat(run.output).isEmptyFile();
            assertThat(server.requests).isEmpty();
        }
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static Map<String, String> codes(Run run) throws IOException {
        Map<String, String> codes = new TreeMap<>();
        run.errors()
                .forEach(it -> codes.put(
                        it.path("id").asString(), it.path("error").path("code").asString()));
        return codes;
    }

    @Test
    void linesMayEndAsOnWindowsAndBeginWithAByteOrderMark() throws IOException {
        Run rows =
                run(write("rows.jsonl", MARK + Files.readString(drawn.boxes()).replace("\n", "\r\n")));
        assertThat(rows.describe()).isZero();
        assertThat(rows.rows()).hasSize(6);
        Files.delete(rows.output);
        Run batch =
                run(write("batch.jsonl", MARK + Files.readString(drawn.batch()).replace("\n", "\r\n")));
        assertThat(batch.describe()).isZero();
        assertThat(batch.rows()).hasSize(6).allMatch(it -> it.has("custom_id"));
    }

    @Test
    void cocoMayBeginWithAByteOrderMarkAndNamePicturesInAnyScript() throws IOException {
        Files.move(drawn.images().resolve("00000.png"), drawn.images().resolve("グラフ é.png"));
        String coco = Files.readString(drawn.coco()).replace("00000.png", "グラフ é.png");
        Path captioned = folder.resolve("new/captioned.json");
        Run run = run(write("mark.JSON", MARK + coco), "--coco", captioned.toString());
        assertThat(run.describe()).isZero();
        assertThat(run.rows()).hasSize(6);
        assertThat(Lines.JSON
                        .readTree(Files.readAllBytes(captioned))
                        .path("annotations")
                        .valueStream())
                .hasSize(6)
                .allMatch(it -> it.has("caption"));
    }

    @Test
    void theScriptOpensSuchPicturesInAnyLocale() throws Exception {
        Files.copy(drawn.images().resolve("00000.png"), drawn.images().resolve("グラフ é.png"));
        Path input = write("rows.jsonl", "{\"id\": 1, \"image\": \"グラフ é.png\", \"bbox\": [1, 1, 20, 20]}\n");
        Run run = run(input);
        List<String> command = run.command("scripts/describe");
        var script = new ProcessBuilder(command).redirectErrorStream(true);
        script.environment().keySet().removeIf(it -> it.startsWith("LC_") || it.equals("LANG"));
        script.environment()
                .put(
                        "DAM_BULK_CLASSPATH",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        Process process = script.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        assertThat(run.errors()).isEmpty();
        assertThat(run.rows()).hasSize(1);
    }

    @Test
    void aNameThatNoFileCanHaveIsAnErrorRow() throws IOException {
        Path input = write("rows.jsonl", """
                {"id": "picture", "image": "nul\\u0000.png", "bbox": [1, 1, 20, 20]}
                {"id": "mask", "image": "00000.png", "region": {"mask": "nul\\u0000.png"}}
                {"id": "good", "image": "00000.png", "bbox": [1, 1, 20, 20]}
                """);
        Run run = run(input);
        assertThat(run.describe()).isZero();
        assertThat(Run.ids(run.rows())).containsExactly("good");
        assertThat(codes(run)).isEqualTo(Map.of("picture", "missing_image", "mask", "missing_mask"));
    }

    @Test
    void linesOfJsonInAFileOfAnotherNameAreNotTakenForCoco() throws IOException {
        Path input = Files.copy(drawn.boxes(), folder.resolve("rows.json"));
        Run run = run(input);
        assertThat(run.describe()).isEqualTo(2);
        assertThat(server.requests).isEmpty();
        assertThat(run(input, "--from", "rows").describe()).isZero();
        assertThat(run.rows()).hasSize(6);
        assertThat(run(write("other.json", "{\"images\": []}")).describe()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rows", "batch"})
    void aLineThatDoesNotFitIsAnErrorRow(String format) throws Exception {
        String line = format.equals("rows")
                ? "{\"id\": \"%s\", \"image\": \"00000.png\", \"bbox\": [1, 1, 20, 20], \"note\": \"%s\"}\n"
                : "{\"custom_id\": \"%s\", \"url\": \"/v1/chat/completions\", \"body\": {\"user\": \"%s\"}}\n";
        String tooLong = "x".repeat(17 << 20);
        Path input =
                write("rows.jsonl", line.formatted("a", "") + line.formatted("b", tooLong) + line.formatted("c", ""));
        Run run = run(input);
        ProcessBuilder process = run.process("describe");
        process.command().set(process.command().indexOf("-Xmx1g"), "-Xmx256m");
        assertThat(process.redirectOutput(folder.resolve("log.txt").toFile())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(run.rows()).hasSize(2);
        assertThat(run.errors())
                .hasSize(1)
                .allMatch(it -> it.path("error").path("code").asString().equals("line_too_long"));
    }

    @Test
    void foldersMayBeLinksAndHoldOtherFiles() throws IOException {
        drawn.alpha();
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        Files.writeString(pictures.resolve("settings.json"), "{\"version\": 1}");
        Files.createSymbolicLink(pictures.resolve("link"), folder.resolve("alpha"));
        Path linked = Files.createSymbolicLink(folder.resolve("linked"), pictures);
        Run run = run(linked);
        assertThat(run.describe()).isZero();
        assertThat(Run.ids(run.rows())).hasSize(6).contains("link/0/0.png");
    }

    @Test
    void whatIsNoPictureSaysSo() throws IOException {
        Files.createDirectory(drawn.images().resolve("folder"));
        Files.createFile(drawn.images().resolve("empty.png"));
        Run run = run(write("rows.jsonl", """
                {"id": "folder", "image": "folder", "bbox": [1, 1, 20, 20]}
                {"id": "empty", "image": "empty.png", "bbox": [1, 1, 20, 20]}
                {"id": "good", "image": "00000.png", "bbox": [1, 1, 20, 20]}
                """));
        assertThat(run.describe()).isZero();
        assertThat(codes(run)).isEqualTo(Map.of("folder", "missing_image", "empty", "invalid_image"));
        assertThat(run.errors())
                .anyMatch(it -> it.path("error").path("message").asString().contains("images/folder cannot be read"));
    }

    @Test
    void aFolderIsNotItsOwnFolderOfMasks() throws IOException {
        Run run = run(drawn.images(), "--masks", drawn.images().toString());
        assertThat(run.describe()).isEqualTo(2);
        assertThat(run.output).doesNotExist();
    }

    @Test
    void aFolderWithoutPicturesIsRefused() throws IOException {
        assertThat(run(Files.createDirectory(folder.resolve("empty"))).describe())
                .isEqualTo(2);
    }

    @Test
    void filesWithoutOneRowAreRefused() throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(Files.readAllBytes(drawn.boxes()));
        }
        Path zipped = Files.write(folder.resolve("rows.jsonl.gz"), packed.toByteArray());
        Path table = write("rows.csv", "id,image\n1,00000.png\n2,00001.png\n");
        assertRefused(zipped, table);
    }

    @Test
    void aFolderAroundACocoFileAndASinglePictureOfSegmentAnythingAreRefused() throws IOException {
        Path benchmark = Files.createDirectory(folder.resolve("benchmark"));
        Files.copy(drawn.coco(), benchmark.resolve("annotations.json"));
        Path picture = Files.copy(drawn.segmentAnything().resolve("00000.json"), folder.resolve("one.json"));
        assertRefused(benchmark, picture);
    }

    @Test
    void anEmptyFileOfSegmentAnythingIsAnErrorRow() throws IOException {
        Files.writeString(drawn.segmentAnything().resolve("00000.json"), "");
        Run run = run(folder.resolve("sa1b"));
        assertThat(run.describe()).isZero();
        assertThat(run.rows()).hasSize(3);
        assertThat(codes(run)).isEqualTo(Map.of("00000", "invalid_json"));
    }

    @Test
    void idsThatAreNullCountAsNoneAndSoDoEmptyPolygons() throws IOException {
        Run run = run(
                write("odd.json", """
                {"images": [{"id": 1, "file_name": "00000.png"}],
                 "annotations": [{"id": null, "image_id": 1, "segmentation": [[]], "bbox": [1, 1, 20, 20]},
                                 {"id": null, "image_id": 1, "segmentation": [[], []], "bbox": [2, 2, 20, 20]}]}
                """),
                "--coco",
                folder.resolve("captioned.json").toString());
        assertThat(run.describe()).isZero();
        assertThat(Run.ids(run.rows())).containsExactly("annotations[0]", "annotations[1]");
        assertThat(run.rows()).allMatch(it -> it.path("region").has("box"));
        assertThat(Lines.JSON
                        .readTree(folder.resolve("captioned.json").toFile())
                        .path("annotations")
                        .valueStream())
                .allMatch(it -> it.has("caption"));
    }

    @Test
    void filesOfOthersAreNotTakenForAnOutput() throws IOException {
        Path input = drawn.boxes();
        String rows = Files.readString(input).strip();
        Files.writeString(input, rows);
        for (Path victim : List.of(input, Files.copy(drawn.coco(), folder.resolve("precious.json")))) {
            String before = Files.readString(victim);
            assertThat(run(input, "--output", victim.toString()).describe()).isEqualTo(2);
            assertThat(Files.readString(victim)).isEqualTo(before);
        }
        assertThat(server.requests).isEmpty();
    }

    @Test
    void anOutputGoesOnInItsOwnForm() throws IOException {
        Run rows = run(drawn.boxes());
        Run batch = run(drawn.boxes(), "--openai");
        for (List<Run> both : List.of(List.of(rows, batch), List.of(batch, rows))) {
            assertThat(both.getFirst().describe()).isZero();
            String written = Files.readString(rows.output);
            assertThat(both.getLast().describe()).isEqualTo(2);
            assertThat(Files.readString(rows.output)).isEqualTo(written);
            assertThat(both.getFirst().describe()).isZero();
            Files.delete(rows.output);
        }
    }

    @Test
    void rowsAndErrorsNeedTwoFiles() throws IOException {
        Run run = run(
                drawn.boxes(),
                "--errors",
                folder.resolve("out/../out/rows.jsonl").toString());
        assertThat(run.describe()).isEqualTo(2);
        assertThat(run.output).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--shard=3/2",
                "--limit=-1",
                "--images=nowhere",
                "--masks=nowhere",
                "--url=localhost:8000",
                "--model=here"
            })
    void wrongOptionsAreRefusedBeforeAnythingIsWritten(String option) throws IOException {
        Run run = run(drawn.boxes(), option);
        assertThat(run.describe()).isEqualTo(2);
        assertThat(run.output).doesNotExist();
    }

    @Test
    void anOptionThatTheModelRefusesStopsTheJob() throws IOException {
        try (var refusing = new StubServer((number, body) -> StubServer.Answer.of(
                400,
                "{\"error\": {\"message\": \"temperature must be between 0 and 2\", \"param\": \"temperature\"}}"))) {
            var run = new Run(
                    folder,
                    "rows",
                    drawn.boxes(),
                    "--images",
                    drawn.images().toString(),
                    "--url",
                    refusing.url(),
                    "--temperature",
                    "7");
            assertThat(run.describe()).isEqualTo(1);
            assertThat(run.errors()).isEmpty();
        }
    }
}
