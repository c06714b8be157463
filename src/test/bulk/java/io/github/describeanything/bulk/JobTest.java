package io.github.describeanything.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.StubServer.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Order, shards, limits, seeds and what a job says about itself. */
class JobTest {
    private static final int PICTURES = 12;

    @TempDir
    Path folder;

    private DrawnDataset drawn;

    @BeforeEach
    void draw() throws IOException {
        drawn = new DrawnDataset(folder, PICTURES, 3);
    }

    private Run run(StubServer server, String name, String... more) throws IOException {
        String[] all = Stream.concat(
                        Stream.of("--images", drawn.images().toString(), "--url", server.url()), Arrays.stream(more))
                .toArray(String[]::new);
        return new Run(folder, name, drawn.boxes(), all);
    }

    /** The later a request, the sooner its answer. */
    private static Answer backwards(int number, JsonNode body) throws InterruptedException {
        Thread.sleep(Math.max(0, 300 - 25L * number));
        return Answer.of(200, StubServer.description(body));
    }

    @Test
    void orderedRowsStandAsInTheInput() throws IOException {
        List<String> inOrder = IntStream.range(0, PICTURES)
                .boxed()
                .flatMap(i -> IntStream.range(0, 3).mapToObj(j -> Long.toString(DrawnDataset.id(i, j))))
                .toList();
        try (var server = new StubServer(JobTest::backwards)) {
            var run = run(server, "ordered", "--ordered");
            assertThat(run.describe()).isZero();
            assertThat(Run.ids(run.rows())).isEqualTo(inOrder);
            var other = run(server, "other");
            assertThat(other.describe()).isZero();
            assertThat(Run.ids(other.rows())).containsExactlyInAnyOrderElementsOf(inOrder);
        }
    }

    @Test
    void soDoRowsWithAndWithoutARegionOnOnePicture() throws IOException {
        Path input = Files.writeString(folder.resolve("mixed.jsonl"), """
                {"id": 1, "image": "00000.png", "bbox": [1, 1, 20, 20]}
                {"id": 2, "image": "00000.png"}
                {"id": 3, "image": "00000.png", "bbox": [2, 2, 20, 20]}
                """);
        try (var server = StubServer.describing()) {
            String images = drawn.images().toString();
            var run = new Run(folder, "mixed-out", input, "--images", images, "--url", server.url(), "--ordered");
            assertThat(run.describe()).isZero();
            assertThat(Run.ids(run.rows())).containsExactly("1", "2", "3");
        }
    }

    @Test
    void aWindowBoundsWhatIsUnderWay() throws IOException {
        var running = new HashSet<Integer>();
        var most = new int[1];
        try (var server = new StubServer((number, body) -> {
            synchronized (running) {
                running.add(number);
                most[0] = Math.max(most[0], running.size());
            }
            Thread.sleep(20);
            synchronized (running) {
                running.remove(number);
            }
            return Answer.of(200, StubServer.description(body));
        })) {
            assertThat(run(server, "rows", "--in-flight", "6", "--ordered").describe())
                    .isZero();
            // Two pictures of three regions each.
            assertThat(most[0]).isEqualTo(2);
        }
    }

    @Test
    void shardsShareThePictures() throws IOException {
        try (var server = StubServer.describing()) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                var run = run(server, "shard" + i, "--shard", i + "/3");
                assertThat(run.describe()).isZero();
                ids.addAll(Run.ids(run.rows()));
            }
            assertThat(ids).hasSize(3 * PICTURES).doesNotHaveDuplicates();
            assertThat(server.requests).hasSize(PICTURES);
            assertThat(run(server, "wrong", "--shard", "3/3").describe()).isEqualTo(2);
        }
    }

    @Test
    void aLimitTakesTheFirstRowsAndALaterRunTheRest() throws IOException {
        try (var server = StubServer.describing()) {
            var limited = run(server, "rows", "--limit", "5");
            assertThat(limited.describe()).isZero();
            assertThat(Run.ids(limited.rows())).containsExactlyInAnyOrder("1000", "1001", "1002", "2000", "2001");
            assertThat(limited.describe()).isZero();
            assertThat(limited.rows()).hasSize(5);
            assertThat(run(server, "rows").describe()).isZero();
            assertThat(Run.ids(limited.rows())).hasSize(3 * PICTURES).doesNotHaveDuplicates();
        }
    }

    @Test
    void aDryRunCountsAndWritesNothing() throws IOException {
        try (var server = StubServer.describing()) {
            var run = run(server, "rows", "--dry-run");
            assertThat(said(run)).contains("36 rows in").contains("36 left");
            assertThat(server.requests).isEmpty();
            assertThat(Files.exists(run.output)).isFalse();
        }
    }

    @Test
    void theSummaryAddsUp() throws IOException {
        Files.delete(drawn.images().resolve(DrawnDataset.name(4)));
        try (var server = StubServer.describing()) {
            var limited = run(server, "rows", "--limit", "6");
            limited.describe();
            var run = run(server, "rows");
            assertThat(said(run)).startsWith("36 rows in: 6 done before, 27 finished, 3 errors, 0 left;");
            assertThat(said(run)).startsWith("36 rows in: 36 done before, 0 finished, 0 errors, 0 left;");
        }
    }

    private static String said(Run run) {
        PrintStream before = System.out;
        var bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(run.describe()).isZero();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void seedsComeFromPicturesAndStayTheSame() throws IOException {
        try (var server = StubServer.describing()) {
            run(server, "first").describe();
            Set<Long> seeds = seeds(server);
            assertThat(seeds).hasSize(PICTURES);
            run(server, "second", "--in-flight", "3").describe();
            assertThat(seeds(server)).isEqualTo(seeds);
            run(server, "third", "--seed", "1").describe();
            assertThat(seeds(server)).hasSize(2 * PICTURES);
        }
    }

    private static Set<Long> seeds(StubServer server) {
        var seeds = new HashSet<Long>();
        server.requests.forEach(it -> seeds.add(it.path("seed").asLong()));
        return seeds;
    }

    @Test
    void thePromptNamesTheCategory() throws IOException {
        try (var server = StubServer.describing()) {
            var run = run(server, "rows", "--prompt", "Describe the {category} in detail.", "--limit", "3");
            assertThat(run.describe()).isZero();
            // Each question differs, so each has a request of its own.
            assertThat(server.requests).hasSize(3);
            for (JsonNode row : run.rows()) {
                assertThat(row.path("prompt").asString())
                        .isEqualTo("Describe the " + row.path("category").asString() + " in detail.");
                assertThat(row.path("tokens").asInt()).isEqualTo(3);
            }
        }
    }
}
