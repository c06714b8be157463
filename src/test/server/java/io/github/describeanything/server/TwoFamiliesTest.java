package io.github.describeanything.server;

import static io.github.describeanything.server.GoldenPam.clip;
import static io.github.describeanything.server.GoldenPam.segment;
import static io.github.describeanything.server.GoldenPam.url;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.service.NamedModel;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A Describe Anything model and a Perceive Anything model behind one API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoFamiliesTest {
    private static final Map<String, String> BUNDLES = Map.of("dam", "golden-joint-fp32", "pam", "pam-golden");
    private static final String STREAMS = "/v1/video/streams";
    private static final String BOX = "{\"box\": [90, 60, 211, 170]}";
    private static final String FOLLOWED = ", \"region\": {\"points\": [[17, 60]]}";
    private static final int REQUESTS = 32;

    private TestServer server;

    @BeforeAll
    void start() {
        server = serve("dam", "pam");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static TestServer serve(String... names) {
        List<NamedModel> models = Stream.of(names)
                .map(it -> new NamedModel(
                        it, DescribeAnything.open(TestServer.bundle(BUNDLES.get(it)), TestServer.options(4, 64))))
                .toList();
        var segmenter = Segmenter.open(TestServer.bundle("sam-golden"), TestServer.options(1, 64));
        return TestServer.over(models, Optional.of(segmenter));
    }

    // ---- at the same time

    /** Pictures, clips and streams; tasks and questions; whole and streamed; greedy and sampled; chat and responses. */
    @Test
    void thirtyTwoMixedRequestsGetTheSameAnswersAsAlone() {
        var together = IntStream.range(0, REQUESTS)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> answer(server, i), Thread::startVirtualThread))
                .toList();
        Map<Integer, String> answers = IntStream.range(0, REQUESTS)
                .boxed()
                .collect(Collectors.toMap(i -> i, i -> together.get(i).join()));
        Map<Integer, String> alone = new HashMap<>();
        for (String name : BUNDLES.keySet()) {
            try (var single = serve(name)) {
                IntStream.range(0, REQUESTS)
                        .filter(i -> model(i).equals(name))
                        .forEach(i -> alone.put(i, answer(single, i)));
            }
        }
        assertThat(answers).isEqualTo(alone);
    }

    private static String model(int i) {
        return i % 2 == 0 ? "dam" : "pam";
    }

    private static String answer(TestServer to, int i) {
        return i % 2 == 0 ? dam(to, i / 2) : pam(to, i / 2);
    }

    private static String dam(TestServer to, int i) {
        String region = switch (i % 4) {
            case 0 -> "{\"box\": [2, 3, 20, 25]}";
            case 1 -> "{\"points\": [[12, 14]]}";
            case 2 -> "{\"box\": [2, 3, 20, 25]}, {\"polygon\": [[5, 1, 30, 2, 20, 25]]}";
            default -> "{\"whole\": true}";
        };
        byte[] file = Pictures.encoded(Pictures.noise(40 + i, 30 + i % 7, i, (x, y) -> 255), "png");
        String fields = ", \"model\": \"dam\", \"regions\": [" + region + "]" + sampling(i);
        return said(to, i, chat(Pictures.url(file), "What is number " + i + "?", fields));
    }

    private static String pam(TestServer to, int i) {
        String model = ", \"model\": \"pam\"" + sampling(i);
        return switch (i % 8) {
            case 0 ->
                said(to, i, chat(url("box.png"), "", model + ", \"task\": \"label\", \"regions\": [" + BOX + "]"));
            case 1 -> {
                String tasks = ", \"tasks\": [\"label\", \"definition\", \"caption\"], \"language\": \"zh\"";
                yield said(
                        to,
                        i,
                        chat(url("points.png"), "", model + tasks + ", \"regions\": [{\"points\": [[100, 150]]}]"));
            }
            case 2 -> said(to, i, chat(url("whole_picture.png"), "@whole What is it? " + i, model));
            case 3 -> {
                String regions = ", \"return_masks\": true, \"regions\": [{\"id\": \"a\", \"box\": [20, 30, 100, 90]}, "
                        + "{\"id\": \"b\", \"polygon\": [[9, 9, 90, 20, 60, 80]]}]";
                yield said(to, i, chat(url("box.png"), "Number " + i, model + regions));
            }
            case 4 -> {
                String several = ", \"n\": 2, \"task\": \"caption\", \"regions\": [{\"points\": [[33, 120]]}]";
                yield said(to.post(chat(url("one_point.png"), "", model + several)));
            }
            case 5 -> {
                String region = ", \"regions\": [{\"box\": [190.4, 11.75, 270.2, 99.5]}]";
                yield said(to, i, chat(url("fractional_box_past_the_edge.png"), "Number " + i, model + region));
            }
            case 6 -> {
                String region = ", \"regions\": [{\"frame\": 0, \"box\": [6, 46, 35, 75]}]";
                yield said(
                        to,
                        i,
                        "{\"messages\": [{\"role\": \"user\", \"content\": [" + GoldenPam.parts(clip(0, 16))
                                + "]}], \"task\": \"caption\"" + region + model + "}");
            }
            default -> said(to.post(STREAMS, segment(clip(0, 16), FOLLOWED + model)));
        };
    }

    private static String sampling(int i) {
        String how = i % 5 == 0 ? "\"temperature\": 0.9, \"seed\": " + i : "\"temperature\": 0";
        return ", \"max_tokens\": " + (6 + i % 5) + ", " + how;
    }

    private static String chat(String picture, String question, String fields) {
        String text = question.isEmpty() ? "" : ", {\"type\": \"text\", \"text\": \"" + question + "\"}";
        return "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\", \"image_url\": {\"url\": \""
                + picture + "\"}}" + text + "]}]" + fields + "}";
    }

    /** Sends a chat completion request, some of them streamed, some of them as Responses requests. */
    private static String said(TestServer to, int i, String chat) {
        WireForm form = i % 3 == 0 ? WireForm.RESPONSES : WireForm.CHAT;
        String body = i % 4 < 2 ? chat : chat.replaceFirst("}$", ", \"stream\": true}");
        return said(to.post(form.path(), form.request(body)));
    }

    /** What an answer says of each choice, without ids, times and usage. */
    private static String said(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        if (response.body().startsWith("{")) {
            return choices(TestServer.json(response));
        }
        assertThat(response.body())
                .containsAnyOf("data: [DONE]", "event: response.")
                .doesNotContain("\"error\":{");
        var texts = new TreeMap<Integer, String>();
        for (String line :
                response.body().lines().filter(it -> it.startsWith("data: {")).toList()) {
            JsonNode event = Json.MAPPER.readTree(line.substring(6));
            switch (event.path("type").asString("")) {
                case "response.completed", "response.incomplete" -> {
                    return choices(event.path("response"));
                }
                case "segment.done" -> {
                    return event.path("caption").asString() + event.path("box");
                }
                default -> {
                    JsonNode choice = event.at("/choices/0");
                    String more = choice.path("task").asString("")
                            + choice.at("/delta/content").asString("")
                            + choice.path("finish_reason").asString("");
                    texts.merge(choice.path("index").asInt(), more, String::concat);
                }
            }
        }
        return texts.toString();
    }

    private static String choices(JsonNode body) {
        JsonNode all = body.has("output") ? body.path("output") : body.path("choices");
        all.forEach(it -> ((ObjectNode) it).remove("id"));
        return all.toString();
    }

    // ---- what only one of them can

    @Test
    void anErrorNamesTheModelAsItIsServed() {
        String tasks = ", \"model\": \"dam\", \"tasks\": [\"label\"], \"regions\": [" + BOX + "]";
        HttpResponse<String> refused = server.post(chat(url("box.png"), "", tasks));
        requireRefused(
                refused,
                "tasks",
                "tasks is not supported by dam, which was not trained on tasks: send the question as text");
        refused = server.post(STREAMS, segment(clip(0, 16), ", \"region\": " + BOX));
        requireRefused(refused, "model", "dam does not describe streams");
    }

    @Test
    void aStreamKeepsTheModelOfItsFirstSegment() {
        String fields = ", \"max_tokens\": 4, \"temperature\": 0";
        HttpResponse<String> first =
                server.post(STREAMS, segment(clip(0, 16), ", \"model\": \"pam\"" + FOLLOWED + fields));
        String id = first.body().replaceFirst("(?s).*?\"stream\":\"(vs_\\w+)\".*", "$1");
        HttpResponse<String> other = server.post(STREAMS + "/" + id, segment(clip(0, 16), ", \"model\": \"dam\""));
        requireRefused(other, "model", "model is that of the first segment: leave it out");
        HttpResponse<String> second = server.post(STREAMS + "/" + id, segment(clip(0, 16), FOLLOWED + fields));
        assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
        assertThat(second.body()).contains("\"segment\":1", "segment.done");
    }

    private static void requireRefused(HttpResponse<String> response, String param, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/param").asString()).isEqualTo(param);
        assertThat(TestServer.json(response).at("/error/message").asString()).startsWith(message);
    }
}
