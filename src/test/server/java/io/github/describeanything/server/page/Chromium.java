package io.github.describeanything.server.page;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The system's Chromium, started once for all browser tests; without it, they are skipped with a message. */
final class Chromium {
    /** Environment variable with the path of another browser. */
    private static final String VARIABLE = "CHROMIUM";

    private static final List<String> QUIET = List.of(
            "--no-sandbox", // tests run as root in containers
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private static Browser browser;

    private Chromium() {}

    static synchronized Browser start() {
        Optional<Path> program = program();
        Assumptions.assumeTrue(
                program.isPresent(),
                "No Chromium here, so the page is not tested in a browser. Install the package chromium or set "
                        + VARIABLE + ".");
        if (browser == null) {
            Playwright playwright = Playwright.create(
                    new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
            browser = playwright
                    .chromium()
                    .launch(new BrowserType.LaunchOptions()
                            .setExecutablePath(program.get())
                            .setArgs(QUIET));
            Runtime.getRuntime().addShutdownHook(new Thread(playwright::close));
        }
        return browser;
    }

    private static Optional<Path> program() {
        return Stream.of(System.getenv().getOrDefault(VARIABLE, "/usr/bin/chromium"), "/usr/bin/chromium-browser")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }
}
