package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Base of the browser tests: a new browser context on the page, a scripted model, and a check for errors on the page.
 */
abstract class BrowserTest {
    private final List<String> complaints = new ArrayList<>();
    protected ScriptedModel model;
    protected Screen screen;
    private BrowserContext context;

    @BeforeEach
    void visit() {
        Browser browser = Chromium.start();
        model = new ScriptedModel();
        context = browser.newContext(visitor());
        open();
    }

    protected Browser.NewContextOptions visitor() {
        return new Browser.NewContextOptions().setViewportSize(1280, 820);
    }

    protected void open() {
        Page page = context.newPage();
        page.setDefaultTimeout(10_000);
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            if (message.text().contains("Content Security Policy")) {
                complaints.add(message.text());
            }
        });
        page.navigate(model.url());
        screen = new Screen(page, Screen.SAMPLE);
        assertThat(screen.card()).containsText("turtle");
    }

    /** The next request that the server received. */
    protected ScriptedModel.Asked asked() {
        try {
            ScriptedModel.Asked next = model.asked.poll(10, TimeUnit.SECONDS);
            Assertions.assertThat(next).as("a request").isNotNull();
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void leave() {
        if (context != null) {
            context.close();
            model.close();
            Assertions.assertThat(complaints).as("errors on the page").isEmpty();
        }
    }
}
