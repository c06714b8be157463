package io.github.describeanything.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The server program in a process of its own. */
public final class ServerProcess implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)/v1");

    public final Process process;
    private final Path log;

    private ServerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts the program with options of Java and its own; standard error goes to {@code log}. */
    public static ServerProcess start(Path log, List<String> java, String... options) {
        return start(log, Map.of(), java, options);
    }

    /** The same with environment variables. */
    public static ServerProcess start(Path log, Map<String, String> variables, List<String> java, String... options) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(java);
        command.add("io.github.describeanything.server.Main");
        command.addAll(List.of(options));
        var builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(variables);
        // In the environment, because ONNX Runtime crashes on long command lines.
        builder.environment()
                .put(
                        "CLASSPATH",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        try {
            return new ServerProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it prints where it listens. @return the port */
    public int port() {
        try {
            BufferedReader out = process.inputReader();
            String line;
            while ((line = out.readLine()) != null) {
                var found = PORT.matcher(line);
                if (found.find()) {
                    return Integer.parseInt(found.group(1));
                }
            }
            throw new AssertionError("it ended: " + log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int exitCode(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("still running after " + patience + ": " + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of resident memory. */
    public long resident() {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(it -> it.startsWith("VmRSS:"))
                    .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")) << 10)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files and connections that it has open. */
    public long openFiles() {
        try (var files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Processes that it has started and that still run. */
    public long children() {
        return process.descendants().filter(ProcessHandle::isAlive).count();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        exitCode(Duration.ofSeconds(10));
    }
}
