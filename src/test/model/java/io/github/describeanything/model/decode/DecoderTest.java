package io.github.describeanything.model.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Prompt;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DecoderTest {
    private static final int SLOTS = 6;
    private static final int CONTEXT = 64;
    private static final Bundle BUNDLE = Bundle.open(TestBundles.folder("golden-joint-fp32"));
    private static final Placement PLAIN = Placement.cpu(2);
    private static final Placement CAPTURED = new Placement(false, 0, 2, true, Map.of());

    private static Decoder open(Placement placement) {
        return new OnnxDecoder(BUNDLE, SLOTS, CONTEXT, 16, placement);
    }

    private static MultimodalPrompt prompt(int number) {
        var nothing = new RegionFeatures(ByteBuffer.allocate(0), new float[0], Duration.ZERO);
        var prompt = new Prompt(IntStream.range(0, 12).map(i -> 3 + number + i).toArray());
        return new MultimodalPrompt(prompt, nothing);
    }

    /** Logits of every row, after prefills in two chunks and after some decode steps. */
    private static List<float[]> everything(Decoder decoder, int rows) {
        var seen = new ArrayList<float[]>();
        for (int slot = 0; slot < rows; slot++) {
            decoder.prefill(slot, prompt(slot), 0, 5);
            decoder.prefill(slot, prompt(slot), 5, 7);
            seen.add(logits(decoder, 0));
        }
        var computed = new int[SLOTS];
        for (int step = 0; step < 3; step++) {
            for (int slot = 0; slot < rows; slot++) {
                decoder.feed(slot, 40 + slot + step);
                computed[slot] = 12 + step;
            }
            decoder.decode(decoder.bucket(rows), computed);
            for (int slot = 0; slot < rows; slot++) {
                seen.add(logits(decoder, slot));
            }
        }
        return seen;
    }

    private static float[] logits(Decoder decoder, int row) {
        var logits = new float[decoder.vocabSize()];
        decoder.logits(row, logits);
        return logits;
    }

    @Test
    void fixedBuffersGiveTheSameLogitsAsPlainRuns() {
        try (var plain = open(PLAIN);
                var captured = open(CAPTURED)) {
            captured.warmUp();
            List<float[]> expected = everything(plain, 5);
            List<float[]> actual = everything(captured, 5);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).containsExactly(expected.get(i));
            }
        }
    }

    @Test
    void capturedRunsHaveAPowerOfTwoOfRowsOrAllSlots() {
        try (var plain = open(PLAIN);
                var captured = open(CAPTURED)) {
            assertThat(IntStream.rangeClosed(1, SLOTS).map(captured::bucket)).containsExactly(1, 2, 4, 4, 6, 6);
            assertThat(IntStream.rangeClosed(1, SLOTS).map(plain::bucket)).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void aReopenedDecoderStartsEmptyAndDecodesTheSame() {
        try (var decoder = open(PLAIN)) {
            List<float[]> before = everything(decoder, 2);
            decoder.reopen();
            List<float[]> after = everything(decoder, 2);
            for (int i = 0; i < before.size(); i++) {
                assertThat(after.get(i)).containsExactly(before.get(i));
            }
        }
    }

    /** The server may stop while the decoder is being reopened. */
    @Test
    void terminatingWhileReopeningIsHarmless() throws Exception {
        try (var decoder = open(PLAIN)) {
            var stop = new AtomicBoolean();
            var terminations = new FutureTask<>(
                    () -> {
                        while (!stop.get()) {
                            decoder.terminate();
                        }
                    },
                    true);
            Thread.ofPlatform().start(terminations);
            for (int i = 0; i < 60; i++) {
                decoder.reopen();
            }
            stop.set(true);
            assertThat(terminations.get()).isTrue();
        }
    }
}
