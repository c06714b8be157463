package io.github.describeanything.server.clients;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the clients of other languages are, and what to do if they are not. Stateless. */
public final class Installed {
    private static final int OLDEST_NODE = 20;

    private Installed() {}

    /** The command that runs a Python script of {@code src/test/clients}, with the arguments to come. */
    public static List<String> python(String script) {
        return List.of(
                folder().resolve("python/.venv/test/bin/python").toString(),
                folder().resolve("python").resolve(script).toString());
    }

    /** The command that runs a JavaScript file of {@code src/test/clients}. */
    public static List<String> node(String script) {
        return List.of("node", folder().resolve(script).toString());
    }

    /** One line for people; empty if Python's clients are there. */
    public static Optional<String> pythonMissing() {
        return Files.isExecutable(Path.of(python("").getFirst()))
                ? Optional.empty()
                : Optional.of("No OpenAI client for Python here, so it is not tested. scripts/test installs it.");
    }

    /** One line for people; empty if Node and its clients are there. */
    public static Optional<String> nodeMissing() {
        return nodeVersion() >= OLDEST_NODE && Files.isDirectory(folder().resolve("node_modules/openai"))
                ? Optional.empty()
                : Optional.of("No Node " + OLDEST_NODE
                        + " with the OpenAI clients here, so they are not tested. scripts/test installs them where"
                        + " there are node and npm.");
    }

    private static int nodeVersion() {
        try {
            Process node = new ProcessBuilder("node", "--version").start();
            String version = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(version.replaceAll("^v(\\d+).*\\s*", "$1"));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static Path folder() {
        return TestServer.root().resolve("src/test/clients");
    }
}
