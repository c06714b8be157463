package io.github.describeanything.benchmark;

import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.decode.Sampler;
import io.github.describeanything.model.text.StreamingDetokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The cost per token outside the graph: sampling from 32,000 logits, and detokenizing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class Tokens {
    private static final int VOCABULARY = 32_000;

    private final float[] logits = new float[VOCABULARY];
    private final float[] scratch = new float[VOCABULARY];
    private final Sampler greedy = new Sampler(SamplingOptions.GREEDY);
    private final Sampler published = new Sampler(SamplingOptions.builder()
            .temperature(0.2)
            .topP(0.9)
            .topK(50)
            .seed(1)
            .build());
    private final StreamingDetokenizer detokenizer = new StreamingDetokenizer();
    private final byte[][] pieces = {
        " describe".getBytes(StandardCharsets.UTF_8),
        {(byte) 0xE2},
        {(byte) 0x96},
        {(byte) 0x81},
        " é".getBytes(StandardCharsets.UTF_8)
    };
    private int next;

    public Tokens() {
        var random = new Random(1);
        for (int i = 0; i < VOCABULARY; i++) {
            logits[i] = (float) random.nextGaussian();
        }
    }

    private float[] fresh() {
        System.arraycopy(logits, 0, scratch, 0, VOCABULARY);
        return scratch;
    }

    @Benchmark
    public int greedy() {
        return greedy.sample(fresh());
    }

    @Benchmark
    public int temperatureTopKTopP() {
        return published.sample(fresh());
    }

    @Benchmark
    public String detokenise() {
        next = (next + 1) % pieces.length;
        return detokenizer.append(pieces[next]);
    }
}
