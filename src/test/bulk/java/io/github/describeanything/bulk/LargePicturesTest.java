package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.row.Lines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --max-pixels}: how large a picture may be that the job itself decodes. */
class LargePicturesTest {
    private static final String BUNDLE = System.getProperty("test.bundles") + "/golden-joint-fp32";
    private static final int PIXELS = DrawnDataset.WIDTH * DrawnDataset.HEIGHT;

    @TempDir
    Path folder;

    private DrawnDataset drawn;

    @BeforeEach
    void draw() throws IOException {
        drawn = new DrawnDataset(folder, 1, 2);
    }

    private Run run(int pixels, String... more) throws IOException {
        String[] all = Stream.concat(
                        Stream.of("--images", drawn.images().toString(), "--max-pixels", Integer.toString(pixels)),
                        Arrays.stream(more))
                .toArray(String[]::new);
        return new Run(folder, "rows" + pixels, drawn.boxes(), all);
    }

    @Test
    void theModelInTheProcessRefusesALargerPicture() throws IOException {
        Run small = run(PIXELS - 1, "--model", BUNDLE, "--slots", "2", "--max-tokens", "4");
        assertThat(small.describe()).isZero();
        assertThat(small.rows()).isEmpty();
        assertThat(small.errors()).hasSize(2).allSatisfy(it -> {
            assertThat(it.path("error").path("code").asString()).isEqualTo("image_too_large");
            assertThat(it.path("error").path("message").asString()).contains(PIXELS - 1 + " in total");
        });
        Run exact = run(PIXELS, "--model", BUNDLE, "--slots", "2", "--max-tokens", "4");
        assertThat(exact.describe()).isZero();
        assertThat(exact.rows()).hasSize(2);
    }

    @Test
    void expandRefusesOneBeforeItAsks() throws IOException {
        try (var server = StubServer.describing()) {
            Run small = run(PIXELS - 1, "--url", server.url());
            assertThat(small.run("expand")).isZero();
            assertThat(small.errors()).hasSize(2);
            assertThat(server.requests).isEmpty();
            Run exact = run(PIXELS, "--url", server.url());
            assertThat(exact.run("expand")).isZero();
            assertThat(exact.rows()).hasSize(2);
        }
    }

    @Test
    void serversHaveALimitOfTheirOwnAndTheWrittenLayoutLeavesSuchAPictureOut() throws IOException {
        try (var server = StubServer.describing()) {
            Path written = folder.resolve("written");
            Run run = run(PIXELS - 1, "--url", server.url(), "--dam", written.toString());
            assertThat(run.describe()).isZero();
            assertThat(run.rows()).hasSize(2);
            assertThat(Lines.JSON.readTree(Files.readAllBytes(written.resolve("annotations.json"))))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "many", "9999999999"})
    void anImpossibleLimitIsRefused(String pixels) throws IOException {
        Run run = run(1, "--url", "http://127.0.0.1:9", "--max-pixels", pixels);
        assertThat(run.describe()).isEqualTo(2);
        assertThat(run.output).doesNotExist();
    }
}
