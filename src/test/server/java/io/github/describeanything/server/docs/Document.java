package io.github.describeanything.server.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/**
 * A document whose examples are tests: each block of bash, python, javascript and java runs unchanged and must print
 * what the document shows. Used by one thread.
 *
 * @see Example for the syntax
 */
public final class Document implements AutoCloseable {
    private static final String DOCUMENTED = "http://127.0.0.1:8000";

    private final Path file;
    private final UnaryOperator<String> servers;
    private final Map<String, Language> languages;

    /**
     * @param path from the repository's root
     * @param servers the URL of the server with this name, without a trailing slash; the name is empty if the document
     *     gives none
     */
    public Document(String path, UnaryOperator<String> servers) {
        this(path, servers, List.of());
    }

    /** @param programs folders of programs that its shell needs beside those on the PATH */
    public Document(String path, UnaryOperator<String> servers, List<Path> programs) {
        this.file = TestServer.root().resolve(path);
        this.servers = servers;
        this.languages = Map.of(
                "bash",
                new Shell(programs),
                "python",
                Interpreter.python(),
                "javascript",
                Interpreter.node(),
                "java",
                new Java());
    }

    /** One test per block. */
    public Stream<DynamicTest> examples() throws IOException {
        List<Example> examples = Example.read(file, Files.readAllLines(file), List.copyOf(languages.keySet()));
        assertThat(examples).as("examples in " + file.getFileName()).isNotEmpty();
        return examples.stream().map(it -> DynamicTest.dynamicTest(it.toString(), () -> run(it)));
    }

    private void run(Example example) throws IOException, InterruptedException {
        Language language = languages.get(example.language());
        language.missing().ifPresent(it -> Assumptions.abort(it));
        String server = servers.apply(example.server());
        String printed = language.run(
                        example.setup().replace(DOCUMENTED, server),
                        example.code().replace(DOCUMENTED, server))
                .strip();
        example.pattern().ifPresent(it -> assertThat(printed).matches(it));
    }

    @Override
    public void close() {
        languages.values().forEach(Language::close);
    }
}
