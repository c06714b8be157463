package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** axe-core finds nothing in the light, dark and phone layouts; touch or keyboard alone is enough. */
class AccessibilityTest {
    static void axe(Screen screen) {
        try (InputStream script = AccessibilityTest.class.getResourceAsStream("/axe.min.js")) {
            screen.page.evaluate(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Object found = screen.page.evaluate("""
                async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
                  .map((v) => `${v.impact}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 90)).join(" | ")}`)""");
        assertThat((List<?>) found).isEmpty();
    }

    /** Shows an answer, an error, a custom question and the key field, so that all of them are checked. */
    private static void everythingShown(BrowserTest test) {
        Screen screen = test.screen;
        screen.ask("refuse");
        assertThat(screen.card().locator(".said").last()).containsText("no mask");
        screen.page.getByText("More").first().click();
        screen.page.evaluate("document.getElementById('key-form').hidden = false");
        axe(screen);
    }

    @Nested
    class Light extends BrowserTest {
        @Test
        void isAccessible() {
            everythingShown(this);
        }

        @Test
        void focusMovesFromPictureToQuestionToAnswer() {
            screen.page.locator("#stage").focus();
            StringBuilder order = new StringBuilder();
            for (int i = 0; i < 14; i++) {
                screen.page.keyboard().press("Tab");
                order.append(screen.page.evaluate(
                                "document.activeElement.textContent.trim() || document.activeElement.name || ''"))
                        .append(" > ");
            }
            assertThat(order.toString()).containsSubsequence("Open", "kind", "More", "Describe", "Region 1");
        }
    }

    @Nested
    class Dark extends BrowserTest {
        @Override
        protected Browser.NewContextOptions visitor() {
            return super.visitor().setColorScheme(ColorScheme.DARK);
        }

        @Test
        void isAccessible() {
            everythingShown(this);
        }
    }

    @Nested
    class Phone extends BrowserTest {
        @Override
        protected Browser.NewContextOptions visitor() {
            return new Browser.NewContextOptions()
                    .setViewportSize(390, 844)
                    .setDeviceScaleFactor(2)
                    .setHasTouch(true)
                    .setIsMobile(true)
                    .setReducedMotion(ReducedMotion.REDUCE);
        }

        @Test
        void isAccessible() {
            everythingShown(this);
        }

        @Test
        void tappingDescribesAnObjectWithoutHorizontalOverflow() {
            double[] star = screen.at(528, 350);
            screen.page.touchscreen().tap(star[0], star[1]);
            screen.page.locator("#describe").tap();
            assertThat(screen.answer()).containsText("A thing 123 wide");
            assertThat(screen.answer()).isInViewport();
            assertThat(screen.page.evaluate("document.documentElement.scrollWidth"))
                    .isEqualTo(390);
        }
    }
}
