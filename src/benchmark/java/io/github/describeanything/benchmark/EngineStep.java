package io.github.describeanything.benchmark;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.model.EngineStats;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Subject;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The engine's overhead per step with eight rows: {@code overheadMicros} divided by {@code steps}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgs = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class EngineStep {
    private static final int ROWS = 8;
    private static final int TOKENS = 64;

    @Param("target/test-bundles/golden-image-fp32")
    String bundle = "";

    private DescribeAnything model;

    private final Subject subject = Subject.of(Pictures.drawn(320, 240, 1));
    private final DescriptionRequest request =
            DescriptionRequest.DEFAULT.limitedTo(TOKENS).ignoringEnd();

    /** Sums over all steps, which JMH adds up: microseconds outside the graph, inside it, and the number of steps. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Split {
        public long overheadMicros;
        public long runMicros;
        public long steps;
    }

    @Setup(Level.Trial)
    public void load() {
        var options = EngineOptions.builder().slots(ROWS).context(512).build();
        model = DescribeAnything.open(Path.of(bundle), options);
    }

    @TearDown(Level.Trial)
    public void close() {
        model.close();
    }

    @Benchmark
    public void eightAnswers(Split split) {
        EngineStats before = model.stats();
        IntStream.range(0, ROWS)
                .mapToObj(i -> model.describeAsync(subject, request))
                .toList()
                .forEach(java.util.concurrent.CompletableFuture::join);
        EngineStats after = model.stats();
        double runs = after.decodeSeconds() - before.decodeSeconds();
        double prefill = after.prefillSeconds() - before.prefillSeconds();
        double busy = after.busySeconds() - before.busySeconds();
        split.runMicros += Math.round(1e6 * runs);
        split.overheadMicros += Math.round(1e6 * (busy - runs - prefill));
        split.steps += after.decodeSteps() - before.decodeSteps();
    }
}
