package io.github.describeanything.bulk;

import io.github.describeanything.bulk.row.Lines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Runs a job over a dataset and reads what it wrote. */
final class Run {
    final Path output;
    private final List<String> arguments;

    /** @param name of the output, in the dataset's folder */
    Run(Path folder, String name, Path input, String... more) {
        output = folder.resolve(name + ".jsonl");
        arguments =
                new ArrayList<>(List.of("--input", input.toString(), "--output", output.toString(), "--progress", "0"));
        arguments.addAll(Arrays.asList(more));
    }

    /** The command line. */
    List<String> command(String command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(arguments);
        return all;
    }

    int describe() {
        return run("describe");
    }

    int run(String command) {
        return Bulk.run(command(command).toArray(String[]::new));
    }

    List<JsonNode> rows() throws IOException {
        return read(output);
    }

    List<JsonNode> errors() throws IOException {
        return read(errorFile());
    }

    Path errorFile() {
        return output.resolveSibling(output.getFileName().toString().replace(".jsonl", ".errors.jsonl"));
    }

    static List<JsonNode> read(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(it -> (JsonNode) Lines.JSON.readTree(it))
                .toList();
    }

    static List<String> ids(List<JsonNode> rows) {
        return rows.stream().map(it -> it.path("id").asString()).toList();
    }

    /** The command in a process of its own, started as scripts/describe does. */
    ProcessBuilder process(String command) {
        List<String> java = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "@src/bulk/java.options",
                "-Xmx1g",
                Bulk.class.getName()));
        java.addAll(command(command));
        var builder = new ProcessBuilder(java).redirectErrorStream(true);
        builder.environment()
                .put(
                        "CLASSPATH",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        return builder;
    }

    /** How many lines the output has by now. */
    long lines() throws IOException {
        if (!Files.exists(output)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(output)) {
            return lines.count();
        }
    }
}
