package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** OpenAI batch lines that leave fields open or go elsewhere. */
class BatchTest {
    @TempDir
    Path folder;

    private Run run(StubServer server, String lines, String... more) throws IOException {
        Path input = Files.writeString(folder.resolve("batch.jsonl"), lines);
        String[] all = new String[more.length + 2];
        all[0] = "--url";
        all[1] = server.url();
        System.arraycopy(more, 0, all, 2, more.length);
        return new Run(folder, "rows", input, all);
    }

    @Test
    void theCommandLineFillsInWhatALineLeavesOpen() throws IOException {
        String lines = """
                {"custom_id": "open", "url": "/v1/chat/completions", "body": {"user": "open"}}
                {"custom_id": "own", "body": {"user": "own", "max_tokens": 3, "top_p": 0.5, "temperature": 1, "seed": 2}}
                {"custom_id": "new", "body": {"user": "new", "max_completion_tokens": 4}}
                """;
        try (var server = StubServer.describing()) {
            Run run = run(server, lines, "--max-tokens", "9", "--top-p", "0.25", "--temperature", "0");
            assertThat(run.describe()).isZero();
            Map<String, JsonNode> sent = server.requests.stream()
                    .collect(Collectors.toMap(it -> it.path("user").asString(), it -> it));
            assertThat(sent.get("open").path("max_tokens").asInt()).isEqualTo(9);
            assertThat(sent.get("open").path("top_p").asDouble()).isEqualTo(0.25);
            assertThat(sent.get("open").path("temperature").asDouble()).isZero();
            assertThat(sent.get("own").toString())
                    .isEqualTo("{\"user\":\"own\",\"max_tokens\":3,\"top_p\":0.5,\"temperature\":1,\"seed\":2}");
            assertThat(sent.get("new").has("max_tokens")).isFalse();
        }
    }

    @Test
    void aUrlThatIsNoPathIsAnErrorRow() throws IOException {
        String lines = """
                {"custom_id": "whole", "url": "https://example.org/v1/chat/completions", "body": {}}
                {"custom_id": "space", "url": "/v1/chat completions", "body": {}}
                {"custom_id": "empty", "url": "", "body": {}}
                {"custom_id": "good", "url": "/v1/chat/completions", "body": {}}
                """;
        try (var server = StubServer.describing()) {
            Run run = run(server, lines, "--retries", "0");
            assertThat(run.describe()).isZero();
            assertThat(run.rows()).hasSize(1);
            assertThat(run.errors())
                    .hasSize(3)
                    .allSatisfy(
                            it -> assertThat(it.path("error").path("message").asString())
                                    .startsWith("url must be a path"));
            assertThat(server.requests).hasSize(1);
        }
    }
}
