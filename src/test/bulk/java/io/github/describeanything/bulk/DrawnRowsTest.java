package io.github.describeanything.bulk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Two drawn pictures with three regions each, and a stub that describes them. */
abstract class DrawnRowsTest {
    @TempDir
    Path folder;

    StubServer server;
    DrawnDataset drawn;

    @BeforeEach
    void start() throws IOException {
        server = StubServer.describing();
        drawn = new DrawnDataset(folder, 2, 3);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    Run run(String name, Path input, String... more) {
        String[] all = Stream.concat(
                        Stream.of("--images", drawn.images().toString(), "--url", server.url()), Arrays.stream(more))
                .toArray(String[]::new);
        return new Run(folder.resolve("out"), name, input, all);
    }
}
