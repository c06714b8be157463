package io.github.describeanything.model.text;

/** White space as in Python's {@code str.strip}, which the published code uses. Stateless. */
public final class Whitespace {
    private Whitespace() {}

    /** Whether {@code c} is white space, which includes no-break spaces, unlike in Java. */
    public static boolean is(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    /** {@code text} without white space at either end. */
    public static String strip(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && is(text.charAt(start))) {
            start++;
        }
        while (end > start && is(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }
}
