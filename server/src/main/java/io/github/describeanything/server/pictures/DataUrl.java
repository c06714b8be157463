package io.github.describeanything.server.pictures;

import io.github.describeanything.server.errors.ApiException;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Decodes pictures and videos in data URLs. Stateless.
 *
 * <p>Accepts what RFC 2397 allows and what clients really send: base64 or percent-encoded bytes, percent-encoded
 * base64, any case, parameters such as a charset, white space, missing padding, the URL-safe alphabet. The media type
 * is ignored; the first bytes decide.
 */
public final class DataUrl {
    private static final int MAX_TYPE_LENGTH = 1000;
    private static final Pattern BASE64 = Pattern.compile(";\\s*base64\\s*$", Pattern.CASE_INSENSITIVE);

    private DataUrl() {}

    public static boolean is(String url) {
        return url.regionMatches(true, 0, "data:", 0, 5);
    }

    /** Decodes the URL of a picture. @throws ApiException if it is malformed or empty */
    public static byte[] decode(String url, String param) {
        return decode(url, param, Media.PICTURE);
    }

    static byte[] decode(String url, String param, Media media) {
        int comma = url.indexOf(',');
        boolean typed = comma >= 0 && comma <= MAX_TYPE_LENGTH;
        boolean base64 = typed && BASE64.matcher(url.substring(0, comma)).find();
        boolean percent = url.indexOf('%', comma + 1) >= 0;
        // Without base64, a file always has some percent-encoded bytes.
        if (!typed || !base64 && !percent) {
            throw bad(param, media, "must look like " + media.dataUrl());
        }
        byte[] text = percent ? unescaped(url, comma + 1, param, media) : plain(url, comma + 1);
        byte[] bytes = text;
        if (base64) {
            try {
                bytes = Base64.getDecoder().decode(alphabet(text));
            } catch (IllegalArgumentException e) {
                throw bad(param, media, "is not valid base64");
            }
        }
        if (bytes.length == 0) {
            throw bad(param, media, "is empty");
        }
        return bytes;
    }

    private static byte[] plain(String url, int start) {
        var out = new byte[url.length() - start];
        for (int i = start; i < url.length(); i++) {
            out[i - start] = ascii(url.charAt(i));
        }
        return out;
    }

    /** Percent-decodes the URL from {@code start}. */
    private static byte[] unescaped(String url, int start, String param, Media media) {
        var out = new byte[url.length() - start];
        int length = 0;
        for (int i = start; i < url.length(); i++) {
            if (url.charAt(i) != '%') {
                out[length++] = ascii(url.charAt(i));
            } else if (i + 2 < url.length() && hex(url, i + 1) >= 0 && hex(url, i + 2) >= 0) {
                out[length++] = (byte) (hex(url, i + 1) << 4 | hex(url, i + 2));
                i += 2;
            } else {
                throw bad(param, media, "has a % that is not followed by two hexadecimal digits");
            }
        }
        return Arrays.copyOf(out, length);
    }

    private static int hex(String url, int at) {
        char c = url.charAt(at);
        return c < 128 ? Character.digit(c, 16) : -1;
    }

    private static byte ascii(char c) {
        return (byte) (c < 128 ? c : '?');
    }

    /** Converts base64 to the standard alphabet, without white space and padding. */
    private static byte[] alphabet(byte[] text) {
        var out = new byte[text.length];
        int length = 0;
        for (byte c : text) {
            switch (c) {
                case ' ', '\t', '\r', '\n' -> {}
                case '-' -> out[length++] = '+';
                case '_' -> out[length++] = '/';
                default -> out[length++] = c;
            }
        }
        while (length > 0 && out[length - 1] == '=') {
            length--;
        }
        return Arrays.copyOf(out, length);
    }

    private static ApiException bad(String param, Media media, String rule) {
        return ApiException.badRequest(param, "invalid_image_url", "The " + media.noun() + "'s data URL " + rule);
    }
}
