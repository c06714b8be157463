package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program with several models: options, what it prints, {@code --check}. */
class SeveralModelsProgramTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ServerProcess start(Map<String, String> variables, String... options) {
        return ServerProcess.start(folder.resolve("log"), variables, List.of("-Xmx512m"), options);
    }

    private static String golden() {
        return TestServer.bundle("golden-joint-fp32").toString();
    }

    private static String odd() {
        return TestServer.bundle("other-odd-fp32").toString();
    }

    private static String printed(ServerProcess server) throws Exception {
        return new String(server.process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void slotsAndMemoryOfEachAreItsOwnAndPrinted() throws Exception {
        String[] options = {
            "--port", "0", "--model", golden(), "--model", "odd=" + odd(), "--slots", "2,odd=3", "--context", "odd=500"
        };
        try (var server = start(Map.of(), options)) {
            StringBuilder lines = new StringBuilder();
            String line;
            while ((line = server.process.inputReader().readLine()) != null && !line.contains("/v1/chat")) {
                lines.append(line).append('\n');
            }
            assertThat(lines.toString())
                    .containsPattern("(?m)^golden \\(joint, fp32\\) .*: 2 slots of \\d+ tokens, .* MiB")
                    .containsPattern("(?m)^odd is other-odd \\(joint, fp32\\) .*: 3 slots of 500 tokens, .* MiB");
            server.process.destroy();
            assertThat(server.exitCode(PATIENCE)).as(server.log()).isZero();
        }
    }

    @Test
    void modelsMayComeFromTheEnvironment() throws Exception {
        var variables = Map.of("DAM_MODEL", golden() + ",small=built-in", "DAM_QUEUE", "64,small=5");
        try (var server = start(variables, "--check")) {
            assertThat(printed(server).lines())
                    .satisfiesExactly(
                            it -> assertThat(it).startsWith("golden: ").contains("as its checkpoint does"),
                            it -> assertThat(it).startsWith("small: ").contains("as its checkpoint does"));
            assertThat(server.exitCode(PATIENCE)).as(server.log()).isZero();
        }
    }

    @Test
    void checkFailsIfOneModelFailsAndStillChecksTheOther() throws Exception {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (var files = Files.list(Path.of(odd()))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        byte[] weights = Files.readAllBytes(copy.resolve("decoder.onnx.data"));
        weights[500] ^= 1;
        Files.write(copy.resolve("decoder.onnx.data"), weights);
        try (var server = start(Map.of(), "--check", "--model", copy.toString(), "--model", golden())) {
            assertThat(printed(server).lines())
                    .satisfiesExactly(
                            it -> assertThat(it).startsWith("other-odd: ").contains("decoder.onnx.data", "SHA-256"),
                            it -> assertThat(it).startsWith("golden: ").contains("as its checkpoint does"));
            assertThat(server.exitCode(PATIENCE)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    --model GOLDEN --model GOLDEN           | Two models are named golden: give one another name with --model NAME=BUNDLE
                    --model GOLDEN --model odd=ODD --slots other-odd=2 | --slots names the model other-odd, which is not loaded; loaded: golden, odd
                    --model GOLDEN --slots 2,3              | '2,3' has two values for one model
                    --model GOLDEN --queue golden=many      | write a number, or MODEL=NUMBER for one model
                    --model GOLDEN --device golden=tpu      | write one of CPU, CUDA
                    --model GOLDEN --model =ODD             | write BUNDLE or NAME=BUNDLE
                    --model GOLDEN,/nowhere                 | No manifest.json in /nowhere
                    """)
    void aMistakeIsOneLine(String options, String message) {
        String all = "--port 0 " + options.strip().replace("GOLDEN", golden()).replace("ODD", odd());
        try (var server = start(Map.of(), all.split(" +"))) {
            assertThat(server.exitCode(PATIENCE)).isNotZero();
            assertThat(server.log().strip().lines()).as(server.log()).hasSize(1);
            assertThat(server.log()).contains(message);
        }
    }
}
