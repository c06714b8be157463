package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Dimension;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.InputStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Every drawing tool sends exactly the marked pixels. */
class DrawingTest extends BrowserTest {
    private void drawBox() {
        screen.tool("Box");
        screen.drag(new double[] {100, 320}, new double[] {160, 380}, new double[] {220, 430});
    }

    private Rectangle sent() {
        screen.describe();
        return asked().region(0);
    }

    private static void near(Rectangle found, int x, int y, int w, int h) {
        Assertions.assertThat(new int[] {found.x, found.y, found.width, found.height})
                .as("region %s", found)
                .satisfies(v -> {
                    int[] wanted = {x, y, w, h};
                    for (int i = 0; i < 4; i++) {
                        assertThat(v[i]).isBetween(wanted[i] - 2, wanted[i] + 2);
                    }
                });
    }

    @Test
    void aBoxDrawnWithTheMouseIsDescribed() {
        drawBox();
        Rectangle region = sent();
        near(region, 100, 320, 120, 110);
        assertThat(screen.answer())
                .hasText("A thing %d wide and %d high at %d, %d."
                        .formatted(region.width, region.height, region.x, region.y));
    }

    @Test
    void aLassoIsDescribed() {
        screen.tool("Lasso");
        screen.drag(Screen.circle(335, 208, 50));
        near(sent(), 285, 158, 100, 100);
        assertThat(screen.answer()).containsText("A thing ");
    }

    @Test
    void aPolygonClosesOnItsFirstCorner() {
        screen.tool("Polygon");
        for (double[] corner : new double[][] {{20, 20}, {120, 20}, {120, 90}, {20, 90}, {20, 20}}) {
            screen.click(corner[0], corner[1]);
        }
        near(sent(), 20, 20, 100, 70);
    }

    @Test
    void theEraserRemovesWhatTheBrushPainted() {
        screen.page.locator("#size").evaluate("e => e.value = 20");
        screen.tool("Brush");
        screen.drag(new double[] {60, 60}, new double[] {200, 60});
        near(sent(), 46, 46, 168, 28);
        screen.tool("Eraser");
        screen.drag(new double[] {200, 30}, new double[] {200, 60}, new double[] {200, 90});
        near(sent(), 46, 46, 140, 28);
    }

    @Test
    void touchingStrokesAreOneRegion() {
        screen.tool("Brush");
        screen.drag(new double[] {60, 60}, new double[] {100, 60});
        screen.drag(new double[] {100, 60}, new double[] {100, 100});
        assertThat(screen.page.locator(".card")).hasCount(2); // the turtle is the other
        screen.drag(new double[] {400, 60}, new double[] {420, 60});
        assertThat(screen.page.locator(".card")).hasCount(3);
    }

    @Test
    void undoRedoAndClear() {
        drawBox();
        assertThat(screen.page.locator(".card")).hasCount(2);
        screen.press("Undo");
        assertThat(screen.page.locator(".card")).hasCount(1);
        screen.press("Redo");
        assertThat(screen.page.locator(".card")).hasCount(2);
        screen.press("Clear all regions");
        assertThat(screen.page.locator(".card")).hasCount(0);
        screen.page.keyboard().press("Control+z");
        assertThat(screen.page.locator(".card")).hasCount(2);
    }

    @Test
    void aBoxCanBeDrawnByKeyboard() {
        screen.tool("Box");
        screen.page.locator("#stage").focus();
        screen.page.keyboard().press("ArrowRight"); // the cross appears in the middle
        screen.page.keyboard().press("Space");
        for (String key : new String[] {"Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"}) {
            screen.page.keyboard().press(key);
        }
        screen.page.keyboard().press("Space");
        near(sent(), 320, 220, 40, 20);
    }

    @Test
    void drawingWorksWhenZoomedIn() {
        screen.tool("Box");
        double[] from = screen.at(320, 220);
        for (int i = 0; i < 3; i++) {
            screen.page.keyboard().press("b");
            screen.page.mouse().move(from[0], from[1]);
            screen.page.mouse().wheel(0, -200);
        }
        screen.page.mouse().down();
        screen.page.mouse().move(from[0] + 100, from[1] + 100);
        screen.page.mouse().up();
        Rectangle region = sent();
        assertThat(region.x).isBetween(318, 322);
        assertThat(region.y).isBetween(218, 222);
        assertThat(region.width).isLessThan(60);
    }

    @Test
    void thePictureIsSentAsItIs() throws IOException {
        screen.click(528, 350);
        screen.describe();
        byte[] sent = asked().file();
        try (InputStream sample = Page.class.getResourceAsStream("/page/sample.png")) {
            assertThat(sent).isEqualTo(sample.readAllBytes());
        }
    }

    @Test
    void tappingAnOutlinedObjectDescribesIt() {
        screen.click(528, 350);
        assertThat(screen.card()).containsText("Not described yet.");
        Rectangle star = sent();
        assertThat(star.contains(528, 350)).isTrue();
        assertThat(star.getSize()).isEqualTo(new Dimension(123, 124));
        assertThat(screen.answer()).containsText("A thing 123 wide and 124 high");
        assertThat(screen.card().locator(".said")).containsText("first word after");
        assertThat(screen.card().locator(".said")).containsText("10 tokens");
    }
}
