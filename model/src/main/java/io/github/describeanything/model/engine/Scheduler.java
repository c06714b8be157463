package io.github.describeanything.model.engine;

import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.decode.MultimodalPrompt;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Assigns slots to sequences, first come, first served. Used by the engine's thread only; knows no tensors.
 *
 * <p>A decode run spans the slots [0, rows), so low slots are used first: new sequences fill free slots, and while none
 * waits the last batch row moves into one.
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

    /** Removes the sequences that ended or were cancelled. */
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

    /** Gives each waiting sequence the free slot that already holds most of its prompt. */
    void admit() {
        while (!waiting.isEmpty()) {
            Sequence next = waiting.peek();
            var best = IntStream.range(0, slots.length)
                    .filter(i -> slots[i].free())
                    .boxed()
                    .max(Comparator.<Integer>comparingInt(i -> slots[i].reusable(next.prompt()))
                            .thenComparing(Comparator.reverseOrder()));
            if (best.isEmpty()) {
                return;
            }
            slots[best.get()].take(waiting.remove());
            prefilling.add(best.get());
        }
    }

    /** The slot that holds most of a prompt, free or not. */
    Optional<Integer> mostOf(MultimodalPrompt prompt) {
        return IntStream.range(0, slots.length).boxed().max(Comparator.comparingInt(i -> slots[i].reusable(prompt)));
    }

    /** The slot whose prompt is computed next, in order of admission. */
    Optional<Integer> prefilling() {
        return Optional.ofNullable(prefilling.peek());
    }

    /** The prompt of that slot is complete; it decodes from now on. */
    void prefilled() {
        prefilling.remove();
    }

    /** Whether the sequence in a slot decodes. */
    boolean decodes(int slot) {
        return slots[slot].sequence().filter(it -> !it.prefilling()).isPresent();
    }

    /** Batch rows of a decode run; 0 if nothing decodes. */
    int rows() {
        return IntStream.range(0, slots.length).filter(this::decodes).max().orElse(-1) + 1;
    }

    /** A free slot that the last batch row may move into; empty while a sequence is waiting to fill it. */
    Optional<Integer> freeSlot() {
        int rows = rows();
        return waiting.isEmpty()
                ? IntStream.range(0, rows).filter(i -> slots[i].free()).boxed().findFirst()
                : Optional.empty();
    }

    void moved(int from, int to) {
        slots[to].moveFrom(slots[from]);
    }

    /** Fails all sequences and empties all slots, whose keys and values may be invalid. */
    void failAll(ModelException cause) {
        all().forEach(it -> it.fail(cause));
        sweep();
        Arrays.stream(slots).forEach(Slot::clear);
    }

    /** All sequences, waiting or running. */
    List<Sequence> all() {
        return Stream.concat(waiting.stream(), Arrays.stream(slots).flatMap(it -> it.sequence().stream()))
                .toList();
    }
}
