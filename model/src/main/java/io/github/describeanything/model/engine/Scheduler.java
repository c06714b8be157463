package io.github.describeanything.model.engine;

import io.github.describeanything.model.ModelException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Who has which slot: first come, first served. Of the engine's thread alone; knows nothing of tensors.
 *
 * <p>A decode run spans the slots [0, rows), so slots in use are kept low: newcomers fill holes, and when nobody waits
 * the last row moves into one.
 */
final class Scheduler {
    private final Slot[] slots;
    private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
    private final ArrayDeque<Integer> prefilling = new ArrayDeque<>();

    Scheduler(int slots, int context) {
        this.slots = new Slot[slots];
        Arrays.setAll(this.slots, i -> new Slot(context));
    }

    Slot slot(int index) {
        return slots[index];
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    boolean idle() {
        return waiting.isEmpty() && Arrays.stream(slots).allMatch(Slot::free);
    }

    int running() {
        return (int) Arrays.stream(slots).filter(it -> !it.free()).count();
    }

    /** Lets go of everybody who ended or was cancelled. */
    void sweep() {
        waiting.removeIf(Scheduler::gone);
        for (int i = 0; i < slots.length; i++) {
            if (slots[i].sequence().filter(Scheduler::gone).isPresent()) {
                slots[i].release();
                prefilling.remove((Integer) i);
            }
        }
    }

    private static boolean gone(Sequence sequence) {
        if (sequence.cancelled()) {
            sequence.drop();
        }
        return sequence.ended();
    }

    /** Gives free slots to those who wait, each the one that holds most of its prompt already. */
    void admit() {
        while (!waiting.isEmpty()) {
            Sequence next = waiting.peek();
            var best = IntStream.range(0, slots.length)
                    .filter(i -> slots[i].free())
                    .boxed()
                    .max(Comparator.<Integer>comparingInt(i -> slots[i].reusable(next.splice()))
                            .thenComparing(Comparator.reverseOrder()));
            if (best.isEmpty()) {
                return;
            }
            slots[best.get()].take(waiting.remove());
            prefilling.add(best.get());
        }
    }

    /** The slot whose prompt is to be computed next: the one that came first. */
    Optional<Integer> prefilling() {
        return Optional.ofNullable(prefilling.peek());
    }

    /** Its prompt is complete: from now on it decodes. */
    void prefilled() {
        prefilling.remove();
    }

    /** Whether the sequence in a slot decodes. */
    boolean decodes(int slot) {
        return slots[slot].sequence().filter(it -> !it.prefilling()).isPresent();
    }

    /** Slots that a decode run has to span; 0 if nobody decodes. */
    int rows() {
        return IntStream.range(0, slots.length).filter(this::decodes).max().orElse(-1) + 1;
    }

    /** A hole that the last decoding row may move into, while nobody is there to fill it. */
    Optional<Integer> hole() {
        int rows = rows();
        return waiting.isEmpty()
                ? IntStream.range(0, rows).filter(i -> slots[i].free()).boxed().findFirst()
                : Optional.empty();
    }

    void moved(int from, int to) {
        slots[to].become(slots[from]);
    }

    /** After a failure: all are told, the slots are empty, and what they held is not relied on. */
    void failAll(ModelException cause) {
        all().forEach(it -> it.fail(cause));
        sweep();
        Arrays.stream(slots).forEach(Slot::forget);
    }

    /** Everybody, waiting or running. */
    Iterable<Sequence> all() {
        var all = new ArrayDeque<>(waiting);
        Arrays.stream(slots).forEach(it -> it.sequence().ifPresent(all::add));
        return all;
    }
}
