package io.github.describeanything.server.chat;

import io.github.describeanything.model.Whitespace;
import java.util.List;

/** What is asked about a picture, as clients write it. Stateless. */
final class Question {
    private static final String IMAGE = "<image>";

    private Question() {}

    /** The published server's cleaning, so that its clients' prompts mean the same here. */
    static String clean(String text) {
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

    /** Halves of surrogate pairs have no UTF-8 form: each becomes U+FFFD. */
    private static String wellFormed(String text) {
        if (!hasSurrogates(text)) {
            return text;
        }
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(it -> out.appendCodePoint(it >= 0xD800 && it <= 0xDFFF ? 0xFFFD : it));
        return out.toString();
    }

    /** By a loop, as questions may be as long as bodies: a stream of a million characters takes milliseconds. */
    private static boolean hasSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
