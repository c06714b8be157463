package io.github.describeanything.model.engine;

import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/** The sequences that have not ended, in order of arrival, to tell how long the queue is. Thread-safe. */
final class Arrivals {
    private final int slots;
    private final AtomicLong count = new AtomicLong();
    private final ConcurrentSkipListSet<Long> open = new ConcurrentSkipListSet<>();

    Arrivals(int slots) {
        this.slots = slots;
    }

    /** A sequence has arrived. @return its number, by which it {@linkplain #leave leaves} */
    long arrive() {
        long number = count.getAndIncrement();
        open.add(number);
        return number;
    }

    void leave(long number) {
        open.remove(number);
    }

    /** How many sequences must end before this one has a slot; empty if there is one for it. */
    OptionalInt queued(long number) {
        int place = open.headSet(number).size() - slots + 1;
        return place > 0 ? OptionalInt.of(place) : OptionalInt.empty();
    }
}
