package io.github.describeanything.model.text;

import io.github.describeanything.model.Whitespace;
import java.util.List;

/**
 * The text of one answer as its reader may see it: whole characters, no surrounding space, and nothing that is or may
 * become a stop string. Used by one thread. The deltas joined are the answer.
 */
public final class Answer {
    private final StreamingDetokenizer detokenizer = new StreamingDetokenizer();
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean begun;
    private boolean stopped;
    private long decoded;
    private long passed;
    private long leadingSpace;
    private long end = Long.MAX_VALUE;
    private String lastDecoded = "";

    /** @param stops strings that end the answer and do not appear in it */
    public Answer(List<String> stops) {
        this.stops = stops.stream().filter(it -> !it.isEmpty()).toList();
    }

    /** Adds a token's bytes and returns what the reader may see now. */
    public String append(byte[] bytes) {
        return stopped ? "" : release(detokenizer.append(bytes), false);
    }

    /** Ends the answer and returns its last text. */
    public String finish() {
        return stopped ? "" : release(detokenizer.finish(), true);
    }

    /** Whether a stop string came up; nothing follows then. */
    public boolean stopped() {
        return stopped;
    }

    /** Characters that the tokens have come to so far. */
    public long decoded() {
        return decoded;
    }

    /** How many of them the reader has seen or, as space at the beginning, never will. */
    public long passed() {
        return passed;
    }

    /** How many of them are space at the beginning, which the reader never sees. */
    public long leadingSpace() {
        return leadingSpace;
    }

    /** The characters that the last {@link #append} or {@link #finish} completed, shown or not. */
    public String lastDecoded() {
        return lastDecoded;
    }

    /** Whether the tokens so far end inside a character. */
    public boolean midCharacter() {
        return detokenizer.midCharacter();
    }

    /** Where among them the answer ends: at the stop string that came up, if one did. */
    public long end() {
        return end;
    }

    private String release(String text, boolean last) {
        lastDecoded = text;
        held.append(text);
        decoded += text.length();
        if (!begun) {
            int space = spaceBefore();
            held.delete(0, space);
            passed += space;
            leadingSpace += space;
        }
        int stop = stopAt();
        if (stop >= 0) {
            stopped = true;
            end = passed + stop;
            held.setLength(stop);
        }
        int visible = last || stopped ? held.length() : held.length() - beginningOfStop();
        visible = withoutTrailingSpace(visible);
        String out = held.substring(0, visible);
        held.delete(0, visible);
        passed += visible;
        begun |= !out.isEmpty();
        return out;
    }

    private int stopAt() {
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /** Length of the longest end of the held text that a stop string begins with. */
    private int beginningOfStop() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (held.substring(held.length() - length).equals(stop.substring(0, length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private int spaceBefore() {
        int i = 0;
        while (i < held.length() && Whitespace.is(held.charAt(i))) {
            i++;
        }
        return i;
    }

    private int withoutTrailingSpace(int end) {
        int i = end;
        while (i > 0 && Whitespace.is(held.charAt(i - 1))) {
            i--;
        }
        return i;
    }
}
