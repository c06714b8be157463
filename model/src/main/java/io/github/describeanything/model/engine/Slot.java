package io.github.describeanything.model.engine;

import io.github.describeanything.model.decode.MultimodalPrompt;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * One slot of the KV cache: its sequence, and the tokens whose keys and values it holds. Used by the engine's thread
 * only.
 *
 * <p>The keys and values of a finished sequence stay until they are overwritten; a later prompt with the same prefix
 * reuses them.
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

    /** Prompt tokens that can be reused: never all of them, because the last one must be computed for its logits. */
    int reusable(MultimodalPrompt prompt) {
        boolean sameRegion = region.equals(prompt.key());
        int most = Math.min(resident, prompt.tokens() - 1);
        int i = 0;
        while (i < most && entries[i] == prompt.entries()[i] && (entries[i] >= 0 || sameRegion)) {
            i++;
        }
        return i;
    }

    /** Assigns a sequence and keeps the tokens that it can reuse. */
    void take(Sequence next) {
        MultimodalPrompt prompt = next.prompt();
        int reused = reusable(prompt);
        resident = reused;
        region = prompt.key();
        sequence = Optional.of(next);
        next.place(reused);
    }

    /** Records that tokens of the prompt were computed. */
    void wrote(int[] from, int start, int count) {
        System.arraycopy(from, start, entries, start, count);
        resident = start + count;
    }

    /** Records that a generated token was computed. */
    void wrote(int token, int position) {
        entries[position] = token;
        resident = position + 1;
    }

    /** Where a decode run may write for a row that does not take part: after its tokens, or over the last one. */
    int scratchPosition() {
        if (resident == entries.length) {
            resident--;
        }
        return resident;
    }

    /** Discards the tokens, whose keys and values are lost or invalid. */
    void clear() {
        resident = 0;
    }

    void release() {
        sequence = Optional.empty();
    }

    /** Takes the sequence and the tokens of another slot. */
    void moveFrom(Slot other) {
        System.arraycopy(other.entries, 0, entries, 0, other.resident);
        resident = other.resident;
        region = other.region;
        sequence = other.sequence;
        other.sequence = Optional.empty();
    }

    /** Takes the first tokens of another slot; the sequence stays. */
    void takeFrom(Slot other, int tokens) {
        System.arraycopy(other.entries, 0, entries, 0, tokens);
        resident = tokens;
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.copyOf(entries, resident));
    }
}
