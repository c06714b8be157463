package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.input.Format;
import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.output.CompressedRuns;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.RegionMasks;
import io.github.describeanything.bulk.row.Row;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.errors.ApiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** COCO and LVIS files give the masks that pycocotools makes of them; make_coco.py made the files and those masks. */
class PycocotoolsTest {
    private static final Path RESOURCES = Path.of("src/test/bulk/resources");
    private static final Map<Integer, int[]> SIZES =
            Map.of(0, new int[] {64, 48}, 1, new int[] {37, 91}, 2, new int[] {120, 80});

    @ParameterizedTest
    @ValueSource(strings = {"coco", "lvis"})
    void masksAreThoseOfPycocotools(String name) throws IOException {
        Path file = RESOURCES.resolve(name + ".json");
        Input input = Format.COCO.open(new Format.Dataset(file, Optional.empty(), Optional.empty(), false));
        var keys = new TreeMap<String, String>();
        input.scan(keys::put);
        var masks = new RegionMasks(RESOURCES, PictureLimits.DEFAULT);
        Map<String, String> made = new TreeMap<>();
        input.pictures(false).forEachRemaining(picture -> {
            for (Row row : picture.rows()) {
                assertThat(picture.picture()).isEqualTo(keys.get(row.key()));
                made.put(row.key(), runs(masks, row));
            }
        });
        JsonNode expected = Lines.JSON.readTree(Files.readAllBytes(RESOURCES.resolve(name + "-masks.json")));
        assertThat(made).hasSize(40);
        assertThat(made)
                .allSatisfy((id, runs) ->
                        assertThat(runs).as(id).isEqualTo(expected.path(id).asString()));
        assertThat(keys.values()).allMatch(it -> it.endsWith(".png"));
    }

    private static String runs(RegionMasks masks, Row row) {
        int[] size = SIZES.get(row.fields().path("image_id").asInt());
        try {
            var picture = new Picture(size[0], size[1], new byte[4 * size[0] * size[1]], false);
            return CompressedRuns.of(masks.of(row, picture)).path("counts").asString();
        } catch (ApiException | IOException e) {
            return e.toString();
        }
    }
}
