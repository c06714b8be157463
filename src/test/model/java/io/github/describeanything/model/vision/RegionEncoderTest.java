package io.github.describeanything.model.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.BusyException;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Placement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a region whose features are not kept nothing stays once it was encoded, however that ended. */
class RegionEncoderTest {
    private static final int REGIONS = 5;

    private static final class Features implements Encoder {
        private volatile boolean fails;
        private volatile float value;

        @Override
        public float[] encode(List<float[]> views) {
            if (fails) {
                throw new IllegalStateException("planted");
            }
            var all = new float[views.size()];
            Arrays.fill(all, value);
            return all;
        }

        @Override
        public void reopen() {}

        @Override
        public void close() {}
    }

    private final Features features = new Features();

    private RegionEncoder open() {
        return open(Runnable::run, 0);
    }

    private RegionEncoder open(Executor workers, long cacheBytes) {
        var preprocess = Bundle.open(TestBundles.folder("golden-joint-fp32")).file("preprocess.onnx");
        return new RegionEncoder(
                new Preprocessor(Graph.load(preprocess, Placement.cpu(1))),
                features,
                workers,
                cacheBytes,
                8,
                false,
                cause -> {});
    }

    private static List<PictureSource> region(int number, Supplier<Picture> reader) {
        return List.of(PictureSource.of(ByteBuffer.wrap(new byte[] {(byte) number}), reader));
    }

    private static List<PictureSource> frames(String... keys) {
        return Stream.of(keys)
                .map(it -> PictureSource.of(
                        ByteBuffer.wrap(it.getBytes(StandardCharsets.US_ASCII)), RegionEncoderTest::opaque))
                .toList();
    }

    private static Picture opaque() {
        var rgba = new byte[32 * 32 * 4];
        Arrays.fill(rgba, (byte) -1);
        return new Picture(32, 32, rgba, true);
    }

    /** Nobody has left the earlier one, so only its end can have made room for another. */
    private static void eachIsBegunAnew(RegionEncoder encoder) {
        long before = encoder.misses();
        for (int i = 0; i < REGIONS; i++) {
            encoder.encode(region(i, RegionEncoderTest::opaque)).features().join();
        }
        assertThat(encoder.misses() - before).isEqualTo(REGIONS);
        assertThat(encoder.hits()).isZero();
    }

    @Test
    void whatWasEncodedIsNoLongerUnderWay() {
        try (var encoder = open()) {
            eachIsBegunAnew(encoder);
            eachIsBegunAnew(encoder);
        }
    }

    @Test
    void whatCouldNotBeReadIsNoLongerUnderWay() {
        try (var encoder = open()) {
            for (int i = 0; i < REGIONS; i++) {
                var bad = encoder.encode(region(i, () -> {
                    throw new IllegalArgumentException("planted");
                }));
                assertThatThrownBy(bad::awaitPrepared).isInstanceOf(IllegalArgumentException.class);
            }
            eachIsBegunAnew(encoder);
        }
    }

    @Test
    void whatTheGraphFailedOnIsNoLongerUnderWay() {
        try (var encoder = open()) {
            features.fails = true;
            for (int i = 0; i < REGIONS; i++) {
                var bad = encoder.encode(region(i, RegionEncoderTest::opaque));
                assertThatThrownBy(() -> bad.features().join()).hasRootCauseMessage("planted");
            }
            features.fails = false;
            eachIsBegunAnew(encoder);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void whatIsNoNumberIsNotKept(float value) {
        try (var encoder = open(Runnable::run, 1 << 20)) {
            features.value = value;
            List<PictureSource> region = region(0, RegionEncoderTest::opaque);
            assertThatThrownBy(() -> encoder.encode(region).features().join())
                    .hasRootCauseMessage("The vision graph computed no numbers");
            assertThat(encoder.knows(region)).isFalse();
            features.value = 1;
            assertThat(encoder.encode(region).features().join().embeddings()).containsExactly(1);
        }
    }

    @Test
    void whatNoWorkerCouldTakeIsNoLongerUnderWay() {
        var full = new AtomicBoolean(true);
        Executor workers = work -> {
            if (full.get()) {
                throw new OutOfMemoryError("planted");
            }
            work.run();
        };
        try (var encoder = open(workers, 0)) {
            for (int i = 0; i < REGIONS; i++) {
                var bad = encoder.encode(region(i, RegionEncoderTest::opaque));
                assertThatThrownBy(bad::awaitPrepared).isInstanceOf(BusyException.class);
            }
            full.set(false);
            eachIsBegunAnew(encoder);
        }
    }

    @Test
    void framesAreKnownByEachKeyAndNotByAllInARow() {
        try (var encoder = open(Runnable::run, 1 << 20)) {
            List<List<PictureSource>> regions = List.of(frames("1", "11"), frames("11", "1"), frames("111"));
            for (List<PictureSource> region : regions) {
                assertThat(encoder.knows(region)).isFalse();
                assertThat(encoder.encode(region).features().join().embeddings())
                        .hasSize(region.size());
                assertThat(encoder.knows(region)).isTrue();
            }
            assertThat(encoder.misses()).isEqualTo(3);
        }
    }
}
