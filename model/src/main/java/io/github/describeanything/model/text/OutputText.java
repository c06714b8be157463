package io.github.describeanything.model.text;

import java.util.List;

/**
 * The visible text of one answer: whole characters, no surrounding white space, and nothing that is or may become a
 * stop string. The deltas join to the answer. Used by one thread.
 */
public final class OutputText {
    private final StreamingDetokenizer detokenizer;
    private final List<String> stops;
    /** Decoded but held back: it may be part of a stop string, or trailing white space. */
    private final StringBuilder pending = new StringBuilder();

    private boolean begun;
    private boolean stopped;
    private long decoded;
    private long passed;
    private long leadingSpace;
    private long end = Long.MAX_VALUE;
    private String lastDecoded = "";

    /** @param stops strings that end the answer and do not appear in it; empty ones are ignored */
    public OutputText(List<String> stops) {
        this(stops, new StreamingDetokenizer());
    }

    /** @param detokenizer of the model's tokenizer */
    public OutputText(List<String> stops, StreamingDetokenizer detokenizer) {
        this.detokenizer = detokenizer;
        this.stops = stops.stream().filter(it -> !it.isEmpty()).toList();
    }

    /** Adds a token's bytes and returns the text that is now visible. */
    public String append(byte[] bytes) {
        return stopped ? "" : release(detokenizer.append(bytes), false);
    }

    /** Ends the answer and returns its last text. */
    public String finish() {
        return stopped ? "" : release(detokenizer.finish(), true);
    }

    /** Whether a stop string appeared; then no text follows. */
    public boolean stopped() {
        return stopped;
    }

    /** Characters decoded so far. */
    public long decoded() {
        return decoded;
    }

    /** Decoded characters that were emitted, or dropped as leading white space. */
    public long passed() {
        return passed;
    }

    /** Characters of leading white space dropped so far. */
    public long leadingSpace() {
        return leadingSpace;
    }

    /** The characters that the last {@link #append} or {@link #finish} completed, visible or not. */
    public String lastDecoded() {
        return lastDecoded;
    }

    /** Whether the tokens so far end inside a character. */
    public boolean midCharacter() {
        return detokenizer.midCharacter();
    }

    /** The end of the answer in decoded characters: the start of the stop string, if one appeared. */
    public long end() {
        return end;
    }

    private String release(String text, boolean last) {
        lastDecoded = text;
        pending.append(text);
        decoded += text.length();
        if (!begun) {
            dropLeadingSpace();
        }
        int stop = stopAt();
        if (stop >= 0) {
            stopped = true;
            end = passed + stop;
            pending.setLength(stop);
        }
        int visible = last || stopped ? pending.length() : pending.length() - beginningOfStop();
        visible = withoutTrailingSpace(visible);
        String out = pending.substring(0, visible);
        pending.delete(0, visible);
        passed += visible;
        begun |= !out.isEmpty();
        return out;
    }

    private void dropLeadingSpace() {
        int space = 0;
        while (space < pending.length() && Whitespace.is(pending.charAt(space))) {
            space++;
        }
        leadingSpace += space;
        passed += space;
        pending.delete(0, space);
    }

    private int stopAt() {
        int first = -1;
        for (String stop : stops) {
            int at = pending.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /** Length of the longest suffix of the pending text that is a prefix of a stop string. */
    private int beginningOfStop() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, pending.length()); length > longest; length--) {
                if (pending.substring(pending.length() - length).equals(stop.substring(0, length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private int withoutTrailingSpace(int length) {
        int i = length;
        while (i > 0 && Whitespace.is(pending.charAt(i - 1))) {
            i--;
        }
        return i;
    }
}
