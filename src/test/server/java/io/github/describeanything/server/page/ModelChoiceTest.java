package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.github.describeanything.server.TestServer;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** The page's choice between the models of a server. */
class ModelChoiceTest {
    private static final LocatorAssertions.ContainsTextOptions PATIENTLY =
            new LocatorAssertions.ContainsTextOptions().setTimeout(30_000);

    private interface Visit {
        void by(Screen screen, TestServer server);
    }

    private static void visit(List<String> bundles, Visit visit) {
        try (var server = TestServer.over(bundles.stream().map(TestServer::open).toList(), Optional.empty());
                BrowserContext context =
                        Chromium.start().newContext(new Browser.NewContextOptions().setViewportSize(1280, 820))) {
            Page page = context.newPage();
            page.navigate(server.url("/"));
            Screen screen = new Screen(page, Screen.SAMPLE);
            assertThat(screen.card()).containsText("turtle");
            visit.by(screen, server);
        }
    }

    @Test
    void theChosenModelAnswersAndIsNamedInTheHeader() {
        visit(List.of("golden-joint-fp32", "other-odd-fp32"), (screen, server) -> {
            assertThat(screen.page.locator("#model-name")).hasText("golden");
            assertThat(screen.page.locator("#model-choice option")).hasText(new String[] {"golden", "other-odd"});
            screen.page.locator("#model-choice").selectOption("other-odd");
            assertThat(screen.page.locator("#model-name")).hasText("other-odd");
            screen.click(528, 350);
            screen.page.getByLabel("A word").check();
            screen.describe();
            assertThat(screen.card().locator(".said")).containsText("token", PATIENTLY);
            String metrics = server.get("/metrics").body();
            Assertions.assertThat(metrics)
                    .contains("dam_requests_accepted_total{model=\"other-odd\"} 1.0")
                    .contains("dam_requests_accepted_total{model=\"golden\"} 0.0");
        });
    }

    @Test
    void theAnswersOfTwoModelsAreNamedAndComparedSideBySide() {
        visit(List.of("golden-joint-fp32", "other-odd-fp32"), (screen, server) -> {
            screen.page.getByText("More").first().click();
            screen.page.locator("#length").fill("16");
            screen.click(528, 350);
            screen.describe();
            assertThat(screen.card().locator(".said")).containsText("token", PATIENTLY);
            screen.page.locator("#model-choice").selectOption("other-odd");
            assertThat(screen.page.locator("#model-name")).hasText("other-odd");
            screen.press("Ask again: In detail · golden · at most 16 tokens");
            assertThat(screen.card().locator(".said").last()).containsText("token", PATIENTLY);
            assertThat(screen.card().locator(".question")).hasText(new String[] {
                "In detail · golden · at most 16 tokens", "In detail · other-odd · at most 16 tokens"
            });
            List<String> answers = screen.card().locator(".answer").allTextContents();
            screen.press("Compare");
            Locator shown = screen.page.locator("#compare");
            assertThat(shown.locator("option:checked")).hasText(new String[] {
                "In detail · golden · at most 16 tokens", "In detail · other-odd · at most 16 tokens"
            });
            assertThat(shown.locator(".answer")).hasText(answers.toArray(String[]::new));
            Assertions.assertThat(answers.get(0)).isNotEqualTo(answers.get(1));
            AccessibilityTest.axe(screen);
        });
    }

    @Test
    void oneModelLeavesNothingToChoose() {
        visit(List.of("golden-joint-fp32"), (screen, server) -> {
            assertThat(screen.page.locator("#model-name")).hasText("golden");
            assertThat(screen.page.locator("#model-choice")).isHidden();
        });
    }
}
