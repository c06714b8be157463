package io.github.describeanything.server;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.ModelException;
import io.github.describeanything.model.SelfCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;

/** The program. */
public final class Main {
    private static final int FAILED = 1;

    private Main() {}

    public static void main(String[] arguments) {
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
        } catch (ModelException | IOException | IllegalArgumentException e) {
            System.err.println(reason(e));
            status = FAILED;
        } catch (RuntimeException e) {
            System.err.println(reason(e));
            status = FAILED;
        }
        System.exit(status);
    }

    private static int run(Options options) throws IOException {
        ServerConfig config = options.server();
        Path bundle = options.model.orElseGet(() -> EmbeddedBundle.unpack().folder());
        try (var model = DescribeAnything.open(bundle, options.engine())) {
            if (options.check) {
                return check(model, bundle);
            }
            var stopped = new CountDownLatch(1);
            var server = HttpServer.start(config, model);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                server.close();
                                stopped.countDown();
                            },
                            "stop"));
            System.out.println(Welcome.text(config.host(), server.port(), model));
            waitFor(stopped);
        }
        return 0;
    }

    private static int check(DescribeAnything model, Path bundle) {
        SelfCheck.Result result = SelfCheck.run(model, bundle);
        System.out.println(result.text());
        return result.passed() ? 0 : FAILED;
    }

    private static void waitFor(CountDownLatch stopped) {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The innermost cause says what a person can do something about, such as a port in use. */
    private static String reason(Throwable thrown) {
        Throwable cause = thrown;
        while (!(cause instanceof ModelException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "describe-anything cannot start: "
                + Optional.ofNullable(cause.getMessage())
                        .orElse(cause.getClass().getSimpleName());
    }
}
