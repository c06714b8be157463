package io.github.describeanything.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.clients.Installed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Runs the tests in src/test/page: the page's geometry and state, by Node's test runner. */
class PageModulesTest {
    @Test
    void geometryAndState() throws IOException, InterruptedException {
        Installed.plainNodeMissing().ifPresent(Assumptions::abort);
        var command = new ArrayList<>(List.of("node", "--test", "--test-reporter=tap"));
        files().forEach(command::add);
        Process tests = new ProcessBuilder(command).redirectErrorStream(true).start();
        tests.getOutputStream().close();
        String printed = new String(tests.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tests.waitFor()).as(printed).isZero();
        assertThat(printed).containsPattern("(?m)^# pass [1-9]\\d+$").containsPattern("(?m)^# fail 0$");
    }

    private static List<String> files() {
        Path folder = TestServer.root().resolve("src/test/page");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(Path::toString)
                    .filter(it -> it.endsWith(".test.js"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
