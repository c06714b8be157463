package io.github.describeanything.server.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiModelCatalog;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import io.github.describeanything.server.TestServer;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** LangChain4j's OpenAI models. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LangChain4jTest {
    private static final UserMessage ABOUT = UserMessage.from(
            ImageContent.from(Base64.getEncoder().encodeToString(TestServer.golden("blob.png")), "image/png"),
            TextContent.from("What is it?"));

    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.startPaced("golden-joint-fp32", 4, 64, UnaryOperator.identity());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private OpenAiChatModel.OpenAiChatModelBuilder model() {
        return OpenAiChatModel.builder()
                .baseUrl(server.url("/v1"))
                .apiKey("none")
                .modelName("describe_anything_model")
                .temperature(0.0)
                .maxTokens(16)
                .maxRetries(0);
    }

    private OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder streaming() {
        return OpenAiStreamingChatModel.builder()
                .baseUrl(server.url("/v1"))
                .apiKey("none")
                .modelName("describe_anything_model")
                .temperature(0.0)
                .maxTokens(16);
    }

    /** Collects the answer; cancels after the first text if asked to. */
    private static final class Answer implements StreamingChatResponseHandler {
        private final StringBuilder text = new StringBuilder();
        private final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
        private final boolean cancelling;

        Answer(boolean cancelling) {
            this.cancelling = cancelling;
        }

        @Override
        public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
            text.append(part.text());
            if (cancelling) {
                context.streamingHandle().cancel();
                cancelled.complete(null);
            }
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            whole.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            whole.completeExceptionally(error);
        }
    }

    @Test
    void aWholeAnswer() {
        ChatResponse answer = model().build().chat(ABOUT);
        assertThat(answer.aiMessage().text()).isNotEmpty();
        assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(answer.tokenUsage().outputTokenCount()).isEqualTo(16);
    }

    @Test
    void streamedAndWholeAnswersAreEqual() throws Exception {
        var answer = new Answer(false);
        streaming().build().chat(java.util.List.of(ABOUT), answer);
        ChatResponse streamed = answer.whole.get(30, TimeUnit.SECONDS);
        String whole = model().build().chat(ABOUT).aiMessage().text();
        assertThat(answer.text).hasToString(whole);
        assertThat(streamed.aiMessage().text()).isEqualTo(whole);
        assertThat(streamed.tokenUsage().outputTokenCount()).isEqualTo(16);
    }

    @Test
    void errorsMapToExceptions() {
        assertThatThrownBy(() -> model().temperature(3.0).build().chat(ABOUT))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("temperature must be between 0 and 2");
        assertThatThrownBy(() -> model().modelName("gpt-4o").build().chat(ABOUT))
                .isInstanceOf(ModelNotFoundException.class);
        var answer = new Answer(false);
        streaming().modelName("gpt-4o").build().chat(java.util.List.of(ABOUT), answer);
        assertThat(answer.whole)
                .failsWithin(java.time.Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(ModelNotFoundException.class);
    }

    @Test
    void cancellingAStreamReleasesItsPermit() throws Exception {
        var answer = new Answer(true);
        try (var _ = server.slowly()) {
            streaming()
                    .maxTokens(2000)
                    .customParameters(Map.of("ignore_eos", true))
                    .build()
                    .chat(java.util.List.of(ABOUT), answer);
            answer.cancelled.get(30, TimeUnit.SECONDS);
            // Uncancelled it would take ten seconds.
            for (int i = 0; i < 400 && server.model.stats().admitted() > 0; i++) {
                Thread.sleep(10);
            }
            assertThat(server.model.stats().admitted()).isZero();
        }
    }

    @Test
    void listsModels() {
        var catalog = OpenAiModelCatalog.builder()
                .baseUrl(server.url("/v1"))
                .apiKey("none")
                .build();
        assertThat(catalog.listModels()).extracting(ModelDescription::name).contains("describe_anything_model");
    }
}
