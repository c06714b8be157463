package io.github.describeanything.model.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.lane.Schedule.Mode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScheduleTest {
    private static final Duration GAP = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofSeconds(20);

    private static Schedule schedule(Mode mode) {
        return new Schedule(mode, GAP, true, 2);
    }

    private static void begin(Schedule schedule) {
        schedule.arrived();
        schedule.encoded();
        schedule.firstToken();
    }

    @Test
    void autoSwitchesToThroughputUntilTheBacklogIsGone() {
        Schedule schedule = schedule(Mode.AUTO);
        begin(schedule);
        assertThat(schedule.throughput()).as("one runs").isFalse();
        schedule.arrived();
        assertThat(schedule.throughput()).as("one runs, one waits").isFalse();
        schedule.arrived();
        assertThat(schedule.throughput()).as("one runs, two wait").isTrue();
        schedule.encoded();
        schedule.firstToken();
        assertThat(schedule.throughput()).as("two run, one waits").isTrue();
        schedule.ended(false, false);
        assertThat(schedule.throughput()).as("none waits").isFalse();
    }

    @Test
    void autoReturnsToLatencyHoweverArrivalsAndFirstTokensInterleave() throws InterruptedException {
        Schedule schedule = schedule(Mode.AUTO);
        var threads = IntStream.range(0, 4)
                .mapToObj(i -> Thread.ofPlatform().start(() -> {
                    for (int n = 0; n < 20_000; n++) {
                        schedule.arrived();
                        schedule.firstToken();
                        schedule.ended(false, true);
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(schedule.throughput()).isFalse();
    }

    @Test
    void latencyAndThroughputDoNotSwitch() {
        Schedule latency = schedule(Mode.LATENCY);
        latency.arrived();
        assertThat(latency.throughput()).isFalse();
        assertThat(schedule(Mode.THROUGHPUT).throughput()).isTrue();
    }

    @Test
    void visionComesFirstWhileSlotsAreFree() {
        Schedule schedule = schedule(Mode.THROUGHPUT);
        assertThat(schedule.visionFirst()).as("nothing to encode").isFalse();
        schedule.regions(1);
        assertThat(schedule.visionFirst()).isTrue();
        begin(schedule);
        begin(schedule);
        assertThat(schedule.visionFirst()).as("no slot is free").isFalse();
        assertThat(schedule.visionWaits()).isTrue();
        schedule.ended(true, true);
        assertThat(schedule.visionWaits()).isFalse();
        assertThat(schedule.visionFirst()).isTrue();
    }

    @Test
    void promptsComeBeforeTheVisionOfLaterRequests() {
        Schedule schedule = schedule(Mode.THROUGHPUT);
        var woken = new AtomicInteger();
        schedule.onChange(woken::incrementAndGet);
        schedule.regions(1);
        schedule.arrived();
        schedule.encoded();
        assertThat(schedule.visionWaits()).isTrue();
        assertThat(schedule.visionFirst()).isFalse();
        schedule.firstToken();
        assertThat(woken).hasPositiveValue();
        assertThat(schedule.visionFirst()).isTrue();

        schedule.arrived();
        schedule.encoded();
        assertThat(schedule.visionWaits()).as("the second prompt").isTrue();
        schedule.ended(true, false);
        assertThat(schedule.visionWaits()).as("it was cancelled").isFalse();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void visionOnItsOwnDeviceNeverWaits(Mode mode) {
        var schedule = new Schedule(mode, GAP, false, 1);
        schedule.regions(1);
        begin(schedule);
        begin(schedule);
        assertThat(schedule.visionWaits()).isFalse();
        assertThat(schedule.visionFirst()).isFalse();
    }

    @Test
    void shortVisionRunsShareTheCores() {
        Schedule throughput = schedule(Mode.THROUGHPUT);
        Schedule auto = schedule(Mode.AUTO);
        for (Schedule schedule : List.of(throughput, auto)) {
            schedule.arrived();
            schedule.regions(1);
            assertThat(schedule.visionFirst()).as("not measured yet").isTrue();
            schedule.visionTook(Duration.ofMillis(20));
            assertThat(schedule.visionFirst()).isFalse();
        }
        assertThat(throughput.throughput()).isTrue();
        assertThat(auto.throughput()).isFalse();
        throughput.visionTook(Duration.ofSeconds(4));
        assertThat(throughput.visionFirst()).isTrue();
    }

    @Test
    void wakesLanesWhenTheirTurnMayHaveCome() {
        Schedule schedule = schedule(Mode.THROUGHPUT);
        var woken = new AtomicInteger();
        schedule.regions(1);
        for (int i = 0; i < 3; i++) {
            begin(schedule);
        }
        schedule.onChange(woken::incrementAndGet);
        schedule.ended(true, true);
        assertThat(woken).as("two are left for two slots").hasValue(0);
        schedule.ended(true, true);
        assertThat(woken).as("a slot is free for vision").hasValue(1);
        schedule.regions(-1);
        assertThat(woken).as("vision is done").hasValue(2);
    }

    @Test
    void throughputRunsShareCoresOnlyAfterTheirPatience() {
        Schedule schedule = schedule(Mode.THROUGHPUT);
        var first = new CompletableFuture<Void>();
        var inside = new CompletableFuture<Void>();
        var second = new CompletableFuture<Void>();
        Thread.startVirtualThread(() -> schedule.run(LONG, () -> {
            inside.complete(null);
            first.join();
        }));
        inside.join();
        Thread.startVirtualThread(() -> schedule.run(LONG, () -> second.complete(null)));
        schedule.run(Duration.ofMillis(50), () -> assertThat(second).isNotDone());
        first.complete(null);
        second.join();
    }

    @Test
    void latencyRunsShareCores() {
        Schedule schedule = schedule(Mode.LATENCY);
        var shared = new CompletableFuture<Void>();
        schedule.run(LONG, () -> {
            Thread.startVirtualThread(() -> schedule.run(LONG, () -> shared.complete(null)));
            shared.join();
        });
        assertThat(shared).isDone();
    }
}
