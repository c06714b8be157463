package io.github.describeanything.server.openai;

import io.github.describeanything.model.text.Whitespace;
import java.util.List;

/** Cleans questions as the published server does. Stateless. */
public final class Question {
    private static final String IMAGE = "<image>";

    private Question() {}

    /** Strips what the published server strips, so that prompts of its clients work here. */
    public static String clean(String text) {
        String question = Whitespace.strip(wellFormed(text));
        for (String mode : List.of("Image:", "Video:")) {
            if (question.startsWith(mode)) {
                question = Whitespace.strip(question.substring(mode.length()));
                break;
            }
        }
        int start = 0;
        while (question.startsWith(IMAGE, start)) {
            start += IMAGE.length();
            while (start < question.length() && Whitespace.is(question.charAt(start))) {
                start++;
            }
        }
        return question.substring(start);
    }

    /** Replaces unpaired surrogates, which have no UTF-8 form, by U+FFFD. */
    private static String wellFormed(String text) {
        if (!hasSurrogates(text)) {
            return text;
        }
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(it -> out.appendCodePoint(it >= 0xD800 && it <= 0xDFFF ? 0xFFFD : it));
        return out.toString();
    }

    /** A loop, because a stream over a million characters takes milliseconds. */
    private static boolean hasSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
