package io.github.describeanything.server.docs;

import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.clients.Installed;
import io.github.describeanything.server.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A process that runs all blocks of a language, so that its client is imported once. Used by one thread.
 *
 * <p>It reads {@code {"code": …}} and writes {@code {"printed": …}} or {@code {"failed": …}}, one per line.
 */
public final class Interpreter implements Language {
    private final List<String> command;
    private final Optional<String> missing;
    private Process process;
    private BufferedReader answers;

    private Interpreter(List<String> command, Optional<String> missing) {
        this.command = command;
        this.missing = missing;
    }

    /** Python with the OpenAI client. */
    public static Interpreter python() {
        return new Interpreter(Installed.python("run_examples.py"), Installed.pythonMissing());
    }

    /** Node with the OpenAI client. */
    public static Interpreter node() {
        return new Interpreter(Installed.node("run-examples.js"), Installed.nodeMissing());
    }

    @Override
    public Optional<String> missing() {
        return missing;
    }

    @Override
    public String run(String setup, String code) throws IOException {
        if (process == null) {
            process = new ProcessBuilder(command)
                    .directory(TestServer.root().toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }
        byte[] task = Json.MAPPER.writeValueAsBytes(Map.of("setup", setup, "code", code));
        process.getOutputStream().write(task);
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        String line = answers.readLine();
        if (line == null) {
            throw new AssertionError(command + " ended");
        }
        JsonNode answer = Json.MAPPER.readTree(line);
        if (answer.has("failed")) {
            throw new AssertionError(answer.path("failed").asString());
        }
        return answer.path("printed").asString();
    }

    @Override
    public void close() {
        if (process != null) {
            try {
                process.getOutputStream().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                process.destroy();
            }
        }
    }
}
