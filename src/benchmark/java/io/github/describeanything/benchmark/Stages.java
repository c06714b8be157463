package io.github.describeanything.benchmark;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.model.EngineStats;
import io.github.describeanything.model.Reservation;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.api.Subject;
import io.github.describeanything.model.api.Timings;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.lane.Schedule;
import io.github.describeanything.model.text.Prompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Measures the engine on a bundle stage by stage: loads it, then reads commands from standard input, one per line, and
 * answers each with a line of JSON, so that several processes can be measured in turn. Used by one thread.
 *
 * <ul>
 *   <li>{@code first}: one request with a new picture, by stage, in milliseconds
 *   <li>{@code decode ROWS TOKENS}: decode steps with this many resident prompts, which the first call prefills
 *   <li>{@code answers COUNT TOKENS}: this many concurrent new requests, from start to end
 *   <li>{@code stream COUNT}: gaps in a running stream, alone and while this many requests arrive one after the other
 * </ul>
 */
public final class Stages {
    private static final int WIDTH = 1024;
    private static final int HEIGHT = 768;
    private static final int QUIET_TOKENS = 20;

    private final DescribeAnything model;
    private final SamplingOptions sampling;
    private final PictureReader pictures = new PictureReader(PictureLimits.DEFAULT);
    private final Source known = source(0);
    private long seed = 1;

    private Stages(DescribeAnything model) {
        this.model = model;
        // Force one token that has text, so that every token emits a delta.
        int token = Math.min(300, model.manifest().decoder().vocabSize() - 1);
        sampling = SamplingOptions.builder().logitBias(Map.of(token, 100.0)).build();
    }

    /** @param arguments bundle, threads, slots, tokens of a slot, and schedule */
    public static void main(String[] arguments) throws IOException {
        long start = System.nanoTime();
        var options = EngineOptions.builder()
                .threads(Integer.parseInt(arguments[1]))
                .slots(Integer.parseInt(arguments[2]))
                .context(Integer.parseInt(arguments[3]))
                .schedule(Schedule.Mode.valueOf(arguments[4].toUpperCase(Locale.ROOT)))
                .build();
        try (var model = DescribeAnything.open(Path.of(arguments[0]), options)) {
            System.out.println(json("loaded_s", (System.nanoTime() - start) / 1e9));
            var stages = new Stages(model);
            var commands =
                    new BufferedReader(new InputStreamReader(System.in, java.nio.charset.StandardCharsets.UTF_8));
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                System.out.println(stages.run(line.strip().split(" ")));
            }
        }
    }

    private String run(String[] command) throws IOException {
        return switch (command[0]) {
            case "first" -> first();
            case "decode" -> decode(Integer.parseInt(command[1]), Integer.parseInt(command[2]));
            case "answers" -> answers(Integer.parseInt(command[1]), Integer.parseInt(command[2]));
            case "stream" -> stream(Integer.parseInt(command[1]));
            default -> throw new IllegalArgumentException("No such command: " + command[0]);
        };
    }

    /** An encoded picture. @param number identifies it */
    private record Source(long number, byte[] png) {
        ByteBuffer key() {
            return ByteBuffer.allocate(Long.BYTES).putLong(number).flip();
        }
    }

    private static Source source(long number) {
        return new Source(number, Pictures.png(Pictures.drawn(WIDTH, HEIGHT, number)));
    }

    private Reader start(Source source, String question, int tokens) {
        return new Reader(generation(source, question, tokens), tokens);
    }

    /** Like the server, does not decode a picture whose features are cached. */
    private Generation generation(Source source, String question, int tokens) {
        var request = DescriptionRequest.DEFAULT
                .asking(question)
                .sampling(sampling)
                .limitedTo(tokens)
                .ignoringEnd();
        try (Reservation reservation = model.reserve(1)) {
            Prompt prompt = model.prompt(1, question);
            Optional<PendingFeatures> cached = model.features(source.key());
            try (PendingFeatures features = cached.isPresent() ? cached.get() : model.onWorker(() -> encode(source))) {
                return reservation.start(prompt, features, request);
            }
        }
    }

    private PendingFeatures encode(Source source) {
        var subject = Subject.of(pictures.read(source.png()));
        View view = model.view(subject.picture()).region(subject.mask());
        return model.encode(source.key(), List.of(view));
    }

    private String first() throws IOException {
        EngineStats before = model.stats();
        var end = start(source(seed++), "", 1).finished();
        Timings timings = end.timings();
        double prefill = 1e3 * (model.stats().prefillSeconds() - before.prefillSeconds());
        return json(
                "positions",
                end.usage().promptTokens(),
                "prepare_ms",
                timings.prepare().toNanos() / 1e6,
                "vision_ms",
                timings.encode().toNanos() / 1e6,
                "prefill_ms",
                prefill,
                "first_ms",
                timings.firstToken().toNanos() / 1e6,
                "resident_mib",
                resident());
    }

    private String decode(int rows, int tokens) {
        start(known, "", 1).finished();
        EngineStats idle = idle();
        var readers = IntStream.range(0, rows)
                .mapToObj(i -> start(known, "Describe the masked region in detail, number " + i + ".", tokens))
                .toList();
        readers.forEach(it -> it.await(2));
        // The first ones are ahead, so the measurement ends when the first of them ends.
        EngineStats before = model.stats();
        long start = System.nanoTime();
        readers.getFirst().await(tokens - 2);
        EngineStats after = model.stats();
        double seconds = (System.nanoTime() - start) / 1e9;
        readers.forEach(Reader::finished);
        EngineStats end = idle();
        long steps = after.decodeSteps() - before.decodeSteps();
        double runs = after.decodeSeconds() - before.decodeSeconds();
        // From idle to idle, so that the counters are read between runs.
        double other = end.busySeconds()
                - idle.busySeconds()
                - (end.decodeSeconds() - idle.decodeSeconds())
                - (end.prefillSeconds() - idle.prefillSeconds());
        return json(
                "rows",
                rows,
                "steps",
                steps,
                "run_ms",
                1e3 * runs / steps,
                "overhead_ms",
                1e3 * other / (end.decodeSteps() - idle.decodeSteps()),
                "tokens_per_s",
                (after.generatedTokens() - before.generatedTokens()) / seconds,
                "resident_mib",
                resident());
    }

    private EngineStats idle() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return model.stats();
    }

    private String answers(int count, int tokens) throws IOException {
        var sources = new ArrayList<Source>();
        for (int i = 0; i < count; i++) {
            sources.add(source(seed++));
        }
        long start = System.nanoTime();
        var readers = sources.stream().map(it -> start(it, "", tokens)).toList();
        var ends = readers.stream().map(Reader::finished).toList();
        double seconds = (System.nanoTime() - start) / 1e9;
        double[] first = ends.stream()
                .mapToDouble(it -> it.timings().firstToken().toNanos() / 1e6)
                .sorted()
                .toArray();
        double[] vision = ends.stream()
                .mapToDouble(it -> it.timings().encode().toNanos() / 1e6)
                .toArray();
        return json(
                "answers",
                count,
                "seconds",
                seconds,
                "tokens_per_s",
                count * tokens / seconds,
                "first_ms",
                Reader.median(first),
                "last_first_ms",
                first[first.length - 1],
                "vision_ms",
                Reader.median(vision),
                "resident_mib",
                resident());
    }

    private String stream(int count) {
        int most = model.context() - 300;
        try (var generation = generation(known, "", most)) {
            var reader = new Reader(generation, most);
            reader.await(2);
            long begin = System.nanoTime();
            reader.await(reader.count() + QUIET_TOKENS);
            long busy = System.nanoTime();
            double vision = 0;
            var encoding = new ArrayList<double[]>();
            for (int i = 0; i < count; i++) {
                long from = System.nanoTime();
                Timings timings = start(source(seed++), "", 1).finished().timings();
                vision += timings.encode().toNanos() / 1e6;
                encoding.add(reader.gaps(
                        from,
                        from
                                + timings.firstToken().toNanos()
                                - timings.prefill().toNanos()));
            }
            long end = System.nanoTime();
            double[] alone = reader.gaps(begin, busy);
            double[] beside = reader.gaps(busy, end);
            double[] besideVision = encoding.stream()
                    .flatMapToDouble(java.util.Arrays::stream)
                    .sorted()
                    .toArray();
            return json(
                    "alone_median_ms", Reader.quantile(alone, 0.5),
                    "gaps", beside.length,
                    "median_ms", Reader.quantile(beside, 0.5),
                    "p99_ms", Reader.quantile(beside, 0.99),
                    "longest_ms", Reader.quantile(beside, 1),
                    "median_beside_vision_ms", Reader.quantile(besideVision, 0.5),
                    "longest_beside_vision_ms", Reader.quantile(besideVision, 1),
                    "vision_ms", vision / count,
                    "seconds_a_newcomer", (end - busy) / 1e9 / count);
        }
    }

    /** Resident memory in MiB; 0 if unknown. */
    private static double resident() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(it -> it.startsWith("VmRSS:"))
                    .mapToDouble(it -> Long.parseLong(it.replaceAll("\\D", "")) / 1024.0)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private static String json(Object... pairs) {
        var text = new StringBuilder("{");
        for (int i = 0; i < pairs.length; i += 2) {
            text.append(i == 0 ? "" : ", ").append('"').append(pairs[i]).append("\": ");
            text.append(
                    pairs[i + 1] instanceof Double number
                            ? String.format(Locale.ROOT, "%.3f", number)
                            : String.valueOf(pairs[i + 1]));
        }
        return text.append("}").toString();
    }
}
