package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A job's resident memory does not grow with its input. {@code -Dbulk.pictures=1000 -Dbulk.regions=10} is the full size: from
 * 1,000 rows to 10,000.
 */
class MemoryTest {
    private static final int PICTURES = Integer.getInteger("bulk.pictures", 60);
    private static final int REGIONS = Integer.getInteger("bulk.regions", 5);
    private static final int ROWS = PICTURES * REGIONS;
    /** Where the growth is counted from. */
    private static final int EARLY = Math.min(1000, ROWS / 2);

    private static final long MAX_GROWTH = 100L << 20;

    @TempDir
    Path folder;

    @Test
    void aJobThatAsksServersDoesNotGrow() throws Exception {
        try (var server = StubServer.describing()) {
            grow("--url", server.url(), "--in-flight", "64");
        }
    }

    @Test
    void norDoesOneWithItsOwnModel() throws Exception {
        grow();
    }

    private void grow(String... more) throws Exception {
        var drawn = new DrawnDataset(folder, PICTURES, REGIONS);
        String[] all = Stream.concat(Stream.of("--images", drawn.images().toString()), Arrays.stream(more))
                .toArray(String[]::new);
        var run = new Run(folder, "rows", drawn.coco(), all);
        Process process = run.process("describe")
                .redirectOutput(folder.resolve("log.txt").toFile())
                .start();
        long early = 0;
        long most = 0;
        while (process.isAlive()) {
            long resident = resident(process);
            early = run.lines() <= EARLY ? Math.max(early, resident) : early;
            most = Math.max(most, resident);
            Thread.sleep(50);
        }
        System.out.printf("resident: %d MB at %,d rows, %d MB at most of %,d%n", early >> 20, EARLY, most >> 20, ROWS);
        assertThat(run.lines()).isEqualTo(ROWS);
        assertThat(most - early).isLessThan(MAX_GROWTH);
    }

    private static long resident(Process process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(it -> it.startsWith("VmRSS:"))
                    .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void aJobKeepsFewFeatures() {
        List<String> options = List.of("--input", "in.jsonl", "--output", "out.jsonl");
        var command = new DescribeCommand();
        new CommandLine(command).parseArgs(options.toArray(String[]::new));
        assertThat(command.engine.options().featureCache()).isEqualTo(BulkDefaults.REGION_CACHE_MIB << 20);
        new CommandLine(command).parseArgs("--input", "in.jsonl", "--output", "out.jsonl", "--region-cache", "256");
        assertThat(command.engine.options().featureCache()).isEqualTo(256L << 20);
        // The Spark job's.
        assertThat(BulkDefaults.engine().build().featureCache()).isEqualTo(BulkDefaults.REGION_CACHE_MIB << 20);
    }
}
