package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class OptionsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(--[a-z-]+)[^|]*\\| (?:`(DAM_[A-Z_]+)`)? ?\\|");

    @Test
    void keysComeFromTheOptionAndFromAFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("keys");
        Files.writeString(file, "third\n\n # of the team\n  fourth \n");
        var options = new Options();
        new CommandLine(options)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs("--port", "0", "--api-keys", "first,second", "--api-keys-file", file.toString());
        try (var plain = TestServer.start("golden-image-fp32");
                var server = HttpServer.start(options.server(), plain.model)) {
            for (String key :
                    List.of("first", "second", "third", "fourth", "", "fifth", "first,second", "# of the team")) {
                var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/models"))
                        .header("Authorization", "Bearer " + key);
                boolean good = List.of("first", "second", "third", "fourth").contains(key);
                assertThat(plain.send(request).statusCode()).as(key).isEqualTo(good ? 200 : 401);
            }
        }
        assertThat(EnvironmentDefaults.variable("--api-keys")).isEqualTo("DAM_API_KEYS");
    }

    @Test
    void theDocumentListsEveryOptionWithItsVariable() throws IOException {
        Set<String> documented = ROW.matcher(Files.readString(TestServer.root().resolve("docs/operations.md")))
                .results()
                .map(it -> it.group(1) + " " + (it.group(2) == null ? "-" : it.group(2)))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> options = new CommandLine(new Options())
                .getCommandSpec().options().stream()
                        .map(OptionSpec::longestName)
                        .filter(it -> !Set.of("--help", "--version").contains(it))
                        .map(it -> it + " " + (it.equals("--check") ? "-" : EnvironmentDefaults.variable(it)))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(options);
    }
}
