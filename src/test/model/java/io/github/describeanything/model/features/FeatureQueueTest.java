package io.github.describeanything.model.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.lane.Schedule;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureQueueTest {
    private static final int REGIONS = 5;
    private static final List<View> ONE_FRAME = List.of(new View(new float[] {1}));

    /** Encodes each frame to one number. */
    private static final class ConstantEncoder implements Encoder {
        private final AtomicInteger runs = new AtomicInteger();
        private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        private volatile boolean fails;
        private volatile float value;

        @Override
        public float[] encode(List<View> views) {
            runs.incrementAndGet();
            gate.join();
            if (fails) {
                throw new IllegalStateException("injected");
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

    private final ConstantEncoder encoder = new ConstantEncoder();
    private final Lane lane = new Lane("vision", cause -> {});
    private final Schedule schedule = new Schedule(Schedule.Mode.THROUGHPUT, Duration.ofSeconds(2), true, 2);

    private FeatureQueue queue(long cacheBytes) {
        var queue = new FeatureQueue(lane, schedule, encoder, cacheBytes, 8, false);
        lane.add(queue);
        return queue;
    }

    @AfterEach
    void close() {
        lane.close();
    }

    private static ByteBuffer key(int number) {
        return ByteBuffer.wrap(new byte[] {(byte) number});
    }

    /** The earlier references are still open, so a new run shows that they are no longer shared. */
    private static void eachIsEncodedAgain(FeatureQueue queue) {
        long before = queue.misses();
        for (int i = 0; i < REGIONS; i++) {
            assertThat(queue.find(key(i))).isEmpty();
            queue.encode(key(i), ONE_FRAME).features().join();
        }
        assertThat(queue.misses() - before).isEqualTo(REGIONS);
        assertThat(queue.hits()).isZero();
    }

    @Test
    void encodedRegionsAreNoLongerShared() {
        FeatureQueue queue = queue(0);
        eachIsEncodedAgain(queue);
        eachIsEncodedAgain(queue);
    }

    @Test
    void failedRegionsAreNoLongerShared() {
        FeatureQueue queue = queue(0);
        encoder.fails = true;
        for (int i = 0; i < REGIONS; i++) {
            var failed = queue.encode(key(i), ONE_FRAME);
            assertThatThrownBy(() -> failed.features().join()).hasRootCauseMessage("injected");
        }
        encoder.fails = false;
        eachIsEncodedAgain(queue);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void nonFiniteFeaturesAreNotCached(float value) {
        FeatureQueue queue = queue(1 << 20);
        encoder.value = value;
        assertThatThrownBy(() -> queue.encode(key(0), ONE_FRAME).features().join())
                .hasRootCauseMessage("The vision graph computed NaN or infinity");
        assertThat(queue.find(key(0))).isEmpty();
        encoder.value = 1;
        assertThat(queue.encode(key(0), ONE_FRAME).features().join().embeddings())
                .containsExactly(1);
    }

    @Test
    void regionsWaitWhileAllSlotsAreTaken() {
        FeatureQueue queue = queue(0);
        schedule.onChange(lane::wake);
        for (int slot = 0; slot < 2; slot++) {
            schedule.arrived();
            schedule.encoded();
            schedule.firstToken();
        }
        var waiting = queue.encode(key(0), ONE_FRAME).features();
        lane.call(() -> {});
        lane.call(() -> {});
        assertThat(encoder.runs).hasValue(0);
        schedule.ended(true, true);
        waiting.join();
        assertThat(encoder.runs).hasValue(1);
    }

    @Test
    void cachedRegionsAreKnown() {
        FeatureQueue queue = queue(1 << 20);
        var first = queue.encode(key(0), ONE_FRAME);
        assertThat(first.cached()).isFalse();
        first.features().join();
        assertThat(queue.find(key(0)).orElseThrow().cached()).isTrue();
        assertThat(queue.encode(key(0), ONE_FRAME).cached()).isTrue();
        assertThat(encoder.runs).hasValue(1);
        assertThat(queue.hits()).isEqualTo(2);
    }

    @Test
    void concurrentRequestsForARegionShareOneRun() {
        FeatureQueue queue = queue(0);
        encoder.gate = new CompletableFuture<>();
        try (var first = queue.encode(key(0), ONE_FRAME);
                var second = queue.encode(key(0), ONE_FRAME);
                var third = queue.find(key(0)).orElseThrow()) {
            assertThat(second).isSameAs(first);
            assertThat(third).isSameAs(first);
            encoder.gate.complete(null);
            first.features().join();
        }
        assertThat(encoder.runs).hasValue(1);
    }

    @Test
    void regionsWithoutReferencesAreNotEncoded() {
        FeatureQueue queue = queue(0);
        encoder.gate = new CompletableFuture<>();
        var running = queue.encode(key(0), ONE_FRAME);
        var shared = queue.encode(key(1), ONE_FRAME);
        shared.retain();
        var dropped = queue.encode(key(2), ONE_FRAME);
        shared.close();
        dropped.close();
        assertThatThrownBy(dropped::retain).isInstanceOf(IllegalStateException.class);
        assertThat(queue.find(key(2))).isEmpty();
        encoder.gate.complete(null);
        running.features().join();
        shared.features().join();
        assertThat(encoder.runs).hasValue(2);
        assertThat(dropped.features()).isCancelled();
    }

    @Test
    void closingFailsWaitingRegions() throws InterruptedException {
        FeatureQueue queue = queue(0);
        encoder.gate = new CompletableFuture<>();
        queue.encode(key(0), ONE_FRAME);
        var waiting = queue.encode(key(1), ONE_FRAME);
        Thread closing = Thread.ofPlatform().start(lane::close);
        while (closing.getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }
        encoder.gate.complete(null);
        closing.join();
        assertThatThrownBy(() -> waiting.features().join()).hasCauseInstanceOf(BusyException.class);
        var late = queue.encode(key(2), ONE_FRAME);
        assertThatThrownBy(() -> late.features().join()).hasCauseInstanceOf(BusyException.class);
    }
}
