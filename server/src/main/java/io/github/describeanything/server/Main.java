package io.github.describeanything.server;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.ModelException;
import io.github.describeanything.model.SelfCheck;
import io.github.describeanything.server.operations.JsonLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;
import sun.misc.Signal;

/** The program. */
public final class Main {
    private static final int FAILED = 1;
    private static final int BROKEN = 3;

    private Main() {}

    public static void main(String[] arguments) {
        letRequestsHaveTheirTurn();
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
     * Virtual threads that compute, such as those that unpack large bodies, give way to others only by blocking: on as
     * many carriers as there are cores a few of them would keep everybody waiting. The system shares cores more fairly.
     */
    private static void letRequestsHaveTheirTurn() {
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
            try (var model = DescribeAnything.open(bundle, options.engine())) {
                return check(model, bundle);
            }
        }
        // Until somebody may be waiting for an answer there is nothing to finish.
        onSignal(() -> System.exit(0));
        try (var loading = LoadingServer.start(config);
                var model = DescribeAnything.open(bundle(options), options.engine())) {
            return serve(config.on(loading.port()), model, loading);
        }
    }

    private static Path bundle(Options options) {
        return options.model.orElseGet(() -> EmbeddedBundle.unpack().folder());
    }

    /** Serves until a signal ends it, and then lets running answers finish; or until the model breaks. */
    private static int serve(ServerConfig config, DescribeAnything model, LoadingServer loading) {
        var status = new CompletableFuture<Integer>();
        onSignal(() -> status.complete(0));
        try (var server = HttpServer.start(config, model, loading::close)) {
            model.whenBroken(cause -> {
                System.err.println("describe-anything cannot go on: " + cause.getMessage());
                status.complete(BROKEN);
            });
            System.out.println(Welcome.text(config.host(), server.port(), model));
            return status.join();
        }
    }

    /** Handlers rather than a shutdown hook, after which Java would report the signal instead of success. */
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

    /** The innermost cause says what a person can do something about, unless one further out was made for people. */
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
