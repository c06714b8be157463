package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.FilePayload;
import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.server.Pictures;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Opening and saving: pasted and dropped pictures, videos, eight frames, saved files. */
class OpeningTest extends BrowserTest {
    private static final Dimension SIZE = new Dimension(320, 240);

    private static byte[] png(BufferedImage image) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A red square at x on a grey background. */
    private static BufferedImage square(int x, int type) {
        BufferedImage image = new BufferedImage(SIZE.width, SIZE.height, type);
        Graphics2D g = image.createGraphics();
        g.setColor(Color.LIGHT_GRAY);
        g.fillRect(0, 0, SIZE.width, SIZE.height);
        g.setColor(Color.RED);
        g.fillRect(x, 90, 60, 60);
        g.dispose();
        return image;
    }

    /** Passes a file to the page like the clipboard or a drop. */
    private void give(String event, String name, byte[] bytes) {
        screen.page.evaluate("""
                ([type, name, base64]) => {
                  const data = new DataTransfer();
                  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
                  data.items.add(new File([bytes], name, { type: name.endsWith(".json") ? "application/json" : "image/png" }));
                  const event = type === "paste"
                    ? new ClipboardEvent(type, { clipboardData: data, bubbles: true, cancelable: true })
                    : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
                  document.body.dispatchEvent(event);
                }""", new Object[] {event, name, Base64.getEncoder().encodeToString(bytes)});
        // Patiently: decoding a large picture takes a while.
        assertThat(screen.page.locator(".card:has-text('turtle')"))
                .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(20_000));
    }

    private Rectangle boxed(int x0, int y0, int x1, int y1) {
        screen.tool("Box");
        screen.over(SIZE).drag(new double[] {x0, y0}, new double[] {x1, y1});
        screen.describe();
        return asked().region(0);
    }

    @Test
    void aPastedPictureIsOpenedAndMarked() {
        give("paste", "pasted.png", png(square(100, BufferedImage.TYPE_INT_RGB)));
        Rectangle region = boxed(100, 90, 160, 150);
        assertThat(region.x).isBetween(99, 101);
        assertThat(region.width).isBetween(58, 62);
        assertThat(screen.answer()).containsText("A thing");
    }

    @Test
    void aDroppedPictureIsOpened() {
        give("drop", "dropped.png", png(square(100, BufferedImage.TYPE_INT_RGB)));
        assertThat(boxed(0, 0, 320, 240)).isEqualTo(new Rectangle(0, 0, 320, 240));
    }

    @Test
    void aMaskInAlphaBecomesARegionAndKeepsColours() {
        BufferedImage masked = square(100, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < SIZE.height; y++) {
            for (int x = 0; x < SIZE.width; x++) {
                boolean inside = new Rectangle(100, 90, 60, 60).contains(x, y);
                masked.setRGB(x, y, (inside ? 0xff000000 : 0) | 0x010203 * (x % 80));
            }
        }
        give("paste", "masked.png", png(masked));
        screen.describe();
        ScriptedModel.Asked asked = asked();
        assertThat(asked.region(0)).isEqualTo(new Rectangle(100, 90, 60, 60));
        assertThat(asked.pictures().getFirst().getRGB(3, 3) & 0xffffff).isEqualTo(0x030609);
        assertThat(asked.pictures().getFirst().getRGB(71, 200) & 0xffffff).isEqualTo(0x010203 * 71);
    }

    /** A PNG of gray and alpha with 8 bits, which the page does not decode itself. */
    private static byte[] grayWithMask(int width, int height, Rectangle inside) {
        byte[] rows = new byte[height * (1 + 2 * width)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = y * (1 + 2 * width) + 1 + 2 * x;
                rows[at] = (byte) (x * 200 / width + 20);
                rows[at + 1] = (byte) (inside.contains(x, y) ? 255 : 0);
            }
        }
        return Pictures.png(width, height, 8, 4, rows);
    }

    @Test
    void masksInOtherKindsOfPicturesAreKept() {
        give("paste", "gray.png", grayWithMask(SIZE.width, SIZE.height, new Rectangle(100, 90, 60, 60)));
        screen.describe();
        ScriptedModel.Asked asked = asked();
        assertThat(asked.region(0)).isEqualTo(new Rectangle(100, 90, 60, 60));
        assertThat(asked.pictures().getFirst().getRGB(3, 3) & 0xffffff).isEqualTo(0x010101 * (3 * 200 / 320 + 20));
        assertThat(asked.pictures().getFirst().getRGB(300, 200) & 0xffffff)
                .isEqualTo(0x010101 * (300 * 200 / 320 + 20));
    }

    @Test
    void aLargePictureAndItsMaskKeepTheirSize() {
        give("paste", "large.png", grayWithMask(4096, 3000, new Rectangle(1000, 900, 600, 600)));
        screen.describe();
        ScriptedModel.Asked asked = asked();
        assertThat(asked.pictures().getFirst().getWidth()).isEqualTo(4096);
        assertThat(asked.region(0)).isEqualTo(new Rectangle(1000, 900, 600, 600));
        assertThat(asked.pictures().getFirst().getRGB(4000, 20) & 0xff).isBetween(210, 220);
    }

    private void withoutSegmenter() {
        model.withoutSegmenter();
        screen.page.reload();
        assertThat(screen.card()).containsText("turtle");
        assertThat(screen.page.locator("#model")).hasAttribute("data-state", "ready");
    }

    private void frame(int number) {
        screen.page.locator("#moment").fill(Integer.toString(number));
    }

    @Test
    void eightPicturesAreTheFramesOfAVideo() {
        withoutSegmenter();
        screen.page
                .locator("#file")
                .setInputFiles(IntStream.range(0, 8)
                        .mapToObj(i -> new FilePayload(
                                "frame" + i + ".png",
                                "image/png",
                                png(square(10 + 30 * i, BufferedImage.TYPE_INT_RGB))))
                        .toArray(FilePayload[]::new));
        assertThat(screen.page.locator("#moment-text")).hasText("Frame 1 of 8");
        Screen frames = screen.over(SIZE);
        screen.tool("Box");
        frames.drag(new double[] {10, 90}, new double[] {70, 150});
        frame(4);
        screen.tool("Choose");
        frames.drag(new double[] {40, 120}, new double[] {160, 120}); // adjust the propagated box
        frame(7);
        screen.tool("Box");
        frames.drag(new double[] {220, 90}, new double[] {280, 150}); // or draw it again
        screen.describe();
        ScriptedModel.Asked asked = asked();
        assertThat(asked.pictures()).hasSize(8);
        assertThat(asked.question()).startsWith("Given the video in the form of a sequence of frames above");
        assertThat(asked.region(3).x).isBetween(9, 11);
        assertThat(asked.region(4).x).isBetween(128, 132);
        assertThat(asked.region(6)).isEqualTo(asked.region(4));
        assertThat(asked.region(7).x).isBetween(218, 222);
        assertThat(screen.page.locator(".card")).hasCount(1);
        frame(4);
        assertThat(screen.page.locator("#moment")).hasAttribute("aria-valuetext", "Frame 5 of 8, marked here");
        frame(5);
        assertThat(screen.page.locator("#moment-here")).hasText("copied from another frame");
        screen.press("Next marked frame");
        assertThat(screen.page.locator("#moment-text")).hasText("Frame 8 of 8");
    }

    @Test
    void aVideoFileGivesEightFrames(@TempDir Path folder) throws IOException {
        withoutSegmenter();
        screen.page.locator("#file").setInputFiles(Clip.record(screen.page, folder));
        assertThat(screen.page.locator("#moment-text")).hasText("Frame 1 of 8 · 0.0 s");
        boxed(0, 60, 60, 180);
        // In the last frame the square has left the box.
        assertThat(screen.answer()).containsText("A thing");
    }

    @Test
    void savedFilesCanBeOpened(@TempDir Path folder) throws IOException {
        screen.tool("Lasso");
        screen.drag(Screen.circle(335, 208, 50));
        screen.describe();
        ScriptedModel.Asked first = asked();
        assertThat(screen.answer()).hasText(first.answer());
        Download download =
                screen.page.waitForDownload(() -> screen.page.locator("#save").selectOption("coco"));
        Path file = folder.resolve(download.suggestedFilename());
        download.saveAs(file);
        JsonNode saved = new ObjectMapper().readTree(file.toFile());
        JsonNode drawn = saved.get("annotations").get(saved.get("annotations").size() - 1);
        assertThat(drawn.get("caption").asString()).isEqualTo(first.answer());
        assertThat(drawn.at("/segmentation/size/0").asInt()).isEqualTo(440);
        assertThat(drawn.at("/bbox/0").asInt()).isEqualTo(first.region(0).x);
        JsonNode runs = drawn.get("segmentation");
        Mask mask = RunLengths.ofString(440, 640, runs.get("counts").asString()).rasterise(640, 440);
        for (int i = 0; i < 640 * 440; i++) {
            assertThat(mask.get(i % 640, i / 640))
                    .isEqualTo(first.mask(0).mask().get(i % 640, i / 640));
        }

        screen.press("Sample picture");
        assertThat(screen.page.locator(".card")).hasCount(1);
        screen.page.locator("#file").setInputFiles(file);
        assertThat(screen.page.locator(".card")).hasCount(2);
        screen.press("Region 7");
        assertThat(screen.answer()).hasText(first.answer());
        screen.describe();
        ScriptedModel.Asked again = asked();
        assertThat(again.body().get("messages")).isEqualTo(first.body().get("messages"));
    }

    @Test
    void cocoAnnotationsApplyToTheOpenPicture() {
        String file = """
                {"images": [{"id": 7, "width": 640, "height": 440, "file_name": "elsewhere.jpg"}],
                 "annotations": [
                  {"id": 1, "image_id": 7, "segmentation": [[20, 20, 120, 20, 120, 90, 20, 90]], "bbox": [20, 20, 100, 70]},
                  {"id": 2, "image_id": 7, "bbox": [300, 100, 50, 40]}]}""";
        screen.page
                .locator("#file")
                .setInputFiles(new FilePayload("annotations.json", "application/json", file.getBytes()));
        assertThat(screen.page.locator(".card")).hasCount(2);
        screen.click(325, 120);
        screen.describe();
        assertThat(asked().region(0)).isEqualTo(new Rectangle(300, 100, 50, 40));
    }

    @Test
    void cocoAnnotationsAreMatchedByFileName() {
        String file = """
                {"images": [{"id": 7, "width": 320, "height": 240, "file_name": "first.png"},
                            {"id": 8, "width": 320, "height": 240, "file_name": "val/second.png"}],
                 "annotations": [{"id": 1, "image_id": 7, "bbox": [20, 20, 100, 70]},
                                 {"id": 2, "image_id": 8, "bbox": [200, 100, 50, 40]}]}""";
        var annotations = new FilePayload("annotations.json", "application/json", file.getBytes());
        give("paste", "second.png", png(square(100, BufferedImage.TYPE_INT_RGB)));
        screen.page.locator("#file").setInputFiles(annotations);
        assertThat(screen.page.locator(".card")).hasCount(1);
        screen.tool("Choose");
        screen.over(SIZE).click(225, 120);
        screen.describe();
        assertThat(asked().region(0)).isEqualTo(new Rectangle(200, 100, 50, 40));
        give("paste", "third.png", png(square(100, BufferedImage.TYPE_INT_RGB)));
        screen.page.locator("#file").setInputFiles(annotations);
        assertThat(screen.page.locator("#trouble")).containsText("none of them named “third.png”");
    }

    /** Browsers that block storage throw when a page accesses it. */
    @Test
    void thePageWorksWithoutStorage() {
        screen.page.addInitScript("""
                for (const name of ["localStorage", "sessionStorage"]) {
                  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
                }""");
        screen.page.reload();
        assertThat(screen.card()).containsText("turtle");
        screen.page.locator("#theme").click();
        screen.describe();
        assertThat(screen.answer()).containsText("A thing");
    }

    @Test
    void unreadableFilesAreExplained() {
        screen.page
                .locator("#file")
                .setInputFiles(new FilePayload("notes.png", "image/png", "not a picture".getBytes()));
        assertThat(screen.page.locator("#trouble")).containsText("This browser cannot read “notes.png” as a picture.");
        screen.page.locator("#file").setInputFiles(new FilePayload("x.json", "application/json", "{}".getBytes()));
        assertThat(screen.page.locator("#trouble")).containsText("neither a file saved by this page");
    }
}
