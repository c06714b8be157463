package io.github.describeanything.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Runs the tests in src/test/clients: OpenAI clients of other languages. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherLanguagesTest {
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void openAiForJavaScript() throws IOException, InterruptedException {
        run(Installed.nodeMissing(), javaScript("openai.test.js"), "(?m)^# pass 11$");
    }

    @Test
    void theAiSdkWithItsOpenAiCompatibleProvider() throws IOException, InterruptedException {
        run(Installed.nodeMissing(), javaScript("ai-sdk.test.js"), "(?m)^# pass 6$");
    }

    @Test
    void openAiForPython() throws IOException, InterruptedException {
        run(Installed.pythonMissing(), Installed.python("test_openai.py"), "(?s)Ran 10 tests.*OK\\s*$");
    }

    private static List<String> javaScript(String file) {
        var command = new ArrayList<>(Installed.node(file));
        command.addAll(1, List.of("--test", "--test-reporter=tap"));
        return command;
    }

    private void run(Optional<String> missing, List<String> command, String ends)
            throws IOException, InterruptedException {
        missing.ifPresent(it -> Assumptions.abort(it));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("BASE_URL", server.url("/v1"));
        builder.environment()
                .put(
                        "PICTURE",
                        TestServer.root()
                                .resolve("src/test/resources/golden/cases/blob.png")
                                .toString());
        Process tests = builder.start();
        tests.getOutputStream().close();
        Thread.startVirtualThread(() -> {
            try {
                if (!tests.waitFor(2, TimeUnit.MINUTES)) {
                    tests.destroyForcibly();
                }
            } catch (InterruptedException e) {
                tests.destroyForcibly();
            }
        });
        String printed = new String(tests.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tests.waitFor()).as(printed).isZero();
        assertThat(printed).containsPattern(Pattern.compile(ends));
    }
}
