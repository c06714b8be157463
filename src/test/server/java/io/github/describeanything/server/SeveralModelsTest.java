package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.service.NamedModel;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Several models behind one API: each request gets the model that it names. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeveralModelsTest {
    private static final String BUILT_IN = "small";
    private static final List<String> NAMES = List.of("golden", "other-odd", BUILT_IN);
    private static final int REQUESTS = 32;

    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.over(NAMES.stream().map(SeveralModelsTest::open).toList(), Optional.of(segmenter()));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static NamedModel open(String name) {
        return name.equals(BUILT_IN)
                ? new NamedModel(
                        name, DescribeAnything.open(EmbeddedBundle.unpack().folder(), TestServer.options(4, 64)))
                : TestServer.open(name.equals("golden") ? "golden-joint-fp32" : name + "-fp32");
    }

    private static Segmenter segmenter() {
        return Segmenter.open(TestServer.bundle("sam-golden"), TestServer.options(1, 64));
    }

    // ---- which model answers

    @Test
    void everyModelIsListedAndTheAliasIsTheFirst() {
        JsonNode list = TestServer.json(server.get("/v1/models")).path("data");
        assertThat(list.valueStream().map(it -> it.path("id").asString()))
                .containsExactly("golden", "other-odd", BUILT_IN, "describe_anything_model");
        assertThat(list.get(3).at("/describe_anything/alias_of").asString()).isEqualTo("golden");
        assertThat(list.get(1).path("describe_anything").has("alias_of")).isFalse();
        for (String name : NAMES) {
            assertThat(TestServer.json(server.get("/v1/models/" + name))
                            .path("id")
                            .asString())
                    .isEqualTo(name);
        }
    }

    @Test
    void withoutANameAndUnderTheAliasTheFirstAnswers() {
        String named = TestServer.text(server.post(request(0, "golden")));
        HttpResponse<String> alias = server.post(request(0, "describe_anything_model"));
        HttpResponse<String> none = server.post(request(0, "golden").replace("\"model\": \"golden\", ", ""));
        assertThat(TestServer.text(alias)).isEqualTo(named);
        assertThat(TestServer.json(alias).path("model").asString()).isEqualTo("describe_anything_model");
        assertThat(TestServer.text(none)).isEqualTo(named);
        assertThat(TestServer.json(none).path("model").asString()).isEqualTo("golden");
        assertThat(TestServer.text(server.post(request(0, "other-odd")))).isNotEqualTo(named);
    }

    @Test
    void anUnknownNameIs404AndTheNamesAreListed() {
        for (WireForm form : WireForm.values()) {
            HttpResponse<String> refused = post(server, form, request(0, "gpt-4o"));
            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(TestServer.json(refused).at("/error/code").asString()).isEqualTo("model_not_found");
            assertThat(TestServer.json(refused).at("/error/param").asString()).isEqualTo("model");
            assertThat(TestServer.json(refused).at("/error/message").asString())
                    .endsWith("serves golden, other-odd, small and describe_anything_model");
        }
        assertThat(server.get("/v1/models/gpt-4o").statusCode()).isEqualTo(404);
    }

    @Test
    void twoModelsWithOneNameAreRefused() {
        List<NamedModel> twins = List.of(new NamedModel("twin", server.model), new NamedModel("twin", server.model));
        try (var empty = HttpServer.start(ServerConfig.local())) {
            assertThatThrownBy(() -> empty.serve(twins, Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("twin")
                    .hasMessageContaining("--model NAME=BUNDLE");
        }
    }

    // ---- at the same time

    /** Chat and responses, whole and streamed, alpha, boxes and clicks, greedy and sampled. */
    @Test
    void thirtyTwoMixedRequestsGetTheSameAnswersAsAlone() {
        var together = IntStream.range(0, REQUESTS)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> answer(server, i), Thread::startVirtualThread))
                .toList();
        List<String> answers = together.stream().map(CompletableFuture::join).toList();
        Map<Integer, String> alone = new HashMap<>();
        for (int model = 0; model < NAMES.size(); model++) {
            try (var single = TestServer.over(List.of(open(NAMES.get(model))), Optional.of(segmenter()))) {
                for (int i = model; i < REQUESTS; i += NAMES.size()) {
                    alone.put(i, answer(single, i));
                }
            }
        }
        assertThat(IntStream.range(0, REQUESTS).boxed().collect(Collectors.toMap(i -> i, answers::get)))
                .isEqualTo(alone);
        assertThat(answers).allSatisfy(it -> assertThat(it).contains("finish_reason"));
        // The models differ, and so do the requests.
        assertThat(answers).doesNotHaveDuplicates();
    }

    private static String request(int i, String model) {
        boolean alpha = i % 4 < 2;
        byte[] file = Pictures.encoded(
                Pictures.noise(40 + i, 30 + i % 7, i, (x, y) -> !alpha || (x + i) % 40 < 15 && y > 5 ? 255 : 0), "png");
        String regions = alpha
                ? ""
                : i % 4 == 2
                        ? ", \"regions\": [{\"box\": [2, 3, 20, 25]}, {\"box\": [5, 1, 30, 20]}]"
                        : ", \"regions\": [{\"points\": [[12, 14]]}]";
        String sampling = i % 5 == 0 ? ", \"seed\": " + i + ", \"temperature\": 0.9" : ", \"temperature\": 0";
        return TestServer.request(Pictures.url(file), "Describe the masked region in detail. " + i, regions + sampling)
                .replace("\"temperature\": 0, \"max_tokens\": 16", "\"max_tokens\": " + (8 + i % 9))
                .replace("\"golden\"", "\"" + model + "\"");
    }

    /** What the model said, without ids and times. */
    private static String answer(TestServer server, int i) {
        WireForm form = WireForm.values()[i / 3 % 2];
        String model = NAMES.get(i % NAMES.size());
        if (i % 2 == 0) {
            HttpResponse<String> whole = post(server, form, request(i, model));
            assertThat(whole.statusCode()).as(whole.body()).isEqualTo(200);
            JsonNode body = TestServer.json(whole);
            assertThat(body.path("model").asString()).isEqualTo(model);
            return body.path("choices").toString();
        }
        HttpResponse<String> stream = post(server, form, request(i, model).replaceFirst("}$", ", \"stream\": true}"));
        return stream.body()
                .lines()
                .filter(it -> it.startsWith("data: {"))
                .map(it -> Json.MAPPER.readTree(it.substring("data: ".length())))
                .map(it -> it.path("model").asString() + it.path("choices"))
                .collect(Collectors.joining("\n"));
    }

    private static HttpResponse<String> post(TestServer server, WireForm form, String chat) {
        String body = form.request(chat);
        return form.answer(chat, server.post(form.path(), body));
    }
}
