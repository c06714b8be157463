package io.github.describeanything.server.video;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ffmpeg program. Thread-safe.
 *
 * <p>Each run is a process of its own that inherits no environment, gets the file as its standard input and nothing else,
 * and is limited in memory and processor time and forbidden to write files where there is a POSIX shell. It ends before
 * {@link #run} returns, however that returns.
 */
final class Ffmpeg {
    /** The first with the protocol {@code fd} and with statistics of single frames. */
    private static final int MIN_VERSION = 6;

    private static final Pattern VERSION = Pattern.compile("ffmpeg version n?(\\d+)\\..*", Pattern.DOTALL);
    private static final Pattern GIT_VERSION = Pattern.compile("ffmpeg version N-.*", Pattern.DOTALL);
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(10);
    private static final int MAX_ERRORS = 1 << 16;
    /** Enough for six frames of AV1 with 9 megapixels of 10 bits. */
    private static final int MAX_KIBIBYTES = 3 << 19;

    private static final String LIMITED =
            "ulimit -c 0; ulimit -f 0; ulimit -t %d; ulimit -v %d 2>/dev/null; exec \"$0\" \"$@\"";

    private final Path program;
    private final Map<String, String> environment;

    private Ffmpeg(Path program, Map<String, String> environment) {
        this.program = program;
        this.environment = environment;
    }

    /** Reads what the program writes. */
    @FunctionalInterface
    interface Reader<T> {
        T read(InputStream out) throws IOException;
    }

    /** @param errors the first 64 KiB of what it wrote to standard error */
    record Result<T>(T output, String errors, int status) {}

    /** The program took too long. */
    static final class TooSlowException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /**
     * Finds the program.
     *
     * @param option see {@link VideoOptions#ffmpeg}
     * @throws IOException if there is none, or it is too old or cannot be run; the message says which
     */
    static Ffmpeg find(String option) throws IOException {
        if (option.equals(VideoOptions.NONE)) {
            throw new IOException("it was started with --ffmpeg none");
        }
        if (!option.equals(VideoOptions.AUTO)) {
            return tried(at(Path.of(option)));
        }
        IOException reason = new IOException("it has no ffmpeg for this platform, and there is none on the PATH");
        try {
            Optional<Path> bundled = BundledFfmpeg.program();
            if (bundled.isPresent()) {
                return tried(at(bundled.get()));
            }
        } catch (IOException e) {
            reason = e;
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            for (String name : List.of(BundledFfmpeg.PROGRAM, BundledFfmpeg.PROGRAM + ".exe")) {
                Path file = Path.of(folder, name);
                if (Files.isExecutable(file)) {
                    return tried(at(file));
                }
            }
        }
        throw reason;
    }

    /** Libraries beside the program are found by it. */
    private static Ffmpeg at(Path program) {
        Path folder = Optional.ofNullable(program.toAbsolutePath().getParent()).orElse(program);
        var environment = new HashMap<String, String>();
        // Each thread's own arena would count against the limit of memory.
        environment.put("MALLOC_ARENA_MAX", "1");
        environment.put("LD_LIBRARY_PATH", folder.toString());
        // Windows starts nothing without it.
        Optional.ofNullable(System.getenv("SystemRoot")).ifPresent(it -> environment.put("SystemRoot", it));
        return new Ffmpeg(program, environment);
    }

    /** Whether it is still there: temporary files may be cleaned away. */
    boolean exists() {
        return Files.isExecutable(program);
    }

    private static Ffmpeg tried(Ffmpeg found) throws IOException {
        long deadline = System.nanoTime() + STARTS_WITHIN.toNanos();
        String text = found.run(
                        List.of("-version"),
                        Optional.empty(),
                        deadline,
                        it -> new String(it.readNBytes(MAX_ERRORS), StandardCharsets.UTF_8))
                .output();
        Matcher version = VERSION.matcher(text);
        if (!GIT_VERSION.matcher(text).matches() && !version.matches()) {
            throw new IOException("its ffmpeg cannot be run");
        }
        if (version.matches() && Integer.parseInt(version.group(1)) < MIN_VERSION) {
            throw new IOException("its ffmpeg is older than version " + MIN_VERSION);
        }
        return found;
    }

    /**
     * Runs the program over a file and waits for its end.
     *
     * @param input becomes its standard input; empty for none
     * @param deadline in {@link System#nanoTime}
     * @param reader reads its output on another thread; what it leaves unread ends the program
     * @throws TooSlowException if the deadline passes
     * @throws IOException if it cannot be started or the reader fails
     * @throws CancellationException if the calling thread is interrupted
     */
    <T> Result<T> run(List<String> arguments, Optional<Path> input, long deadline, Reader<T> reader)
            throws IOException {
        var builder = new ProcessBuilder(command(arguments, deadline));
        builder.environment().clear();
        builder.environment().putAll(environment);
        input.ifPresent(it -> builder.redirectInput(it.toFile()));
        Process process = builder.start();
        try {
            FutureTask<T> output = started(() -> {
                try (InputStream out = process.getInputStream()) {
                    return reader.read(out);
                }
            });
            FutureTask<String> errors = started(() -> {
                try (InputStream err = process.getErrorStream()) {
                    var first = new String(err.readNBytes(MAX_ERRORS), StandardCharsets.UTF_8);
                    err.transferTo(OutputStream.nullOutputStream());
                    return first;
                }
            });
            T read = output.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            String said = errors.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new TooSlowException();
            }
            return new Result<>(read, said, process.exitValue());
        } catch (TimeoutException e) {
            throw new TooSlowException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }

    /** Pipes cannot be read interruptibly, so other threads read them; they end with the process. */
    private static <T> FutureTask<T> started(Callable<T> task) {
        var future = new FutureTask<T>(task);
        Thread.startVirtualThread(future);
        return future;
    }

    private List<String> command(List<String> arguments, long deadline) {
        var command = new ArrayList<String>();
        if (Files.isExecutable(Path.of("/bin/sh"))) {
            // It decodes and encodes on two threads.
            long seconds = 2 * Math.max(1, TimeUnit.NANOSECONDS.toSeconds(deadline - System.nanoTime()) + 1);
            command.addAll(List.of("/bin/sh", "-c", LIMITED.formatted(seconds, MAX_KIBIBYTES)));
        }
        command.add(program.toString());
        command.addAll(arguments);
        return command;
    }
}
