package io.github.describeanything.model.engine;

import io.github.describeanything.model.decode.MultimodalPrompt;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * One slot of the key-value cache: the sequence in it, and the tokens whose keys and values it holds. Used by the
 * engine's thread alone.
 *
 * <p>When a sequence leaves, its keys and values stay until they are overwritten: a later prompt that begins in the same
 * way reuses them.
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

    /** Tokens whose keys and values are in the slot. */
    int resident() {
        return resident;
    }

    /** Tokens of a prompt that need not be computed: always fewer than all, since the last one gives the logits. */
    int reusable(MultimodalPrompt prompt) {
        boolean sameRegion = region.equals(prompt.key());
        int most = Math.min(resident, prompt.tokens() - 1);
        int i = 0;
        while (i < most && entries[i] == prompt.entries()[i] && (entries[i] >= 0 || sameRegion)) {
            i++;
        }
        return i;
    }

    /** Takes a sequence in and keeps the tokens that it can reuse. */
    void take(Sequence newcomer) {
        MultimodalPrompt prompt = newcomer.prompt();
        int reused = reusable(prompt);
        resident = reused;
        region = prompt.key();
        sequence = Optional.of(newcomer);
        newcomer.place(reused);
    }

    /** Notes that tokens of the prompt were computed. */
    void wrote(int[] from, int start, int count) {
        System.arraycopy(from, start, entries, start, count);
        resident = start + count;
    }

    /** Notes that a generated token was computed. */
    void wrote(int token, int position) {
        entries[position] = token;
        resident = position + 1;
    }

    /** Where a decode run may write for a row that does not take part: behind its tokens, or over the last one. */
    int scratchPosition() {
        if (resident == entries.length) {
            resident--;
        }
        return resident;
    }

    /** The keys and values are lost or not to be relied on. */
    void forget() {
        resident = 0;
    }

    void release() {
        sequence = Optional.empty();
    }

    /** Takes over another slot's sequence and tokens. */
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
