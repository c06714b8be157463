package io.github.describeanything.server.openai.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.ServerProcess;
import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A hundred prompts that cannot be used, always the same ones, against the program: each is a 400 by the field's name,
 * nothing is embedded for them, memory does not grow, and the next good answer is the one before.
 */
class HundredBadPromptsTest {
    private static final int COUNT = 100;
    private static final String SEGMENTATIONS = "/v1/segmentations";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    /** A body and the field that its error names. */
    private record Bad(String body, String param) {}

    @Test
    void aHundredBadInputs() throws IOException {
        byte[] encoded = Files.readAllBytes(TestServer.root().resolve("src/test/resources/golden-sam/cases/small.png"));
        String url = "data:image/png;base64," + Base64.getEncoder().encodeToString(encoded);
        // All of the heap is there from the start, so that what grows is a leak.
        var java = List.of("-Xms192m", "-Xmx192m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");
        try (var server = ServerProcess.start(
                folder.resolve("log"),
                java,
                "--model",
                TestServer.bundle("golden-joint-fp32").toString(),
                "--segmenter",
                TestServer.bundle("sam-golden").toString(),
                "--port",
                "0")) {
            String root = "http://127.0.0.1:" + server.port();
            String good =
                    "{\"image\": \"%s\", \"prompts\": [{\"points\": [[8, 12]]}], \"candidates\": 3}".formatted(url);
            String before = post(root + SEGMENTATIONS, good).body();
            run(root, url, COUNT, 2 * COUNT);
            long resident = server.resident();
            double embeddings = embeddings(root);

            run(root, url, 0, COUNT);

            assertThat(post(root + SEGMENTATIONS, good).body())
                    .isEqualTo(before)
                    .contains("counts");
            assertThat(embeddings(root)).isEqualTo(embeddings);
            assertThat(server.resident() - resident).as("growth").isLessThan(30L << 20);
            assertThat(server.log()).doesNotContain("Unexpected failure", "\tat ");
        }
    }

    private static void run(String root, String url, int from, int to) {
        for (int seed = from; seed < to; seed++) {
            Bad bad = bad(url, new Random(seed));
            boolean chat = seed % 3 == 2 && bad.param.startsWith("prompts[0].");
            HttpResponse<String> response =
                    chat ? post(root + "/v1/chat/completions", inChat(url, bad)) : post(root + SEGMENTATIONS, bad.body);
            assertThat(response.statusCode())
                    .as(bad.param + ": " + response.body())
                    .isEqualTo(400);
            JsonNode error = TestServer.json(response).path("error");
            String param = chat ? bad.param.replace("prompts[0]", "regions[0]") : bad.param;
            assertThat(error.path("param").asString()).as(response.body()).startsWith(param);
        }
    }

    private static double embeddings(String root) {
        String name = "dam_segmentation_embedding_seconds_count ";
        return send(HttpRequest.newBuilder(URI.create(root + "/metrics")))
                .body()
                .lines()
                .filter(it -> it.startsWith(name))
                .mapToDouble(it -> Double.parseDouble(it.substring(name.length())))
                .sum();
    }

    private static HttpResponse<String> post(String url, String body) {
        return send(HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same prompt as a region of a chat completion. */
    private static String inChat(String url, Bad bad) {
        String prompt = bad.body.substring(bad.body.indexOf("\"prompts\": [") + 12, bad.body.lastIndexOf(']'));
        return TestServer.request(url, "What is it?", ", \"regions\": [" + prompt + "]");
    }

    private static Bad bad(String url, Random random) {
        int points = 1 + random.nextInt(4);
        String good = points(points, random);
        return switch (random.nextInt(10)) {
            case 0 -> prompt(url, "{\"points\": [[" + number(random) + ", NaN]]}", "prompts[0].points[0]");
            case 1 -> prompt(url, "{\"points\": [[1e999, " + number(random) + "]]}", "prompts[0].points[0]");
            case 2 ->
                prompt(
                        url,
                        "{\"points\": [" + String.join(",", Collections.nCopies(10_000, "[1, 2]")) + "]}",
                        "prompts[0].points");
            case 3 ->
                prompt(
                        url,
                        "{\"points\": [%s], \"labels\": [%s]}"
                                .formatted(
                                        good,
                                        IntStream.range(0, points + 1 + random.nextInt(5))
                                                .mapToObj(it -> "1")
                                                .collect(Collectors.joining(","))),
                        "prompts[0].labels");
            case 4 -> prompt(url, "{\"points\": [%s], \"labels\": %s}".formatted(good, "7"), "prompts[0].labels");
            case 5 -> {
                var digest = new byte[32];
                random.nextBytes(digest);
                yield new Bad(
                        "{\"image\": {\"digest\": \"%s\"}, \"prompts\": [{\"points\": [%s]}]}"
                                .formatted(java.util.HexFormat.of().formatHex(digest), good),
                        "image.digest");
            }
            case 6 -> prompt(url, "{\"points\": []}", "prompts[0].points");
            case 7 ->
                prompt(
                        url,
                        "{\"points\": [%s, %s]}".formatted(good, random.nextBoolean() ? "[1]" : "{\"x\": 1}"),
                        "prompts[0].points[" + points + "]");
            case 8 -> {
                double left = 41 + random.nextInt(1000);
                yield prompt(
                        url,
                        "{\"box\": [%s, 1, %s, 9], \"refine\": true}".formatted(left, left + 1 + random.nextInt(9)),
                        "prompts[0].box");
            }
            default ->
                prompt(
                        url,
                        "{\"box\": [5, 5, %d, 9], \"refine\": true}".formatted(5 - random.nextInt(9)),
                        "prompts[0].box");
        };
    }

    private static Bad prompt(String url, String prompt, String param) {
        return new Bad("{\"image\": \"%s\", \"prompts\": [%s]}".formatted(url, prompt), param);
    }

    private static String points(int count, Random random) {
        return IntStream.range(0, count)
                .mapToObj(it -> "[" + number(random) + ", " + number(random) + "]")
                .collect(Collectors.joining(","));
    }

    private static String number(Random random) {
        return Double.toString(random.nextInt(4000) / 100.0);
    }
}
