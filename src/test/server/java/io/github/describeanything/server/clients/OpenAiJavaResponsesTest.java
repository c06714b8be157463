package io.github.describeanything.server.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.responses.EasyInputMessage;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseIncludable;
import com.openai.models.responses.ResponseInputContent;
import com.openai.models.responses.ResponseInputImage;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseInputText;
import com.openai.models.responses.ResponseOutputText;
import com.openai.models.responses.ResponseStatus;
import io.github.describeanything.server.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** OpenAI's client for Java, its Responses API. It checks what it is sent. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenAiJavaResponsesTest {
    private static final String PICTURE = TestServer.dataUrl("blob.png");

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

    private static ResponseInputItem asked(String question) {
        return ResponseInputItem.ofEasyInputMessage(EasyInputMessage.builder()
                .role(EasyInputMessage.Role.USER)
                .contentOfResponseInputMessageContentList(List.of(
                        ResponseInputContent.ofInputImage(ResponseInputImage.builder()
                                .imageUrl(PICTURE)
                                .detail(ResponseInputImage.Detail.AUTO)
                                .build()),
                        ResponseInputContent.ofInputText(
                                ResponseInputText.builder().text(question).build())))
                .build());
    }

    private static ResponseCreateParams.Builder request() {
        return ResponseCreateParams.builder()
                .model("describe_anything_model")
                .temperature(0)
                .maxOutputTokens(16)
                .inputOfResponse(List.of(asked("What is it?")));
    }

    private static List<ResponseOutputText> texts(Response response) {
        return response.output().stream()
                .flatMap(it -> it.message().stream())
                .flatMap(it -> it.content().stream())
                .map(it -> it.outputText().orElseThrow())
                .toList();
    }

    private static String text(Response response) {
        return texts(response).stream().map(ResponseOutputText::text).collect(Collectors.joining());
    }

    @Test
    void aWholeResponseIsValidToItsLastFieldAndSaysWhatAChatCompletionSays() {
        Response response = client.responses().create(request().build()).validate();
        assertThat(text(response))
                .isNotEmpty()
                .isEqualTo(TestServer.text(server.post(TestServer.request(PICTURE, "What is it?", ""))));
        assertThat(response.status()).hasValue(ResponseStatus.INCOMPLETE);
        assertThat(response.usage().orElseThrow().outputTokens()).isEqualTo(16);
    }

    @Test
    void aStreamedResponseIsTheWholeOne() {
        Response whole = client.responses().create(request().build());
        var accumulator = ResponseAccumulator.create();
        var deltas = new StringBuilder();
        try (var stream = client.responses().createStreaming(request().build())) {
            stream.stream().forEach(event -> {
                accumulator.accumulate(event.validate());
                event.outputTextDelta().ifPresent(it -> deltas.append(it.delta()));
            });
        }
        Response streamed = accumulator.response().validate();
        assertThat(text(streamed)).isEqualTo(text(whole)).isEqualTo(deltas.toString());
        assertThat(streamed.incompleteDetails().orElseThrow().reason())
                .isEqualTo(whole.incompleteDetails().orElseThrow().reason());
        assertThat(streamed.usage()).isPresent();
    }

    @Test
    void logprobsComeWhereTheyAreIncluded() {
        Response response = client.responses()
                .create(request()
                        .addInclude(ResponseIncludable.MESSAGE_OUTPUT_TEXT_LOGPROBS)
                        .topLogprobs(2)
                        .build())
                .validate();
        var logprobs = texts(response).getFirst().logprobs().orElseThrow();
        assertThat(logprobs).hasSize(16).allMatch(it -> it.topLogprobs().size() == 2);
        assertThat(logprobs.stream().map(ResponseOutputText.Logprob::token).collect(Collectors.joining()))
                .isEqualTo(text(response));
    }

    @Test
    void anAnswerGoesBackAsItCame() {
        Response first = client.responses().create(request().build());
        var input = new ArrayList<ResponseInputItem>(List.of(asked("What is it?")));
        first.output().stream()
                .flatMap(it -> it.message().stream())
                .map(ResponseInputItem::ofResponseOutputMessage)
                .forEach(input::add);
        input.add(ResponseInputItem.ofEasyInputMessage(EasyInputMessage.builder()
                .role(EasyInputMessage.Role.USER)
                .content("What colour?")
                .build()));
        Response second =
                client.responses().create(request().inputOfResponse(input).build());
        Response alone = client.responses()
                .create(request()
                        .inputOfResponse(List.of(asked("What colour?")))
                        .build());
        assertThat(text(second)).isEqualTo(text(alone));
    }

    @Test
    void errorsHaveTheirClassCodeAndParam() {
        assertThatThrownBy(
                        () -> client.responses().create(request().temperature(3).build()))
                .isInstanceOfSatisfying(BadRequestException.class, it -> {
                    assertThat(it.code()).hasValue("invalid_value");
                    assertThat(it.param()).hasValue("temperature");
                });
        assertThatThrownBy(() -> client.responses()
                        .create(request().previousResponseId("resp_1").build()))
                .isInstanceOfSatisfying(
                        BadRequestException.class, it -> assertThat(it.param()).hasValue("previous_response_id"));
        assertThatThrownBy(() -> client.responses().retrieve("resp_1")).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> client.responses().cancel("resp_1")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void aStreamThatIsClosedFreesItsPlace() throws InterruptedException {
        var endless = request()
                .maxOutputTokens(2000)
                .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                .build();
        try (var _ = server.slowly()) {
            try (var stream = client.responses().createStreaming(endless)) {
                assertThat(stream.stream()
                                .filter(it -> it.outputTextDelta().isPresent())
                                .findFirst())
                        .isPresent();
            }
            // Left alone it would last ten seconds.
            for (int i = 0; i < 400 && server.model.stats().admitted() > 0; i++) {
                Thread.sleep(10);
            }
            assertThat(server.model.stats().admitted()).isZero();
        }
    }
}
