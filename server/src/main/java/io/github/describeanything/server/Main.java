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
            return check(OpenModels.named(options));
        }
        // There is nothing to drain before the model is loaded.
        onSignal(() -> System.exit(0));
        try (var server = HttpServer.start(config)) {
            try (var segmenter = new LoadingSegmenter(options);
                    var models = OpenModels.open(OpenModels.named(options))) {
                return serve(server, models, segmenter.loaded(), config.host());
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

    /** Serves until a signal arrives, or the segmenter or the last model breaks; then drains. */
    private static int serve(HttpServer server, OpenModels models, Optional<Segmenter> segmenter, String host) {
        var status = new CompletableFuture<Integer>();
        onSignal(() -> status.complete(0));
        models.whenBroken((name, cause) -> {
            boolean last = models.models().stream().allMatch(it -> it.model().broken());
            System.err.println("describe-anything %s %s: %s"
                    .formatted(last ? "stops:" : "goes on without", name, cause.getMessage()));
            if (last) {
                status.complete(BROKEN);
            }
        });
        segmenter.ifPresent(it -> it.whenBroken(cause -> {
            System.err.println("describe-anything stops: " + cause.getMessage());
            status.complete(BROKEN);
        }));
        server.serve(models.models(), segmenter);
        segmenter.ifPresent(it -> System.out.println(it.summary()));
        System.out.println(Welcome.text(host, server.port(), models.models()));
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

    /** Checks one model after the other, so that they need not fit into memory together. */
    private static int check(List<OpenModels.Closed> models) {
        if (models.size() == 1) {
            SelfCheck.Result result = check(models.getFirst());
            System.out.println(result.text());
            return result.passed() ? 0 : FAILED;
        }
        boolean passed = true;
        for (OpenModels.Closed it : models) {
            SelfCheck.Result result;
            try {
                result = check(it);
            } catch (ModelException e) {
                // The others are checked all the same.
                result = new SelfCheck.Result(false, String.valueOf(e.getMessage()));
            }
            System.out.println(it.name() + ": " + result.text());
            passed &= result.passed();
        }
        return passed ? 0 : FAILED;
    }

    private static SelfCheck.Result check(OpenModels.Closed model) {
        try (DescribeAnything opened = model.open()) {
            return SelfCheck.run(opened, model.folder());
        }
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
