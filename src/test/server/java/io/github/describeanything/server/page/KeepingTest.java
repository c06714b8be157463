package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.FilePayload;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The page keeps what people do: through reloads, in lists, in exports, and when the server is busy or away. */
class KeepingTest extends BrowserTest {
    private static FilePayload picture(String name, Color colour) {
        var image = new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB);
        var g = image.createGraphics();
        g.setColor(colour);
        g.fillRect(0, 0, 320, 240);
        g.dispose();
        try {
            var out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return new FilePayload(name, "image/png", out.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void openPictures(int count) {
        screen.page
                .locator("#file")
                .setInputFiles(IntStream.range(0, count)
                        .mapToObj(i -> picture("picture-" + i + ".png", new Color(40 * i, 90, 90)))
                        .toArray(FilePayload[]::new));
    }

    private Locator shelf() {
        return screen.page.locator("#shelf li");
    }

    private void box(double... corners) {
        screen.tool("Box");
        screen.drag(new double[] {corners[0], corners[1]}, new double[] {corners[2], corners[3]});
    }

    private Path saved(String kind, Path folder) {
        Download download =
                screen.page.waitForDownload(() -> screen.page.locator("#save").selectOption(kind));
        Path file = folder.resolve(download.suggestedFilename());
        download.saveAs(file);
        return file;
    }

    @Test
    void workSurvivesAReload() {
        box(20, 20, 120, 90);
        screen.ask("What colour is it?");
        assertThat(screen.answer()).containsText("A thing 100 wide");
        assertThat(screen.card().locator(".said")).containsText("tokens");
        screen.untilStored("A thing 100 wide");
        screen.page.reload();
        assertThat(screen.card()).containsText("What colour is it?");
        assertThat(screen.answer()).containsText("A thing 100 wide");
        assertThat(screen.page.getByLabel("My question")).isChecked();
        screen.describe();
        assertThat(asked().region(0)).isEqualTo(asked().region(0)); // before the reload, and after it
    }

    @Test
    void anAnswerThatWasGrowingIsKeptAsFarAsItCame() {
        screen.ask("endless");
        assertThat(screen.answer()).containsText("on and on and");
        screen.untilStored("on and on and");
        screen.page.reload();
        assertThat(screen.answer()).containsText("on and");
        assertThat(screen.card().locator(".said").last()).hasText("Stopped");
    }

    @Test
    void severalPicturesOpenAsAList() {
        openPictures(3);
        assertThat(shelf()).hasCount(3);
        assertThat(shelf().first().locator("[aria-current=true]")).hasCount(1);
        box(20, 20, 60, 60);
        shelf().nth(1).locator("button").first().click();
        assertThat(screen.page.locator(".card")).hasCount(0);
        shelf().first().locator("button").first().click();
        assertThat(screen.page.locator(".card")).hasCount(1);
        assertThat(screen.card()).containsText("px");
        shelf().nth(2).hover();
        shelf().nth(2).locator(".remove").click();
        assertThat(shelf()).hasCount(2);
        screen.press("Take back");
        assertThat(shelf()).hasCount(3);
        screen.page.reload();
        assertThat(shelf()).hasCount(3);
        AccessibilityTest.axe(screen);
    }

    @Test
    void anAnswerArrivesAtThePictureItWasAskedAbout() {
        openPictures(2);
        box(20, 20, 60, 60);
        screen.ask("endless");
        assertThat(screen.answer()).containsText("on and");
        shelf().nth(1).locator("button").first().click();
        assertThat(screen.page.locator(".card")).hasCount(0);
        shelf().first().locator("button").first().click();
        String before = screen.answer().textContent();
        screen.page.waitForCondition(() -> screen.answer().textContent().length() > before.length());
        screen.press("Stop");
        assertThat(screen.card().locator(".said").last()).hasText("Stopped");
    }

    @Test
    void namesAndCategoriesSurviveARoundTrip(@TempDir Path folder) throws IOException {
        String file = """
                {"images": [{"id": 7, "width": 640, "height": 440, "file_name": "elsewhere.jpg"}],
                 "categories": [{"id": 17, "name": "cat", "supercategory": "animal"}, {"id": 18, "name": "dog"}],
                 "annotations": [
                  {"id": 1, "image_id": 7, "category_id": 18, "bbox": [20, 20, 100, 70], "score": 0.9},
                  {"id": 2, "image_id": 7, "category_id": 17, "bbox": [300, 100, 50, 40], "caption": "A cat."}]}""";
        screen.page
                .locator("#file")
                .setInputFiles(new FilePayload("annotations.json", "application/json", file.getBytes()));
        assertThat(screen.page.locator(".card h3")).hasText(new String[] {"dogRename region 1", "catRename region 2"});
        screen.page.getByText("dog").first().click();
        screen.press("Rename region 1");
        screen.page.getByLabel("Name of region 1").fill("wolf");
        screen.page.keyboard().press("Enter");
        JsonNode saved = new ObjectMapper().readTree(saved("coco", folder).toFile());
        assertThat(saved.get("categories"))
                .extracting(it -> it.get("id").asInt() + " " + it.get("name").asString())
                .containsExactly("17 cat", "18 dog", "19 wolf");
        assertThat(saved.at("/categories/0/supercategory").asString()).isEqualTo("animal");
        assertThat(saved.at("/annotations/0/category_id").asInt()).isEqualTo(19);
        assertThat(saved.at("/annotations/0/score").asDouble()).isEqualTo(0.9);
        assertThat(saved.at("/annotations/1/caption").asString()).isEqualTo("A cat.");
    }

    @Test
    void answersAreLabelledRepeatedDeletedComparedAndChosen(@TempDir Path folder) throws IOException {
        screen.click(528, 350);
        screen.page.getByLabel("A word").check();
        screen.describe();
        assertThat(screen.card().locator(".said").last()).containsText("tokens"); // until the answer is whole
        screen.page.getByText("More").first().click();
        screen.page.locator("#temperature").fill("0.7");
        screen.ask("What colour is it?");
        Locator turns = screen.card().locator(".turn");
        assertThat(turns).hasCount(2);
        assertThat(turns.nth(0).locator(".question")).hasText("In a word");
        assertThat(turns.nth(1).locator(".question")).hasText("What colour is it? · temperature 0.7");
        assertThat(turns.nth(1).locator(".said")).containsText("tokens");

        screen.card().getByText("Compare").click();
        assertThat(screen.page.locator("#compare .answer")).hasCount(2);
        screen.page.locator("#compare select").nth(1).selectOption("0");
        assertThat(screen.page.locator("#compare .answer").nth(1)).containsText("turtle");
        AccessibilityTest.axe(screen);
        screen.press("Close");

        turns.nth(0).locator("button[title='Use as caption']").click();
        assertThat(turns.nth(0).locator("button[title='Use as caption']")).hasAttribute("aria-pressed", "true");
        turns.nth(0).locator("button[title='Ask again']").click();
        assertThat(turns).hasCount(3);
        assertThat(turns.nth(2).locator(".said")).containsText("tokens");
        turns.nth(1).locator("button[title='Delete']").click();
        assertThat(turns).hasCount(2);
        JsonNode saved = new ObjectMapper().readTree(saved("coco", folder).toFile());
        JsonNode star = saved.get("annotations").get(4);
        assertThat(star.at("/describe_anything/chosen").asInt()).isZero();
        assertThat(star.at("/describe_anything/turns").size()).isEqualTo(2);
    }

    @Test
    void theRegionsAreSavedAsPictureMasksTableAndText(@TempDir Path folder) throws IOException {
        box(20, 20, 120, 90);
        screen.describe();
        assertThat(screen.card().locator(".said").last()).containsText("tokens"); // until the answer is whole
        BufferedImage outlined = ImageIO.read(saved("picture", folder).toFile());
        assertThat(outlined.getWidth()).isEqualTo(640);
        assertThat(outlined.getHeight()).isGreaterThan(440);
        var masks = new ArrayList<String>();
        try (var zip = new ZipInputStream(Files.newInputStream(saved("masks", folder)))) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                masks.add(entry.getName());
                BufferedImage mask = ImageIO.read(zip);
                if (entry.getName().contains("7")) {
                    assertThat(mask.getRGB(70, 50)).isEqualTo(-1);
                    assertThat(mask.getRGB(300, 50)).isEqualTo(0xff000000);
                }
            }
        }
        assertThat(masks).containsExactly("mask-1.png", "mask-7.png");
        List<String> table = Files.readAllLines(saved("csv", folder));
        assertThat(table).hasSize(3);
        assertThat(table.get(2)).startsWith("7,,20,20,100,70,7000,Describe the masked region in detail.,");
        String text = Files.readString(saved("markdown", folder));
        assertThat(text).contains("# sample", "## 7. Region 7", "**In detail**", "A thing 100 wide");
    }

    @Test
    void aBusyServerIsAskedAgain() {
        model.busy.set(1);
        screen.describe();
        assertThat(screen.card().locator(".said").last()).hasText("The server is busy. Trying again in 1 s");
        assertThat(screen.page.locator("#status")).containsText("The server is busy");
        assertThat(screen.answer()).containsText("A thing");
        assertThat(screen.card().locator(".turn")).hasCount(2); // the sample's own answer is the other
    }

    @Test
    void aServerThatIsAwayAndBackIsShown() {
        int port = model.port();
        model.close();
        for (int i = 0; i < 2; i++) {
            screen.describe();
            assertThat(screen.card().locator(".said").last())
                    .hasText("The server cannot be reached. Is it still running?");
        }
        assertThat(screen.card().locator(".turn")).hasCount(2); // failed tries do not pile up
        assertThat(screen.page.locator("#model")).hasAttribute("data-state", "away");
        model = new ScriptedModel(port);
        assertThat(screen.page.locator("#model")).hasAttribute("data-state", "ready");
        screen.press("Try again");
        assertThat(screen.answer()).containsText("A thing");
        assertThat(screen.card().locator(".turn")).hasCount(2);
    }

    @Test
    void aWrongKeyIsSaid() {
        model.lock(true);
        screen.page.reload();
        Locator key = screen.page.locator("#key");
        assertThat(screen.page.locator("#key-label")).hasText("This server requires an API key.");
        key.fill("wrong");
        screen.press("Use this key");
        assertThat(screen.page.locator("#key-label")).hasText("This server does not accept that API key.");
        assertThat(key).isFocused();
    }

    @Test
    void theBuiltInModelSaysWhatItKnows() {
        model.builtIn();
        screen.page.reload();
        assertThat(screen.page.locator("#built-in-pill")).hasText("knows drawings only");
        assertThat(screen.page.locator("#built-in")).isHidden();
        screen.ask("Who?");
        assertThat(screen.page.locator("#built-in")).containsText("It knows simple drawings");
        screen.press("How to serve real weights");
        assertThat(screen.page.locator("#serve")).containsText("scripts/export nvidia/DAM-3B");
        AccessibilityTest.axe(screen);
    }

    @Test
    void aPastedAddressIsFetchedOrExplained() {
        paste("https://example.org/cat.jpg");
        assertThat(screen.page.locator("#trouble")).containsText("loads nothing from other hosts such as example.org");
        paste(model.url() + "page/sample.png");
        assertThat(screen.page.locator("#trouble")).isHidden();
        assertThat(screen.page.locator(".card")).hasCount(0);
    }

    private void paste(String text) {
        screen.page.evaluate("""
                (text) => {
                  const data = new DataTransfer();
                  data.setData("text/plain", text);
                  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
                  document.body.dispatchEvent(event);
                }""", text);
    }
}
