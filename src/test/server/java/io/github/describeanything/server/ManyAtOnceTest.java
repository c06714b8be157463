package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Concurrent requests do not affect each other. */
class ManyAtOnceTest {
    @Test
    void sixtyFourConcurrentRequestsGetTheSameAnswersAsAlone() {
        try (var server = TestServer.start("golden-joint-fp32", 8, 64, it -> it)) {
            List<String> bodies =
                    IntStream.range(0, 64).mapToObj(ManyAtOnceTest::body).toList();
            var together = bodies.stream()
                    .map(it -> CompletableFuture.supplyAsync(() -> server.post(it), Thread::startVirtualThread))
                    .toList();
            var answers = new ArrayList<String>();
            together.forEach(
                    it -> answers.add(TestServer.json(it.join()).path("choices").toString()));
            try (var alone = TestServer.start("golden-joint-fp32", 1, 0, it -> it)) {
                for (int i = 0; i < bodies.size(); i++) {
                    String expected = TestServer.json(alone.post(bodies.get(i)))
                            .path("choices")
                            .toString();
                    assertThat(answers.get(i))
                            .as("request " + i)
                            .isEqualTo(expected)
                            .contains("\"finish_reason\":\"");
                }
            }
            assertThat(answers).doesNotHaveDuplicates();
        }
    }

    private static String body(int i) {
        byte[] file = Pictures.encoded(
                Pictures.noise(40 + i, 30 + i % 7, i, (x, y) -> (x + i) % 40 < 15 && y > 5 ? 255 : 0), "png");
        String sampling = i % 3 == 0 ? ", \"seed\": " + i + ", \"temperature\": 0.9" : ", \"temperature\": 0";
        return TestServer.request(Pictures.url(file), "Question " + i, sampling)
                .replace("\"temperature\": 0, \"max_tokens\": 16", "\"max_tokens\": " + (8 + i % 9));
    }
}
