package io.github.describeanything.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private final InFlight inFlight = new InFlight();
    private final AtomicInteger ended = new AtomicInteger();

    @Test
    void aRequestIsEndedOnce() {
        inFlight.enter(ended::incrementAndGet);
        assertThat(inFlight.ended()).isFalse();
        inFlight.end();
        inFlight.end();
        assertThat(inFlight.ended()).isTrue();
        assertThat(ended).hasValue(1);
    }

    @Test
    void aRequestAddedAfterTheEndIsEndedAtOnce() {
        inFlight.end();
        inFlight.enter(ended::incrementAndGet);
        assertThat(ended).hasValue(1);
    }

    @Test
    void aClosedRequestIsNotEnded() {
        inFlight.enter(ended::incrementAndGet).close();
        inFlight.end();
        assertThat(ended).hasValue(0);
    }
}
