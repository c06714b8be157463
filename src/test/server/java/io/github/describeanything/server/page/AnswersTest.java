package io.github.describeanything.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Asking: kinds of questions, turns, stopping, errors, API keys, and copying requests. */
class AnswersTest extends BrowserTest {
    private Locator said() {
        return screen.card().locator(".said").last();
    }

    private String copied() {
        return (String) screen.page.evaluate("navigator.clipboard.readText()");
    }

    @Test
    void eachButtonAsksItsOwnQuestion() {
        screen.page.getByLabel("A word").check();
        screen.describe();
        assertThat(asked().question()).isEqualTo("Describe the masked region in one word.");
        assertThat(said()).containsText("tokens");
        screen.page.getByLabel("A sentence").check();
        screen.describe();
        assertThat(asked().question()).isEqualTo("Describe it in one short sentence.");
        assertThat(said()).containsText("tokens");
        screen.ask("What colour is it?");
        assertThat(asked().question()).isEqualTo("What colour is it?");
        assertThat(screen.card().locator(".question").last()).hasText("What colour is it?");
    }

    @Test
    void temperatureAndLengthAreSent() {
        screen.page
                .getByText("More", new com.microsoft.playwright.Page.GetByTextOptions().setExact(true))
                .click();
        screen.page.locator("#temperature").fill("0.7");
        screen.page.locator("#length").fill("64");
        screen.describe();
        JsonNode body = asked().body();
        assertThat(body.get("temperature").asDouble()).isEqualTo(0.7);
        assertThat(body.get("max_tokens").asInt()).isEqualTo(64);
        assertThat(body.get("stream").asBoolean()).isTrue();
    }

    @Test
    void aSecondQuestionFollowsTheFirst() {
        Locator field = screen.page.getByLabel("Another question about region 1");
        field.fill("And its colour?");
        field.press("Enter");
        JsonNode messages = asked().body().get("messages");
        assertThat(messages).extracting(m -> m.get("role").asString()).containsExactly("user", "assistant", "user");
        assertThat(messages.get(0).at("/content/0/type").asString()).isEqualTo("image_url");
        assertThat(messages.get(1).get("content").asString()).contains("turtle");
        assertThat(messages.get(2).get("content").asString()).isEqualTo("And its colour?");
        assertThat(screen.answer()).containsText("A thing");
    }

    @Test
    void stoppingCancelsTheRequest() throws InterruptedException {
        screen.ask("endless");
        assertThat(screen.answer()).containsText("on and on and");
        screen.press("Stop");
        assertThat(said()).hasText("Stopped");
        assertThat(model.left.poll(5, TimeUnit.SECONDS))
                .as("the server detected it")
                .isNotNull();
    }

    @Test
    void removingARegionCancelsItsRequest() throws InterruptedException {
        screen.ask("endless");
        assertThat(screen.answer()).containsText("on and");
        screen.press("Remove region 1");
        assertThat(model.left.poll(5, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void undoingARegionCancelsItsRequest() throws InterruptedException {
        screen.tool("Box");
        screen.drag(new double[] {20, 20}, new double[] {60, 60});
        screen.ask("endless");
        assertThat(screen.answer()).containsText("on and");
        screen.page.locator("#undo").click();
        assertThat(model.left.poll(5, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void theLastAnswerIsInViewAlsoOnALongCard() {
        for (String question : List.of("One?", "Two?", "Three?", "Four?", "Five?")) {
            screen.ask(question);
            assertThat(screen.card().locator(".question").last()).hasText(question);
            assertThat(said()).containsText("tokens");
        }
        assertThat(screen.answer()).isInViewport();
    }

    @Test
    void aQueuedQuestionStopsAtOnce() {
        for (int i = 0; i < 5; i++) {
            screen.ask("endless");
        }
        Locator fifth = screen.card().locator(".said").last();
        screen.page
                .getByRole(AriaRole.BUTTON, new com.microsoft.playwright.Page.GetByRoleOptions().setName("Stop"))
                .last()
                .click();
        assertThat(fifth).hasText("Stopped");
    }

    @Test
    void thePlaceInTheServersQueueIsShownAndReadOut() {
        Locator status = screen.page.locator("#status");
        screen.ask("queue");
        assertThat(said()).containsText("Number 3 in the server's queue");
        assertThat(status).hasText("Region 1: Number 3 in the server's queue");
        model.steps.release();
        assertThat(said()).containsText("Next in the server's queue");
        assertThat(status).hasText("Region 1: Next in the server's queue");
        model.steps.release();
        assertThat(said()).containsText("Waiting for the first word");
        model.steps.release();
        assertThat(screen.answer()).containsText("A thing");
    }

    @Test
    void errorsAreShownInPlainWords() {
        screen.ask("refuse");
        assertThat(said()).hasText("Messages[0]: the picture has no mask.");
        screen.ask("break");
        assertThat(said()).hasText("The engine stopped.");
        assertThat(screen.answer()).hasText("It begins");
        screen.ask("cut");
        assertThat(said()).hasText("The answer is incomplete: the server closed the connection.");
        model.close();
        screen.ask("anyone?");
        assertThat(said()).hasText("The server cannot be reached. Is it still running?");
    }

    @Test
    void aRenamedModelIsLookedUpAgain() {
        model.rename("another");
        screen.describe();
        assertThat(said()).containsText("this server serves another");
        assertThat(screen.page.locator("#model-name")).hasText("another");
        screen.press("Try again");
        assertThat(screen.answer()).containsText("A thing");
    }

    @Test
    void regionsAreDescribedTogetherEachOnItsCard() {
        screen.page.locator("#describe-all").click();
        assertThat(screen.page.locator(".card")).hasCount(6);
        assertThat(screen.page.locator(".said:has-text('first word')")).hasCount(5);
        ScriptedModel.Asked all = asked();
        assertThat(all.pictures()).as("one upload").hasSize(1);
        for (int i = 0; i < 5; i++) {
            assertThat(screen.page.locator(".cards")).containsText(all.answer(i));
        }
    }

    @Test
    void aRequiredKeyIsAskedForAndSent() {
        model.lock(true);
        screen.page.reload();
        Locator key = screen.page.getByLabel("This server requires an API key.");
        assertThat(key).isFocused();
        key.fill("a-key-cut-short…");
        screen.press("Use this key");
        assertThat(screen.page.locator("#trouble")).containsText("ASCII letters");
        key.fill(ScriptedModel.KEY);
        screen.press("Use this key");
        assertThat(screen.page.locator("#model-name")).hasText("scripted");
        screen.describe();
        assertThat(screen.answer()).containsText("A thing");
    }

    @Test
    void textAndRequestAreCopied() {
        screen.page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        screen.press("Copy text");
        assertThat(screen.page.locator("#status")).hasText("The text is copied.");
        assertThat(copied()).contains("turtle");
        Locator menu = screen.page.getByLabel("Copy the request for region 1");
        menu.selectOption("curl");
        assertThat(screen.page.locator("#status")).hasText("The request is copied, ready to run.");
        assertThat(copied()).startsWith("curl -sS " + model.url() + "v1/chat/completions");
        menu.selectOption("python");
        screen.page.waitForCondition(() -> copied().contains("from openai import OpenAI"));
        assertThat(copied()).contains("\"url\": picture0").contains("picture0 = \"data:image/png;base64,");
        menu.selectOption("node");
        screen.page.waitForCondition(() -> copied().contains("import OpenAI from \"openai\""));
    }

    @Test
    void theCopiedCurlRunsAndGivesTheSameAnswer() throws Exception {
        screen.page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        screen.page.getByLabel("Copy the request for region 1").selectOption("curl");
        screen.page.waitForCondition(() -> copied().startsWith("curl"));
        Process shell = new ProcessBuilder("sh", "-s").redirectErrorStream(true).start();
        try (var in = shell.outputWriter()) {
            in.write(copied());
        }
        String out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(out).isZero();
        assertThat(out).contains("\" 160\""); // the turtle is 160 pixels wide
        assertThat(asked().question()).isEqualTo("Describe the masked region in detail.");
    }

    @Test
    void wordsThatArriveAtOnceDoNotInflateTheSpeed() {
        screen.ask("at once");
        assertThat(screen.card().locator(".said").last())
                .containsText(Pattern.compile("after [\\d.]+ s · \\d{1,2}(\\.\\d)? tokens/s · 20 tokens"));
    }

    @Test
    void theConnectorFollowsItsCardWhenTheFormGrows() {
        screen.page.getByText("More").first().click();
        screen.page.waitForFunction("""
                () => {
                  const end = Number(document.querySelector("#thread path").getAttribute("d").split(" ").at(-1));
                  const badge = document.querySelector(".card.active .badge").getBoundingClientRect();
                  return Math.abs(end - badge.top - badge.height / 2) < 2;
                }""");
    }

    @Test
    void screenReadersGetTheAnswerOnceComplete() {
        screen.ask("endless");
        assertThat(screen.answer()).hasAttribute("aria-busy", "true");
        assertThat(screen.answer()).hasAttribute("aria-live", "polite");
        screen.page
                .getByRole(AriaRole.BUTTON, new com.microsoft.playwright.Page.GetByRoleOptions().setName("Stop"))
                .click();
        assertThat(screen.answer()).hasAttribute("aria-busy", "false");
    }
}
