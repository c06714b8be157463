package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.StubServer.Answer;
import io.github.describeanything.bulk.row.Lines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The commands of docs/bulk.md and docs/sdp.md run as they stand, one after the other, and print what the documents say; …
 * stands for anything.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BulkDocumentsTest {
    private static final Pattern BLOCK =
            Pattern.compile("```bash\\n(.*?)```\\n(?:\\n```text\\n(.*?)```)?", Pattern.DOTALL);
    private static final String DOCUMENTED = "http://127.0.0.1:8000/v1";
    private static final int PATIENCE = 120;

    private StubServer server;

    @BeforeAll
    void start() throws IOException {
        server = new StubServer((number, body) ->
                Answer.of(200, body.toString().contains("phrase") ? condensed() : StubServer.description(body)));
    }

    private static String condensed() {
        ObjectNode answer = Lines.object().put("model", "stub");
        JsonNode json = Lines.object().put("phrase", "a thing").put("sentence", "It is a thing.");
        answer.putArray("choices")
                .addObject()
                .put("index", 0)
                .putObject("message")
                .put("content", json.toString());
        return answer.toString();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @TestFactory
    Stream<DynamicTest> theCommands() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : List.of("docs/bulk.md", "docs/sdp.md")) {
            Matcher block = BLOCK.matcher(Files.readString(Path.of(name)));
            while (block.find()) {
                String code = block.group(1);
                Optional<String> expected = Optional.ofNullable(block.group(2));
                tests.add(DynamicTest.dynamicTest(
                        name + ": " + code.lines().findFirst().orElse(""), () -> {
                            String printed = run(code.replace(DOCUMENTED, server.url()));
                            expected.ifPresent(it -> assertThat(printed.strip()).matches(pattern(it.strip())));
                        }));
            }
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(10);
        return tests.stream();
    }

    private static Pattern pattern(String expected) {
        return Pattern.compile(Pattern.quote(expected).replace("…", "\\E.*?\\Q"), Pattern.DOTALL);
    }

    private static String run(String code) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", code).redirectErrorStream(true);
        builder.environment()
                .put(
                        "DAM_BULK_CLASSPATH",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        Process bash = builder.start();
        bash.getOutputStream().close();
        Thread.startVirtualThread(() -> {
            try {
                if (!bash.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                    bash.destroyForcibly();
                }
            } catch (InterruptedException e) {
                bash.destroyForcibly();
            }
        });
        String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(printed).isZero();
        return printed;
    }
}
