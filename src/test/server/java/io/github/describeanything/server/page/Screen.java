package io.github.describeanything.server.page;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import java.awt.Dimension;
import java.util.List;
import java.util.regex.Pattern;

/** The open page: mouse actions at picture coordinates, and readable content. */
final class Screen {
    /** The size of the sample picture and an object in it. */
    static final Dimension SAMPLE = new Dimension(640, 440);

    /** Everything the page has stored, as JSON. */
    private static final String STATES = """
            () => new Promise((done) => {
              const opened = indexedDB.open("describe-anything");
              opened.onsuccess = () => {
                const all = opened.result.transaction("states").objectStore("states").getAll();
                all.onsuccess = () => {
                  opened.result.close();
                  done(JSON.stringify(all.result));
                };
              };
            })""";

    final Page page;
    private final Dimension picture;

    Screen(Page page, Dimension picture) {
        this.page = page;
        this.picture = picture;
    }

    Screen over(Dimension other) {
        return new Screen(page, other);
    }

    /** Converts picture coordinates to screen coordinates while the whole picture is shown. */
    double[] at(double x, double y) {
        BoundingBox box = page.locator("#stage").boundingBox();
        double margin = box.width < 600 ? 12 : 24;
        double top = box.width < 600 ? 12 : 62;
        double high = box.height - top - margin;
        double scale = Math.min(4, Math.min((box.width - 2 * margin) / picture.width, high / picture.height));
        return new double[] {
            box.x + (box.width - picture.width * scale) / 2 + x * scale,
            box.y + top + (high - picture.height * scale) / 2 + y * scale
        };
    }

    void tool(String name) {
        page.getByRole(AriaRole.RADIO, new Page.GetByRoleOptions().setName(name).setExact(true))
                .click();
    }

    void click(double x, double y) {
        double[] at = at(x, y);
        page.mouse().click(at[0], at[1]);
    }

    void drag(double[]... places) {
        move(places[0]);
        page.mouse().down();
        for (double[] place : List.of(places).subList(1, places.length)) {
            move(place);
        }
        page.mouse().up();
    }

    void move(double... place) {
        double[] at = at(place[0], place[1]);
        page.mouse().move(at[0], at[1], new Mouse.MoveOptions().setSteps(3));
    }

    /** A closed circular path. */
    static double[][] circle(double x, double y, double radius) {
        double[][] places = new double[49][];
        for (int i = 0; i < places.length; i++) {
            double angle = i * 2 * Math.PI / 48;
            places[i] = new double[] {x + radius * Math.cos(angle), y + radius * Math.sin(angle)};
        }
        return places;
    }

    void press(String button) {
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(button).setExact(true))
                .click();
    }

    void describe() {
        page.locator("#describe").click();
    }

    void ask(String question) {
        page.getByLabel("My question").check();
        page.getByLabel("Your question about the region").fill(question);
        describe();
    }

    /** The card of the selected region. */
    Locator card() {
        return page.locator(".card.active");
    }

    Locator answer() {
        return card().locator(".answer").last();
    }

    /** Waits until something that a pattern finds is stored. Polls from here: Playwright waits for no promises in conditions. */
    void untilStored(String pattern) {
        Pattern sought = Pattern.compile(pattern);
        for (int i = 0; i < 100; i++) {
            if (sought.matcher(String.valueOf(page.evaluate(STATES))).find()) {
                return;
            }
            page.waitForTimeout(50);
        }
        throw new AssertionError("Not stored: " + pattern);
    }
}
