package io.github.describeanything.model.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.onnx.OnnxException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LaneTest {
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ModelException> broken = new CompletableFuture<>();

    /** Runs the tasks of a test and logs the lane's calls. */
    private final class Tasks implements WorkSource {
        private final String name;
        private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        private final Queue<RuntimeException> reopening = new ConcurrentLinkedQueue<>();

        Tasks(String name) {
            this.name = name;
        }

        @Override
        public boolean idle() {
            return tasks.isEmpty();
        }

        @Override
        public void step() {
            Runnable task = tasks.poll();
            if (task != null) {
                log.add(name);
                task.run();
            }
        }

        @Override
        public void fail(ModelException cause) {
            log.add(name + " failed: " + cause.getMessage());
        }

        @Override
        public void reopen() {
            log.add(name + " reopened");
            RuntimeException fault = reopening.poll();
            if (fault != null) {
                throw fault;
            }
        }

        @Override
        public void end(ModelException cause) {
            log.add(name + " ended: " + cause.getMessage());
        }

        @Override
        public void close() {
            log.add(name + " closed");
        }
    }

    private Lane lane(WorkSource... sources) {
        var lane = new Lane("device", broken::complete);
        List.of(sources).forEach(lane::add);
        return lane;
    }

    private static void fault(RuntimeException fault) {
        throw fault;
    }

    @Test
    void sourcesTakeTurns() {
        var decode = new Tasks("decode");
        var segment = new Tasks("segment");
        try (var lane = lane(decode, segment)) {
            var done = new CompletableFuture<Void>();
            lane.post(() -> {
                decode.tasks.addAll(List.of(() -> {}, () -> {}, () -> {}));
                segment.tasks.addAll(List.of(() -> {}, () -> {}, () -> {}, () -> done.complete(null)));
            });
            done.join();
            assertThat(log).containsExactly("decode", "segment", "decode", "segment", "decode", "segment", "segment");
        }
    }

    @Test
    void messagesAreDeliveredBetweenSteps() {
        var work = new Tasks("step");
        try (var lane = lane(work)) {
            var done = new CompletableFuture<Void>();
            lane.post(() -> {
                work.tasks.add(() -> lane.post(() -> log.add("message")));
                work.tasks.add(() -> done.complete(null));
            });
            done.join();
            assertThat(log).containsExactly("step", "message", "step");
        }
    }

    @Test
    void aFailedStepFailsItsSourceAndTheLaneContinues() {
        var work = new Tasks("step");
        try (var lane = lane(work)) {
            var done = new CompletableFuture<Void>();
            lane.post(() -> {
                work.tasks.add(() -> fault(new IllegalStateException("injected")));
                work.tasks.add(() -> done.complete(null));
            });
            done.join();
            assertThat(log).containsExactly("step", "step failed: The device failed", "step");
        }
    }

    @Test
    void aFailedDeviceIsReopened() {
        var work = new Tasks("step");
        work.reopening.add(new OnnxException("no memory yet"));
        try (var lane = lane(work)) {
            var done = new CompletableFuture<Void>();
            lane.post(() -> {
                work.tasks.add(() -> fault(new OnnxException("out of memory")));
                work.tasks.add(() -> done.complete(null));
            });
            done.join();
            assertThat(log)
                    .containsExactly(
                            "step", "step failed: Out of memory; try again", "step reopened", "step reopened", "step");
        }
    }

    @Test
    void aDeviceThatCannotBeReopenedBreaksTheLane() throws Exception {
        var work = new Tasks("step");
        for (int i = 0; i < 3; i++) {
            work.reopening.add(new OnnxException("gone"));
        }
        try (var lane = lane(work)) {
            lane.post(() -> work.tasks.add(() -> fault(new OnnxException("injected"))));
            assertThat(broken.get(20, TimeUnit.SECONDS)).hasMessage("The device failed and cannot go on");
            assertThat(lane.end()).hasValueSatisfying(it -> assertThat(it).hasMessageContaining("cannot go on"));
            assertThat(log).endsWith("step reopened", "step ended: The device failed and cannot go on");
            assertThatThrownBy(() -> lane.call(() -> {})).isInstanceOf(ModelException.class);
        }
        assertThat(log).endsWith("step closed");
    }

    @Test
    void closingEndsTheSourcesWithoutBreakingTheLane() {
        var work = new Tasks("step");
        var lane = lane(work);
        lane.call(() -> {});
        lane.close();
        assertThat(log).containsExactly("step ended: The model is closing", "step closed");
        assertThat(lane.end()).containsInstanceOf(BusyException.class);
        assertThat(broken).isNotDone();
    }
}
