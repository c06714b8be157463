package io.github.describeanything.server.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.models.Model;
import io.github.describeanything.server.TestServer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** OpenAI's client for Java, which validates responses. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenAiJavaTest {
    private TestServer server;
    private OpenAIClient client;

    @BeforeAll
    void start() {
        server = TestServer.startPaced("golden-joint-fp32", 4, 64, UnaryOperator.identity());
        client = server.openAi();
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    private static ChatCompletionCreateParams.Builder request() {
        var url = ChatCompletionContentPartImage.ImageUrl.builder()
                .url(TestServer.dataUrl("blob.png"))
                .build();
        return ChatCompletionCreateParams.builder()
                .model("describe_anything_model")
                .temperature(0)
                .maxCompletionTokens(16)
                .addUserMessageOfArrayOfContentParts(List.of(ChatCompletionContentPart.ofImageUrl(
                        ChatCompletionContentPartImage.builder().imageUrl(url).build())));
    }

    private static String text(ChatCompletion answer) {
        return answer.choices().getFirst().message().content().orElseThrow();
    }

    @Test
    void wholeAnswersAreValid() {
        ChatCompletion answer = client.chat()
                .completions()
                .create(request().n(2).logprobs(true).topLogprobs(2).build());
        answer.validate();
        assertThat(text(answer)).isNotEmpty();
        assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(32);
    }

    @Test
    void streamedAndWholeAnswersAreEqualAndUsageIsLast() {
        var whole = client.chat().completions().create(request().build());
        var accumulator = ChatCompletionAccumulator.create();
        var options = ChatCompletionStreamOptions.builder().includeUsage(true).build();
        try (var stream = client.chat()
                .completions()
                .createStreaming(request().streamOptions(options).build())) {
            stream.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
        }
        ChatCompletion streamed = accumulator.chatCompletion();
        assertThat(text(streamed)).isEqualTo(text(whole));
        assertThat(streamed.choices().getFirst().finishReason())
                .isEqualTo(whole.choices().getFirst().finishReason());
        assertThat(streamed.usage()).isPresent();
    }

    @Test
    void errorsMapToExceptionsWithCodeAndParam() {
        assertThatThrownBy(() -> client.chat()
                        .completions()
                        .create(request().temperature(3).build()))
                .isInstanceOfSatisfying(BadRequestException.class, it -> {
                    assertThat(it.code()).hasValue("invalid_value");
                    assertThat(it.param()).hasValue("temperature");
                    assertThat(it.type()).hasValue("invalid_request_error");
                });
        assertThatThrownBy(() -> {
                    var unknown = request().model("gpt-4o").build();
                    try (var chunks = client.chat().completions().createStreaming(unknown)) {
                        assertThat(chunks.stream()).isEmpty();
                    }
                })
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> client.models().retrieve("gpt-4o")).isInstanceOf(OpenAIServiceException.class);
    }

    @Test
    void aBadPictureIsNotRetried() {
        double before = invalid();
        assertThatThrownBy(() -> client.withOptions(it -> it.maxRetries(2))
                        .chat()
                        .completions()
                        .create(request().addUserMessage("x".repeat(200_000)).build()))
                .isInstanceOf(BadRequestException.class);
        assertThat(invalid()).isEqualTo(before + 1);
    }

    private double invalid() {
        String name = "dam_requests_total{model=\"golden\",outcome=\"invalid\"} ";
        return server.get("/metrics")
                .body()
                .lines()
                .filter(it -> it.startsWith(name))
                .mapToDouble(it -> Double.parseDouble(it.substring(name.length())))
                .sum();
    }

    @Test
    void closingAStreamReleasesItsPermit() throws InterruptedException {
        var endless = request()
                .maxCompletionTokens(2000)
                .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                .build();
        try (var _ = server.slowly()) {
            try (var stream = client.chat().completions().createStreaming(endless)) {
                assertThat(stream.stream().findFirst()).isPresent();
            }
            // Unclosed it would take ten seconds.
            for (int i = 0; i < 400 && server.model.stats().admitted() > 0; i++) {
                Thread.sleep(10);
            }
            assertThat(server.model.stats().admitted()).isZero();
        }
    }

    @Test
    void aFullQueueIsRetriedAfterRetryAfter() throws InterruptedException {
        try (var narrow = TestServer.startPaced("golden-joint-fp32", 1, 0, it -> it);
                var _ = narrow.slowly()) {
            OpenAIClient patient = narrow.openAi().withOptions(it -> it.maxRetries(3));
            var endless = request()
                    .maxCompletionTokens(2000)
                    .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                    .build();
            long start = System.nanoTime();
            try (var running = patient.chat().completions().createStreaming(endless)) {
                assertThat(running.stream().findFirst()).isPresent();
                Thread.startVirtualThread(() -> {
                    while (!narrow.get("/metrics")
                            .body()
                            .contains("dam_requests_total{model=\"golden\",outcome=\"refused\"} 1.0")) {
                        Thread.onSpinWait();
                    }
                    running.close();
                });
                assertThat(text(patient.chat().completions().create(request().build())))
                        .isNotEmpty();
            }
            assertThat(System.nanoTime() - start).as("Retry-After is 1").isGreaterThan(1_000_000_000L);
        }
    }

    @Test
    void listsModels() {
        assertThat(client.models().list().data()).extracting(Model::id).contains("golden", "describe_anything_model");
        assertThat(client.models().retrieve("golden").validate().created()).isPositive();
    }
}
