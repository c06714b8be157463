package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.FilePayload;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A video on the page: marked on one frame, tracked through all, corrected on another, described. */
class TimelineTest extends BrowserTest {
    private static final Dimension SIZE = new Dimension(320, 240);

    private void openFrames(int count) {
        screen.page
                .locator("#file")
                .setInputFiles(IntStream.range(0, count)
                        .mapToObj(i -> new FilePayload("frame-" + i + ".png", "image/png", gray(9 * i)))
                        .toArray(FilePayload[]::new));
        assertThat(screen.page.locator("#moment-text")).hasText("Frame 1 of " + count);
        assertThat(screen.page.locator("#tools [data-tool=click]")).hasAttribute("aria-checked", "true");
    }

    private static byte[] gray(int level) {
        var image = new BufferedImage(SIZE.width, SIZE.height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIZE.width * SIZE.height; i++) {
            image.setRGB(i % SIZE.width, i / SIZE.width, 0x010101 * level);
        }
        try {
            var out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void frame(int number) {
        screen.page.locator("#moment").fill(Integer.toString(number - 1));
        assertThat(screen.page.locator("#moment-text")).containsText("Frame " + number + " of");
    }

    private void here(String what) {
        assertThat(screen.page.locator("#moment-here")).hasText(what);
    }

    private JsonNode tracked() {
        try {
            JsonNode prompts = model.segmenter.tracked.poll(10, TimeUnit.SECONDS);
            assertThat(prompts).as("a video to track").isNotNull();
            return prompts;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void untilTracked() {
        assertThat(screen.page.locator("#track-stop")).isVisible();
        assertThat(screen.page.locator("#track-stop")).isHidden();
    }

    @Test
    void aVideoIsMarkedOnFrameFiveTrackedCorrectedAndDescribed() {
        openFrames(12);
        frame(5);
        screen.over(SIZE).click(100, 120);
        here("marked here");
        untilTracked();
        assertThat(tracked().get(0).get("frame").asInt()).isEqualTo(4);
        frame(12);
        here("tracked");
        assertThat(screen.page.locator("#moment")).hasAttribute("aria-valuetext", "Frame 12 of 12, tracked");
        screen.press("Previous marked frame");
        assertThat(screen.page.locator("#moment-text")).hasText("Frame 5 of 12");

        frame(10);
        screen.over(SIZE).click(250, 60); // tracking has lost it
        here("marked here");
        untilTracked();
        JsonNode both = tracked();
        assertThat(both).extracting(it -> it.get("frame").asInt()).containsExactly(4, 9);
        assertThat(both.get(1).get("points").get(0).get(1).asDouble()).isBetween(58.0, 62.0);
        assertThat(screen.page.locator(".card")).hasCount(1);
        AccessibilityTest.axe(screen);

        screen.describe();
        assertThat(screen.answer()).containsText("A thing");
        ScriptedModel.Asked asked = asked();
        assertThat(asked.pictures()).hasSize(8);
        assertThat(asked.body().get("regions")).hasSize(8);
        assertThat(asked.region(0).x).isBetween(26, 30); // four frames before the mark: 32 pixels to the left
        assertThat(asked.region(7).y).isLessThan(30); // from the correction

        screen.page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        screen.card().locator("select").selectOption("curl");
        screen.page.waitForCondition(() -> copied().startsWith("curl"));
        assertThat(copied()).contains("\"frame\":4", "\"frame\":9").doesNotContain("\"frame\":5");
    }

    private String copied() {
        return screen.page.evaluate("navigator.clipboard.readText()").toString();
    }

    @Test
    void trackingCanBeStopped() {
        openFrames(40);
        screen.over(SIZE).click(100, 120);
        assertThat(screen.page.locator("#tracking")).containsText("of 40 frames");
        screen.press("Stop tracking");
        assertThat(screen.page.locator("#track-stop")).isHidden();
        frame(40);
        here("copied from another frame");
    }

    @Test
    void aVideoFileHasFourFramesASecondAndItsCopiedRequestTheFile(@TempDir Path folder) throws IOException {
        screen.page.locator("#file").setInputFiles(Clip.record(screen.page, folder));
        assertThat(screen.page.locator("#moment-text")).containsText("Frame 1 of");
        screen.over(SIZE).click(100, 120);
        untilTracked();
        screen.page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        screen.card().locator("select").selectOption("curl");
        screen.page.waitForCondition(() -> copied().startsWith("curl"));
        assertThat(copied()).contains("\"video_url\":{\"url\":\"data:video/webm;base64,", "\"time\":0");
        screen.untilStored("\"tracked\":\\[(\\w+,){7}true"); // on the eighth frame, too
        screen.page.reload();
        assertThat(screen.page.locator("#moment-text")).containsText("Frame 1 of");
        frame(8);
        here("tracked");
    }
}
