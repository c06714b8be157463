package io.github.describeanything.server.clients;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the OpenAI clients of other languages. Stateless. */
public final class Installed {
    private static final int OLDEST_NODE = 20;

    private Installed() {}

    /** The command that runs a Python script in {@code src/test/clients}; append its arguments. */
    public static List<String> python(String script) {
        return List.of(
                folder().resolve("python/.venv/test/bin/python").toString(),
                folder().resolve("python").resolve(script).toString());
    }

    /** The command that runs a JavaScript file in {@code src/test/clients}. */
    public static List<String> node(String script) {
        return List.of("node", folder().resolve(script).toString());
    }

    /** A message to print; empty if there is a Node that can run the page's modules. */
    public static Optional<String> plainNodeMissing() {
        return nodeVersion() >= OLDEST_NODE
                ? Optional.empty()
                : Optional.of("No Node " + OLDEST_NODE + " here, so the page's modules are not tested on their own.");
    }

    /** A message to print; empty if the Python client is installed. */
    public static Optional<String> pythonMissing() {
        return Files.isExecutable(Path.of(python("").getFirst()))
                ? Optional.empty()
                : Optional.of(
                        "The OpenAI client for Python is not installed and not tested. scripts/test installs it.");
    }

    /** A message to print; empty if Node and its clients are installed. */
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
