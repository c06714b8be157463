package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.StubServer.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Servers that refuse, fail, stay silent or send half an answer. */
class RetryTest {
    @TempDir
    Path folder;

    private final Map<String, Integer> asked = new ConcurrentHashMap<>();

    /** How often this request came, this time included. */
    private int times(JsonNode body) {
        return asked.merge(body.path("regions").toString(), 1, Integer::sum);
    }

    private Run run(StubServer server, int pictures, String... more) throws IOException {
        var drawn = new DrawnDataset(folder, pictures, 3);
        String[] all = Stream.concat(
                        Stream.of("--images", drawn.images().toString(), "--url", server.url()), Arrays.stream(more))
                .toArray(String[]::new);
        return new Run(folder, "rows", drawn.boxes(), all);
    }

    private static Answer good(JsonNode body) {
        return Answer.of(200, StubServer.description(body));
    }

    private static String error(String code, String param) {
        return "{\"error\": {\"message\": \"No: %s.box\", \"code\": \"%s\", \"param\": \"%s.box\"}}"
                .formatted(param, code, param);
    }

    @Test
    void everyKindOfFailureIsRepeatedOnce() throws IOException {
        try (var server = new StubServer((number, body) -> {
            if (times(body) > 1) {
                return good(body);
            }
            String half = StubServer.description(body);
            return switch (number % 6) {
                case 0 -> Answer.of(500, error("internal_error", ""));
                case 1 -> Answer.of(502, "<html>Bad gateway</html>");
                case 2 -> Answer.of(0, "");
                case 3 -> Answer.of(200, half.substring(0, half.length() / 2));
                case 4 -> Answer.of(200, "");
                default -> Answer.of(200, "{\"object\": \"list\"}");
            };
        })) {
            var run = run(server, 12);
            assertThat(run.describe()).isZero();
            assertThat(run.rows()).hasSize(36);
            assertThat(run.errors()).isEmpty();
            assertThat(asked)
                    .hasSize(12)
                    .allSatisfy((request, times) -> assertThat(times).isEqualTo(2));
        }
    }

    @Test
    void aBusyServerIsLeftAloneAsLongAsItSays() throws IOException {
        long start = System.nanoTime();
        try (var server = new StubServer((number, body) -> switch (times(body)) {
            case 1 -> new Answer(429, error("queue_full", ""), Map.of("Retry-After", "1"));
            case 2 -> new Answer(503, "", Map.of("Retry-After", "1"));
            default -> good(body);
        })) {
            // Waiting is no failure.
            var run = run(server, 3, "--retries", "0");
            assertThat(run.describe()).isZero();
            assertThat(run.rows()).hasSize(9);
            assertThat(asked.values()).containsOnly(3);
            assertThat(System.nanoTime() - start).isGreaterThan(2_000_000_000L);
        }
    }

    @Test
    void aSlowServerIsAskedAgain() throws IOException {
        try (var server = new StubServer((number, body) -> {
            if (times(body) == 1) {
                Thread.sleep(5_000);
            }
            return good(body);
        })) {
            var run = run(server, 2, "--timeout", "1");
            assertThat(run.describe()).isZero();
            assertThat(run.rows()).hasSize(6);
        }
    }

    @Test
    void whatIsRefusedIsAnErrorRowAtOnce() throws IOException {
        try (var server = new StubServer((number, body) -> {
            times(body);
            return number == 0 ? Answer.of(400, error("invalid_image", "messages[0]")) : good(body);
        })) {
            var run = run(server, 4);
            assertThat(run.describe()).isZero();
            assertThat(run.rows()).hasSize(9);
            assertThat(run.errors())
                    .hasSize(3)
                    .allMatch(it -> it.path("error").path("code").asString().equals("invalid_image"));
            assertThat(asked.values()).containsOnly(1);
        }
    }

    @Test
    void aRefusedRegionLeavesTheOthersAlone() throws IOException {
        try (var server = new StubServer((number, body) -> body.path("regions").size() == 3
                ? Answer.of(400, error("invalid_region", "regions[1]"))
                : good(body))) {
            var run = run(server, 2);
            assertThat(run.describe()).isZero();
            assertThat(Run.ids(run.rows())).containsExactlyInAnyOrder("1000", "1002", "2000", "2002");
            assertThat(Run.ids(run.errors())).containsExactlyInAnyOrder("1001", "2001");
            assertThat(run.errors().getFirst().path("error").path("message").asString())
                    .isEqualTo("No: box");
        }
    }

    @Test
    void onePictureThatNeverWorksIsAnErrorRow() throws IOException {
        try (var server = new StubServer((number, body) ->
                body.path("regions").toString().hashCode() == firstRegions() ? Answer.of(500, "") : good(body))) {
            var run = run(server, 4, "--retries", "1");
            assertThat(run.describe()).isZero();
            assertThat(run.rows()).hasSize(9);
            assertThat(run.errors())
                    .hasSize(3)
                    .allMatch(it -> it.path("error").path("code").asString().equals("http_500"));
        }
    }

    @Test
    void eachErrorRowHasItsOwnCause() throws IOException {
        try (var server = new StubServer((number, body) ->
                number < 2 ? Answer.of(500, "{\"error\": {\"code\": \"fault_%d\"}}".formatted(number)) : good(body))) {
            var run = run(server, 4, "--retries", "0", "--in-flight", "3");
            assertThat(run.describe()).isZero();
            assertThat(run.errors().stream()
                            .map(it -> it.path("error").path("code").asString()))
                    .containsExactly("fault_0", "fault_0", "fault_0", "fault_1", "fault_1", "fault_1");
        }
    }

    private volatile int first;

    /** The first picture's regions as a request has them. */
    private int firstRegions() {
        if (first == 0) {
            var boxes = new StringBuilder("[");
            try {
                for (DrawnDataset.Rectangle it : new DrawnDataset(folder, 1, 3).rectangles(0)) {
                    boxes.append(boxes.length() > 1 ? "," : "")
                            .append("{\"box\":[%d.0,%d.0,%d.0,%d.0]}".formatted(it.x0(), it.y0(), it.x1(), it.y1()));
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            first = boxes.append("]").toString().hashCode();
        }
        return first;
    }

    @Test
    void manyFailuresInARowStopTheJobAndTheNextRunGoesOn() throws IOException {
        var down = new boolean[] {false};
        try (var server = new StubServer((number, body) -> number >= 3 && down[0] ? Answer.of(500, "") : good(body))) {
            down[0] = true;
            var run = run(server, 20, "--retries", "0", "--max-failures", "4", "--in-flight", "3");
            assertThat(run.describe()).isEqualTo(1);
            assertThat(run.rows()).hasSizeLessThan(30);
            assertThat(run.errors()).isEmpty();
            down[0] = false;
            assertThat(run.describe()).isZero();
            assertThat(Run.ids(run.rows())).hasSize(60).doesNotHaveDuplicates();
            assertThat(run.errors()).isEmpty();
        }
    }

    @Test
    void aServerThatNeverAnswersLeavesNoErrorRows() throws IOException {
        try (var server = new StubServer((number, body) -> Answer.of(500, ""))) {
            var run = run(server, 2, "--retries", "0");
            assertThat(run.describe()).isEqualTo(1);
            assertThat(run.errors()).isEmpty();
        }
    }

    @Test
    void aWrongKeyStopsTheJobAtOnce() throws IOException {
        try (var server = new StubServer((number, body) -> Answer.of(401, error("invalid_api_key", "")))) {
            var run = run(server, 30, "--in-flight", "3");
            assertThat(run.describe()).isEqualTo(1);
            assertThat(server.requests).hasSizeLessThan(5);
            assertThat(run.errors()).isEmpty();
        }
    }

    @Test
    void aFailureIsRepeatedAtTheNextServer() throws IOException {
        try (var broken = new StubServer((number, body) -> Answer.of(500, ""));
                var sound = StubServer.describing()) {
            var run = run(broken, 6, "--url", sound.url());
            assertThat(run.describe()).isZero();
            assertThat(run.rows()).hasSize(18);
            assertThat(broken.requests).isNotEmpty();
        }
    }
}
