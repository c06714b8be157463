package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.options.MouseButton;
import com.microsoft.playwright.options.ReducedMotion;
import java.awt.Rectangle;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The tool Click: the server's segmenter makes masks of clicks, boxes and scribbles. */
class ClickingTest {
    /** On an empty stage, so that nothing else is hit. */
    abstract static class Clicking extends BrowserTest {
        @BeforeEach
        void clear() {
            assertThat(screen.page.locator("#tools [data-tool=click]")).hasAttribute("aria-checked", "true");
            screen.press("Clear all regions");
        }

        final ScriptedSegmenter.Prompted prompted() {
            try {
                ScriptedSegmenter.Prompted next = model.segmenter.prompted.poll(10, TimeUnit.SECONDS);
                assertThat(next).as("a prompt").isNotNull();
                return next;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        final Shape described() {
            screen.describe();
            assertThat(screen.answer()).containsText("A thing");
            return asked().mask(0);
        }

        /** Until a prompt of some points has come. */
        final void waitForPrompt(int points) {
            while (prompted().prompt().path("points").size() < points) {
                // a preview, or an earlier click
            }
        }

        final Locator mode() {
            return screen.page.locator("#modes [aria-checked=true]");
        }

        final void waitForCard() {
            assertThat(screen.card()).containsText("px");
        }
    }

    private static void near(Rectangle found, int x, int y, int width, int height) {
        assertThat(List.of(found.x, found.y, found.width, found.height))
                .as("%s", found)
                .zipSatisfy(
                        List.of(x, y, width, height), (a, b) -> assertThat(a).isBetween(b - 3, b + 3));
    }

    @Nested
    class OnADesktop extends Clicking {
        @Test
        void hoveringShowsTheMaskAndTheClickTakesIt() {
            screen.move(300, 200);
            assertThat(screen.page.locator("#hint")).hasText("Embedding the picture …");
            assertThat(prompted().byDigest()).isFalse();
            assertThat(screen.page.locator("#hint")).hasText("Click a thing, or drag a box around it.");
            assertThat(screen.page.locator(".card")).hasCount(0);
            screen.click(300, 200);
            waitForCard();
            ScriptedSegmenter.Prompted click = prompted();
            assertThat(click.byDigest()).isTrue();
            assertThat(click.prompt().get("labels").get(0).asInt()).isEqualTo(1);
            near(described().bounds(), 260, 160, 80, 80);
        }

        @Test
        void furtherClicksAddAndTheRightButtonAndAltRemove() {
            screen.click(300, 200);
            waitForCard();
            assertThat(mode()).hasText("Add");
            screen.click(360, 200);
            assertThat(screen.card()).containsText("140 × 80 px");
            right(300, 160);
            assertThat(screen.card()).containsText("140 × 80 px");
            screen.page.keyboard().down("Alt");
            screen.click(392, 200);
            screen.page.keyboard().up("Alt");
            assertThat(screen.card()).not().containsText("140 × 80 px");
            assertThat(screen.page.locator(".card")).hasCount(1);
            JsonNode last = null;
            for (int i = 0; i < 4; i++) {
                last = prompted().prompt();
                while (last.get("points").size() < i + 1) {
                    last = prompted().prompt(); // previews
                }
            }
            assertThat(last.get("labels")).extracting(JsonNode::asInt).containsExactly(1, 1, 0, 0);
            screen.press("Undo");
            assertThat(screen.card()).containsText("140 × 80 px");
        }

        private void right(double x, double y) {
            double[] at = screen.at(x, y);
            screen.page.mouse().click(at[0], at[1], new Mouse.ClickOptions().setButton(MouseButton.RIGHT));
        }

        @Test
        void aDragIsABox() {
            screen.drag(new double[] {100, 100}, new double[] {180, 150}, new double[] {220, 190});
            waitForCard();
            assertThat(screen.card()).containsText("120 × 90 px");
            near(described().bounds(), 100, 100, 120, 90);
        }

        @Test
        void aScribbleThatSnapsIsRefined() {
            screen.tool("Brush");
            screen.page.getByLabel("Snap to the thing").check();
            screen.drag(new double[] {100, 100}, new double[] {200, 100}, new double[] {300, 100});
            waitForCard();
            assertThat(prompted().prompt().get("points").size()).isBetween(3, 8);
            screen.tool("Eraser");
            screen.drag(new double[] {300, 80}, new double[] {300, 100}, new double[] {300, 120});
            screen.tool("Click");
            waitForPrompt(5); // the eraser's points are outside
            assertThat(described().mask().get(300, 100)).isFalse();
        }

        @Test
        void theNextThingIsAnotherRegion() {
            screen.click(100, 100);
            waitForCard();
            screen.page.keyboard().press("n");
            screen.click(500, 300);
            assertThat(screen.page.locator(".card")).hasCount(2);
            described();
            assertThat(mode()).hasText("New"); // a described thing is finished
            screen.click(300, 200);
            assertThat(screen.page.locator(".card")).hasCount(3);
            screen.page.keyboard().press("Escape");
            screen.click(100, 100); // chooses the first
            assertThat(screen.card()).containsText("Region 1");
            assertThat(screen.page.locator(".card")).hasCount(3);
        }

        @Test
        void theKeyboardIsEnough() {
            screen.page.locator("#stage").focus();
            screen.page.keyboard().press("ArrowRight"); // the cross appears in the middle
            screen.page.keyboard().press("Space");
            waitForCard();
            screen.page.keyboard().press("Shift+ArrowRight");
            screen.page.keyboard().press("Shift+ArrowRight");
            screen.page.keyboard().press("Enter");
            assertThat(screen.card()).containsText("120 × 80 px");
            screen.page.locator("#modes [data-mode=add]").focus();
            screen.page.keyboard().press("ArrowRight");
            assertThat(mode()).hasText("Remove");
            screen.page.locator("#stage").focus();
            screen.page.keyboard().press("Space");
            waitForPrompt(3);
            assertThat(described().mask().get(360, 220)).isFalse();
        }

        @Test
        void aServerThatForgotThePictureGetsItAgain() {
            screen.click(100, 100);
            waitForCard();
            model.segmenter.forget();
            screen.click(160, 100);
            assertThat(screen.card()).containsText("140 × 80 px");
        }

        @Test
        void withoutASegmenterTheToolSaysWhatIsMissing() {
            model.withoutSegmenter();
            screen.page.reload();
            Locator click = screen.page.locator("#tools [data-tool=click]");
            assertThat(click).hasAttribute("aria-disabled", "true");
            assertThat(screen.page.locator("#tools [data-tool=pick]")).hasAttribute("aria-checked", "true");
            // The sample's own hint comes last.
            assertThat(screen.page.locator("#hint")).containsText("Tap any outlined thing");
            click.click(new Locator.ClickOptions().setForce(true));
            assertThat(screen.page.locator("#hint")).containsText("Start the server with --segmenter");
        }
    }

    @Nested
    class OnAPhone extends Clicking {
        @Override
        protected Browser.NewContextOptions visitor() {
            return new Browser.NewContextOptions()
                    .setViewportSize(390, 844)
                    .setDeviceScaleFactor(2)
                    .setHasTouch(true)
                    .setIsMobile(true)
                    .setReducedMotion(ReducedMotion.REDUCE);
        }

        private void tap(double x, double y) {
            double[] at = screen.at(x, y);
            screen.page.touchscreen().tap(at[0], at[1]);
        }

        @Test
        void tapsMarkCorrectAndDescribe() {
            tap(300, 200);
            waitForCard();
            tap(360, 200);
            assertThat(screen.card()).containsText("140 × 80 px");
            screen.page.locator("#modes [data-mode=cut]").tap();
            tap(394, 200);
            assertThat(screen.card()).not().containsText("140 × 80 px");
            screen.page.locator("#describe").tap();
            assertThat(screen.answer()).containsText("A thing");
            assertThat(asked().mask(0).mask().get(394, 200)).isFalse();
            AccessibilityTest.axe(screen);
        }
    }
}
