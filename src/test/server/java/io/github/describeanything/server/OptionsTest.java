package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class OptionsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(--[a-z-]+)[^|]*\\| (?:`(DAM_[A-Z_]+)`)? ?\\|");

    @Test
    void the_document_lists_every_option_with_its_variable() throws IOException {
        Set<String> documented = ROW.matcher(Files.readString(TestServer.root().resolve("docs/operations.md")))
                .results()
                .map(it -> it.group(1) + " " + (it.group(2) == null ? "-" : it.group(2)))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> options = new CommandLine(new Options())
                .getCommandSpec().options().stream()
                        .map(OptionSpec::longestName)
                        .filter(it -> !Set.of("--help", "--version").contains(it))
                        .map(it -> it + " " + (it.equals("--check") ? "-" : Options.FromEnvironment.variable(it)))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(options);
    }
}
