package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.row.Lines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a row carries from the input to the outputs. */
class FieldsTest extends DrawnRowsTest {
    private JsonNode described(String row) throws IOException {
        Path input = Files.writeString(folder.resolve("rows.jsonl"), row + "\n");
        Run run = run("rows", input);
        assertThat(run.describe()).isZero();
        assertThat(run.rows()).hasSize(1);
        return run.rows().getFirst();
    }

    @Test
    void fieldsThatAreNoRegionAndNoPictureStayAsTheyAre() throws IOException {
        JsonNode row = described("""
                {"id": 7, "image": "00000.png", "bbox": [1, 1, 20, 20], "ann_id": 3, "tags": ["a", null], "é": {"b": 1.5}}\
                """);
        assertThat(row.path("ann_id").isInt()).isTrue();
        assertThat(row.path("tags").toString()).isEqualTo("[\"a\",null]");
        assertThat(row.path("é").toString()).isEqualTo("{\"b\":1.5}");
        assertThat(row.path("bbox").size()).isEqualTo(4);
    }

    @Test
    void nothingOfAnEarlierRunIsTakenForThisOnes() throws IOException {
        JsonNode row = described("""
                {"id": 7, "image": "00000.png", "bbox": [1, 1, 20, 20], "caption": "old", "model": "old", "prompt": "Why?",\
                 "finish_reason": "length", "tokens": 99, "error": {"code": "missing_image", "message": "gone"}}\
                """);
        assertThat(row.path("caption").asString()).startsWith("region ");
        assertThat(row.path("model").asString()).isEqualTo("stub");
        assertThat(row.path("finish_reason").asString()).isEqualTo("stop");
        assertThat(row.path("tokens").asInt()).isEqualTo(3);
        assertThat(row.has("prompt")).isFalse();
        assertThat(row.has("error")).isFalse();
    }

    @Test
    void errorRowsAreAnInputAgain() throws IOException {
        Path gone = drawn.images().resolve("00001.png");
        byte[] picture = Files.readAllBytes(gone);
        Files.delete(gone);
        Run run = run("rows", drawn.coco());
        assertThat(run.describe()).isZero();
        assertThat(run.errors()).hasSize(3);
        Files.write(gone, picture);
        Run again = run("again", run.errorFile());
        assertThat(again.describe()).isZero();
        assertThat(again.errors()).isEmpty();
        assertThat(again.rows()).hasSize(3).noneMatch(it -> it.has("error"));
    }

    @Test
    void thePublishedLayoutKeepsItsIds() throws IOException {
        Path written = folder.resolve("written");
        assertThat(run("first", drawn.described(), "--dam", written.toString()).describe())
                .isZero();
        JsonNode before = annotations(folder.resolve("dam"));
        JsonNode after = annotations(written);
        assertThat(List.copyOf(after.propertyNames())).isEqualTo(List.copyOf(before.propertyNames()));
        assertThat(after.path("picture1").get(2).path("ann_id")).isEqualTo(Lines.JSON.readTree("2"));
    }

    @Test
    void thePublishedLayoutHasAPictureOnceInWhateverOrderRowsAreWritten() throws IOException {
        Path input = folder.resolve("rows.jsonl");
        var lines = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            lines.append("{\"id\": %d, \"image\": \"%s\", \"bbox\": [%d, 1, 20, 20]}\n"
                    .formatted(i, DrawnDataset.name(i % 2), i + 1));
        }
        Files.writeString(input, lines);
        Path written = folder.resolve("written");
        Run run = run("rows", input, "--ordered", "--dam", written.toString());
        assertThat(run.describe()).isZero();
        assertThat(Run.ids(run.rows())).containsExactly("0", "1", "2", "3", "4", "5");
        JsonNode annotations = annotations(written);
        assertThat(annotations.size()).isEqualTo(2);
        assertThat(annotations.valueStream()).allMatch(it -> it.size() == 3);
    }

    private static JsonNode annotations(Path described) throws IOException {
        return Lines.JSON.readTree(Files.readAllBytes(described.resolve("annotations.json")));
    }
}
