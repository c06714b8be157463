package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that is killed goes on where it was. {@code -Dbulk.pictures=1000 -Dbulk.regions=10} is the full size. */
class KillTest {
    private static final int PICTURES = Integer.getInteger("bulk.pictures", 60);
    private static final int REGIONS = Integer.getInteger("bulk.regions", 5);

    @TempDir
    Path folder;

    @Test
    void threeKillsLoseNothingAndRepeatNothing() throws Exception {
        try (var server = new StubServer((number, body) -> {
            Thread.sleep(20);
            return StubServer.Answer.of(200, StubServer.description(body));
        })) {
            kill(run(new DrawnDataset(folder, PICTURES, REGIONS), server));
            // Only what was in flight at a kill was asked for again.
            assertThat(server.requests.size()).isBetween(PICTURES, PICTURES + 3 * 64);
        }
    }

    @Test
    void norDoThreeKillsOfAModelInTheProcess() throws Exception {
        var drawn = new DrawnDataset(folder, PICTURES, REGIONS);
        kill(new Run(folder, "rows", drawn.coco(), "--images", drawn.images().toString()));
    }

    private void kill(Run run) throws Exception {
        var random = new Random();
        int rows = PICTURES * REGIONS;
        for (int kill = 1; kill <= 3; kill++) {
            long until = (long) rows * kill / 5 + random.nextInt(rows / 10);
            Process process = start(run);
            while (run.lines() < until && process.isAlive()) {
                Thread.sleep(random.nextInt(1, 10));
            }
            process.destroyForcibly().waitFor();
            assertThat(run.lines()).as("rows at kill " + kill).isBetween(until, rows - 1L);
        }
        Process last = start(run);
        assertThat(last.waitFor()).isZero();
        assertThat(Run.ids(run.rows()))
                .hasSize(rows)
                .doesNotHaveDuplicates()
                .contains(Long.toString(DrawnDataset.id(PICTURES - 1, REGIONS - 1)));
        assertThat(run.errors()).isEmpty();
    }

    private Run run(DrawnDataset drawn, StubServer server) throws IOException {
        return new Run(
                folder,
                "rows",
                drawn.coco(),
                "--images",
                drawn.images().toString(),
                "--url",
                server.url(),
                "--in-flight",
                "64");
    }

    private Process start(Run run) throws IOException {
        return run.process("describe")
                .redirectOutput(folder.resolve("log.txt").toFile())
                .start();
    }

    @Test
    void aTornLastLineIsCutOff() throws IOException {
        try (var server = StubServer.describing()) {
            var run = run(new DrawnDataset(folder, 4, 3), server);
            assertThat(run.describe()).isZero();
            List<String> before = captions(run);
            List<String> torn = new ArrayList<>(Files.readAllLines(run.output));
            String last = torn.removeLast();
            Files.writeString(run.output, String.join("\n", torn) + "\n" + last.substring(0, last.length() / 2));
            Files.writeString(run.errorFile(), "{\"id\":", StandardOpenOption.APPEND);
            server.requests.clear();
            assertThat(run.describe()).isZero();
            assertThat(captions(run)).containsExactlyInAnyOrderElementsOf(before);
            assertThat(run.errors()).isEmpty();
            assertThat(server.requests).hasSize(1);
            assertThat(server.requests.getFirst().path("regions").size()).isEqualTo(1);
        }
    }

    private static List<String> captions(Run run) throws IOException {
        return run.rows().stream()
                .map(it -> it.path("id").asString() + " " + it.path("caption").asString())
                .toList();
    }

    @Test
    void anotherFileIsNotTakenForAnOutput() throws IOException {
        try (var server = StubServer.describing()) {
            var run = run(new DrawnDataset(folder, 1, 1), server);
            Files.writeString(run.output, "My notes\nof today\n");
            assertThat(run.describe()).isEqualTo(2);
            assertThat(Files.readString(run.output)).isEqualTo("My notes\nof today\n");
        }
    }

    @Test
    void twoJobsDoNotShareAnOutput() throws Exception {
        try (var server = new StubServer((number, body) -> {
            Thread.sleep(TimeUnit.SECONDS.toMillis(30));
            return StubServer.Answer.of(200, StubServer.description(body));
        })) {
            var run = run(new DrawnDataset(folder, 1, 1), server);
            Process first = start(run);
            try {
                while (server.requests.isEmpty()) {
                    Thread.sleep(10);
                }
                assertThat(run.describe()).isEqualTo(2);
            } finally {
                first.destroyForcibly().waitFor();
            }
        }
    }
}
