package io.github.describeanything.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalsTest {
    private final Arrivals arrivals = new Arrivals(2);

    @Test
    void asManyAsThereAreSlotsAreNotQueued() {
        long first = arrivals.arrive();
        long second = arrivals.arrive();
        assertThat(arrivals.queued(first)).isEmpty();
        assertThat(arrivals.queued(second)).isEmpty();
    }

    @Test
    void thePlaceIsTheNumberOfEarlierOnesThatMustEnd() {
        long first = arrivals.arrive();
        arrivals.arrive();
        long third = arrivals.arrive();
        long fourth = arrivals.arrive();
        assertThat(arrivals.queued(third)).hasValue(1);
        assertThat(arrivals.queued(fourth)).hasValue(2);
        arrivals.leave(first);
        assertThat(arrivals.queued(third)).isEmpty();
        assertThat(arrivals.queued(fourth)).hasValue(1);
    }

    @Test
    void whatIsCancelledInTheQueueLetsOthersMoveUpAndLaterOnesDoNotCount() {
        arrivals.arrive();
        arrivals.arrive();
        long third = arrivals.arrive();
        long fourth = arrivals.arrive();
        arrivals.arrive();
        arrivals.leave(third);
        arrivals.leave(third);
        assertThat(arrivals.queued(fourth)).hasValue(1);
    }
}
