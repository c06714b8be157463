package io.github.describeanything.model.engine;

import io.github.describeanything.model.decode.Splice;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * One row of the cache: who uses it, and which positions its keys and values are of. Of the engine's thread alone.
 *
 * <p>What a sequence leaves behind stays until it is overwritten, so that a later prompt that begins the same way need
 * not be computed from its start.
 */
final class Slot {
    private final int[] entries;
    private ByteBuffer region = ByteBuffer.allocate(0);
    private int resident;
    private Optional<Sequence> sequence = Optional.empty();

    Slot(int context) {
        entries = new int[context];
    }

    Optional<Sequence> sequence() {
        return sequence;
    }

    boolean free() {
        return sequence.isEmpty();
    }

    /** Positions whose keys and values are there. */
    int resident() {
        return resident;
    }

    /** How many positions of a prompt need not be computed; always fewer than all, since the last gives the logits. */
    int reusable(Splice prompt) {
        boolean sameRegion = region.equals(prompt.region());
        int most = Math.min(resident, prompt.positions() - 1);
        int i = 0;
        while (i < most && entries[i] == prompt.entries()[i] && (entries[i] >= 0 || sameRegion)) {
            i++;
        }
        return i;
    }

    /** Takes a sequence in, keeping the positions that it can reuse. */
    void take(Sequence newcomer) {
        Splice prompt = newcomer.splice();
        int reused = reusable(prompt);
        resident = reused;
        region = prompt.region();
        sequence = Optional.of(newcomer);
        newcomer.place(reused);
    }

    /** Notes positions of the prompt that were written. */
    void wrote(int[] from, int start, int count) {
        System.arraycopy(from, start, entries, start, count);
        resident = start + count;
    }

    /** Notes a generated token that was written. */
    void wrote(int token, int position) {
        entries[position] = token;
        resident = position + 1;
    }

    /** Where a decode run may write for a row that takes no part: after what is held, or over its end. */
    int scratchPosition() {
        if (resident == entries.length) {
            resident--;
        }
        return resident;
    }

    /** What was held is gone. */
    void forget() {
        resident = 0;
    }

    void release() {
        sequence = Optional.empty();
    }

    /** Becomes what another slot is. */
    void become(Slot other) {
        System.arraycopy(other.entries, 0, entries, 0, other.resident);
        resident = other.resident;
        region = other.region;
        sequence = other.sequence;
        other.sequence = Optional.empty();
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.copyOf(entries, resident));
    }
}
