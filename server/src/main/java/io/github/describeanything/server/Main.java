package io.github.describeanything.server;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.SelfCheck;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.server.operations.JsonLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import picocli.CommandLine;
import sun.misc.Signal;

/** The server program. */
public final class Main {
    private static final int FAILED = 1;
    private static final int BROKEN = 3;

    private Main() {}

    public static void main(String[] arguments) {
        addCarrierThreads();
        var options = new Options();
        var command = new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true);
        int status;
        try {
            command.parseArgs(arguments);
            if (CommandLine.printHelpIfRequested(command.getParseResult())) {
                status = 0;
            } else {
                status = run(options);
            }
        } catch (CommandLine.ParameterException e) {
            System.err.println(e.getMessage() + " (--help lists the options)");
            status = 2;
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            System.err.println(reason(e));
            status = FAILED;
        }
        System.exit(status);
    }

    /**
     * Virtual threads are not preempted: with one carrier thread per core, a few that decompress large bodies would
     * stall all requests. With more carriers, the operating system schedules them fairly.
     */
    private static void addCarrierThreads() {
        String parallelism = "jdk.virtualThreadScheduler.parallelism";
        if (System.getProperty(parallelism) == null) {
            System.setProperty(
                    parallelism,
                    Integer.toString(Math.max(32, Runtime.getRuntime().availableProcessors())));
        }
    }

    private static int run(Options options) throws IOException {
        ServerConfig config = options.server();
        if (config.jsonLogs()) {
            JsonLayout.install();
        }
        if (options.check) {
            Path bundle = bundle(options);
            try (var model = DescribeAnything.open(bundle, options.engine.options())) {
                return check(model, bundle);
            }
        }
        // There is nothing to drain before the model is loaded.
        onSignal(() -> System.exit(0));
        try (var server = HttpServer.start(config)) {
            try (var segmenter = new LoadingSegmenter(options);
                    var model = DescribeAnything.open(bundle(options), options.engine.options())) {
                return serve(server, model, segmenter.loaded(), config.host());
            }
        }
    }

    /** The segmenter that the options name. It is loaded beside the model, and closed with this. */
    private static final class LoadingSegmenter implements AutoCloseable {
        private final CompletableFuture<Optional<Segmenter>> segmenter;

        LoadingSegmenter(Options options) {
            segmenter = CompletableFuture.supplyAsync(() -> open(options));
        }

        private static Optional<Segmenter> open(Options options) {
            if (options.segmenter.equals(Optional.of("none"))) {
                return Optional.empty();
            }
            Path folder = options.segmenter
                    .map(Path::of)
                    .orElseGet(() -> EmbeddedBundle.unpackSegmenter().folder());
            return Optional.of(Segmenter.open(folder, options.engine.segmenterOptions()));
        }

        /** Waits for it. Empty if there is to be none. */
        Optional<Segmenter> loaded() {
            return segmenter.join();
        }

        @Override
        public void close() {
            segmenter.exceptionally(failed -> Optional.empty()).join().ifPresent(Segmenter::close);
        }
    }

    private static Path bundle(Options options) {
        return options.model.orElseGet(() -> EmbeddedBundle.unpack().folder());
    }

    /** Serves until a signal arrives or the model breaks, then drains. */
    private static int serve(HttpServer server, DescribeAnything model, Optional<Segmenter> segmenter, String host) {
        var status = new CompletableFuture<Integer>();
        onSignal(() -> status.complete(0));
        Consumer<ModelException> broken = cause -> {
            System.err.println("describe-anything stops: " + cause.getMessage());
            status.complete(BROKEN);
        };
        model.whenBroken(broken);
        segmenter.ifPresent(it -> it.whenBroken(broken));
        server.serve(model, segmenter);
        segmenter.ifPresent(it -> System.out.println(it.summary()));
        System.out.println(Welcome.text(host, server.port(), model));
        int result = status.join();
        server.drain();
        return result;
    }

    /** Signal handlers rather than a shutdown hook: after a hook Java exits with the signal's status instead of 0. */
    private static void onSignal(Runnable stop) {
        for (String name : List.of("TERM", "INT")) {
            Signal.handle(new Signal(name), ignored -> stop.run());
        }
    }

    private static int check(DescribeAnything model, Path bundle) {
        SelfCheck.Result result = SelfCheck.run(model, bundle);
        System.out.println(result.text());
        return result.passed() ? 0 : FAILED;
    }

    /** The innermost cause is the most specific one, unless an outer one was written for users. */
    private static String reason(Throwable thrown) {
        Throwable cause = thrown;
        while (!(cause instanceof ModelException
                        || cause instanceof IOException
                        || cause instanceof IllegalArgumentException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "describe-anything cannot start: "
                + Optional.ofNullable(cause.getMessage())
                        .orElse(cause.getClass().getSimpleName());
    }
}
