package io.github.describeanything.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunningTest {
    private final Running running = new Running();
    private final AtomicInteger ended = new AtomicInteger();

    @Test
    void whoeverIsInIsEndedOnce() {
        running.enter(ended::incrementAndGet);
        assertThat(running.over()).isFalse();
        running.end();
        running.end();
        assertThat(running.over()).isTrue();
        assertThat(ended).hasValue(1);
    }

    @Test
    void whoeverComesWhenTheTimeIsOverIsEndedAtOnce() {
        running.end();
        running.enter(ended::incrementAndGet);
        assertThat(ended).hasValue(1);
    }

    @Test
    void whoeverLeftIsNotEnded() {
        running.enter(ended::incrementAndGet).close();
        running.end();
        assertThat(ended).hasValue(0);
    }
}
