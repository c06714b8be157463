package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.http.Json;
import java.awt.Dimension;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The page with Perceive Anything: label, explanation and caption as the lines of one answer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PerceiveAnythingTest {
    private static final LocatorAssertions.ContainsTextOptions PATIENTLY =
            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);
    private static final String LINES = "Label and caption";

    private final List<String> bodies = new ArrayList<>();
    private TestServer server;
    private BrowserContext context;
    private Page page;
    private Screen screen;

    @BeforeAll
    void start() {
        Chromium.start();
        var models = List.of(TestServer.open("pam-golden"), TestServer.open("golden-joint-fp32"));
        server = TestServer.over(models, Optional.empty());
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void visit() {
        bodies.clear();
        context = Chromium.start().newContext(new Browser.NewContextOptions().setViewportSize(1280, 820));
        page = context.newPage();
        page.onRequest(this::note);
        page.navigate(server.url("/"));
        screen = new Screen(page, Screen.SAMPLE);
        assertThat(screen.card()).containsText("turtle", PATIENTLY);
        assertThat(page.locator("#model")).hasAttribute("data-state", "ready");
        page.getByText("More").first().click();
        page.locator("#length").fill("24");
        page.locator("#temperature").fill("0");
    }

    @AfterEach
    void leave() {
        context.close();
    }

    private void note(Request request) {
        if (request.url().endsWith("/chat/completions")) {
            bodies.add(request.postData());
        }
    }

    private JsonNode sent() {
        return Json.MAPPER.readTree(bodies.getLast());
    }

    private void describeTheStar() {
        screen.click(528, 350);
        screen.describe();
        assertThat(screen.card().locator(".said")).containsText("tokens", PATIENTLY);
    }

    private List<String> lines() {
        return screen.answer().locator("dd").allTextContents();
    }

    @Test
    void labelExplanationAndCaptionAreThreeLinesOfOneAnswer() {
        describeTheStar();
        assertThat(bodies).as("one request").hasSize(1);
        assertThat(sent().path("tasks").valueStream().map(JsonNode::asString))
                .containsExactly("label", "definition", "caption");
        assertThat(screen.card().locator(".question"))
                .hasText("pam-golden · Label, explanation and caption · temperature 0.0 · at most 24 tokens");
        assertThat(screen.answer().locator("dt")).hasText(new String[] {"Label", "Explanation", "Caption"});
        JsonNode whole = TestServer.json(server.post(bodies.getLast()
                .replace("\"stream\":true,\"stream_options\":{\"include_usage\":true}", "\"stream\":false")));
        assertThat(lines())
                .hasSize(3)
                .containsExactlyElementsOf(whole.path("choices")
                        .valueStream()
                        .map(it -> it.at("/message/content").asString().strip())
                        .toList());
        AccessibilityTest.axe(screen);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        AccessibilityTest.axe(screen);
        page.setViewportSize(390, 844);
        for (String wide : List.of("document.documentElement", "document.querySelector('#ask')")) {
            assertThat(page.evaluate(wide + ".scrollWidth <= " + wide + ".clientWidth"))
                    .as(wide)
                    .isEqualTo(true);
        }
        AccessibilityTest.axe(screen);
    }

    @Test
    void severalRegionsAreEachDescribedInThreeLines() {
        page.locator("#describe-all").click();
        Locator said = page.locator(".said:has-text('first word')");
        assertThat(said).hasCount(5, new LocatorAssertions.HasCountOptions().setTimeout(60_000));
        assertThat(page.locator(".card dt")).hasCount(15);
        assertThat(bodies).as("one request for five regions").hasSize(1);
    }

    @Test
    void theLinesSurviveAReload() {
        describeTheStar();
        List<String> lines = lines();
        screen.untilStored("\"firstMs\":"); // only finished answers have it
        page.reload();
        assertThat(screen.answer().locator("dt")).hasText(new String[] {"Label", "Explanation", "Caption"});
        assertThat(lines()).isEqualTo(lines);
    }

    @Test
    void allTheDetailAndAQuestionAreAsked() {
        kind("All the detail").check();
        describeTheStar();
        assertThat(sent().path("tasks").valueStream().map(JsonNode::asString)).containsExactly("detailed_caption");
        assertThat(screen.card().locator(".question")).containsText("In detail");
        assertThat(screen.answer().locator("dd")).hasCount(0);
        screen.ask("What colour is it?");
        assertThat(screen.card().locator(".said").last()).containsText("token", PATIENTLY);
        assertThat(sent().has("tasks")).isFalse();
        assertThat(screen.card().locator(".question").last()).containsText("What colour is it?");
    }

    @Test
    void eachFamilyHasItsOwnKindsOfAnswers() {
        assertThat(kind(LINES)).isChecked();
        assertThat(kind("A word")).isHidden();
        page.locator("#model-choice").selectOption("golden");
        assertThat(kind("All the detail")).isChecked();
        assertThat(kind("A word")).isVisible();
        assertThat(kind(LINES)).isHidden();
        kind("A sentence").check();
        page.locator("#model-choice").selectOption("pam-golden");
        assertThat(kind(LINES)).isChecked();
        page.locator("#model-choice").selectOption("golden");
        assertThat(kind("A sentence")).isChecked();
    }

    @Test
    void aVideoIsSentAsSixteenFramesMarkedOnTheFirst(@TempDir Path folder) throws IOException {
        page.locator("#file").setInputFiles(Clip.record(page, folder));
        assertThat(page.locator("#moment-text"))
                .containsText("Frame 1 of 8", new LocatorAssertions.ContainsTextOptions().setTimeout(30_000));
        assertThat(kind(LINES)).isHidden();
        screen.tool("Box");
        screen.over(new Dimension(320, 240)).drag(new double[] {5, 85}, new double[] {40, 120}, new double[] {70, 155});
        screen.describe();
        assertThat(screen.card().locator(".said")).containsText("token", PATIENTLY);
        JsonNode sent = sent();
        assertThat(sent.path("tasks").valueStream().map(JsonNode::asString)).containsExactly("caption");
        assertThat(sent.at("/messages/0/content")).hasSize(16);
        assertThat(sent.path("regions")).hasSize(1);
        assertThat(sent.at("/regions/0/frame").asInt()).isZero();
        assertThat(screen.card().locator(".question")).containsText("pam-golden · Caption");
    }

    private Locator kind(String name) {
        return page.getByRole(
                AriaRole.RADIO,
                new Page.GetByRoleOptions().setName(name).setExact(true).setIncludeHidden(true));
    }

    @Test
    void anAnswerInLinesIsComparedWithThatOfAnotherModel() {
        describeTheStar();
        List<String> lines = lines();
        page.locator("#model-choice").selectOption("golden");
        assertThat(page.locator("#model-name")).hasText("golden");
        screen.describe();
        assertThat(screen.card().locator(".said").last()).containsText("token", PATIENTLY);
        screen.press("Compare");
        Locator columns = page.locator("#compare section");
        assertThat(columns.nth(0).locator("option:checked"))
                .containsText("pam-golden · Label, explanation and caption");
        assertThat(columns.nth(0).locator("dd")).hasText(lines.toArray(String[]::new));
        assertThat(columns.nth(1).locator("option:checked")).containsText("golden · In detail");
        assertThat(columns.nth(1).locator("dd")).hasCount(0);
        AccessibilityTest.axe(screen);
    }
}
