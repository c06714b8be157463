package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Not a test: {@code scripts/measure screenshots} runs it to take the documentation's screenshots from a running
 * server. The build skips it.
 */
class Screenshots {
    private final Path folder = Path.of(System.getProperty("screenshots.folder", ""));
    private final String url = System.getProperty("screenshots.url", "");

    @Test
    void light() throws IOException {
        take("page-light.png", new Browser.NewContextOptions().setViewportSize(1280, 800), true);
    }

    @Test
    void dark() throws IOException {
        take(
                "page-dark.png",
                new Browser.NewContextOptions().setViewportSize(1280, 800).setColorScheme(ColorScheme.DARK),
                true);
    }

    @Test
    void phone() throws IOException {
        take(
                "page-phone.png",
                new Browser.NewContextOptions()
                        .setViewportSize(390, 844)
                        .setIsMobile(true)
                        .setHasTouch(true),
                false);
    }

    private void take(String name, Browser.NewContextOptions visitor, boolean more) throws IOException {
        Assumptions.assumeFalse(url.isEmpty(), "scripts/measure screenshots passes the address of a server");
        try (BrowserContext context = Chromium.start().newContext(visitor)) {
            Page page = context.newPage();
            page.navigate(url);
            Screen screen = new Screen(page, Screen.SAMPLE);
            assertThat(screen.card()).containsText("turtle");
            assertThat(page.locator("#tools [data-tool=click]")).hasAttribute("aria-checked", "true");
            screen.press("Clear all regions");
            describe(screen, 528, 350);
            if (more) {
                page.keyboard().press("n");
                page.getByLabel("A sentence").check();
                describe(screen, 335, 208);
                page.keyboard().press("n");
                page.getByLabel("A word").check();
                describe(screen, 158, 375);
                page.keyboard().press("n");
                page.getByLabel("All the detail").check();
            }
            describe(screen, 320, 370);
            page.mouse().move(2, 2);
            page.waitForTimeout(500);
            ImageIO.write(
                    fewColours(ImageIO.read(new ByteArrayInputStream(page.screenshot()))),
                    "png",
                    folder.resolve(name).toFile());
        }
    }

    private static void describe(Screen screen, double x, double y) {
        screen.click(x, y);
        assertThat(screen.card()).containsText("Not described yet.");
        screen.describe();
        assertThat(screen.card().locator(".said")).containsText("token");
    }

    /** Drops the lowest bits, which are invisible and double the file's size. */
    private static BufferedImage fewColours(BufferedImage image) {
        BufferedImage small = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                small.setRGB(x, y, image.getRGB(x, y) & 0xfcfcfc | 0x020202);
            }
        }
        return small;
    }
}
