package io.github.describeanything.model.engine;

import io.github.describeanything.model.decode.Decoder;

/** Moves and copies keys and values between slots where that saves more than it costs. Used by the engine's thread only. */
final class SlotMoves {
    private static final int MOVE_WORTH_TOKENS = 8;
    private static final int FORK_WORTH_TOKENS = 64;

    private final Decoder decoder;
    private final Scheduler scheduler;

    SlotMoves(Decoder decoder, Scheduler scheduler) {
        this.decoder = decoder;
        this.scheduler = scheduler;
    }

    /** Moves the last batch row into a free slot, so that decode runs have no rows without a sequence. */
    void compact() {
        if (!decoder.movable()) {
            return;
        }
        scheduler.freeSlot().ifPresent(free -> {
            int last = scheduler.rows() - 1;
            Slot source = scheduler.slot(last);
            if (source.sequence()
                    .filter(it -> it.remaining() > MOVE_WORTH_TOKENS)
                    .isPresent()) {
                decoder.move(last, free, source.resident());
                scheduler.moved(last, free);
            }
        });
    }

    /** Copies what another slot already holds of a slot's prompt, such as the picture that several questions are about. */
    void fork(int index) {
        Slot slot = scheduler.slot(index);
        Sequence sequence = slot.sequence().orElseThrow();
        if (!decoder.movable() || !sequence.fresh()) {
            return;
        }
        scheduler.mostOf(sequence.prompt()).ifPresent(source -> {
            int shared = scheduler.slot(source).reusable(sequence.prompt());
            if (shared - sequence.computed() >= FORK_WORTH_TOKENS) {
                decoder.move(source, index, shared);
                slot.takeFrom(scheduler.slot(source), shared);
                sequence.reuse(shared);
            }
        });
    }
}
