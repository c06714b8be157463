package io.github.describeanything.server.chat;

import io.github.describeanything.server.errors.ApiException;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Pictures that stand in the request itself. Stateless.
 *
 * <p>Takes what clients really send: any case, parameters such as a charset, white space inside, a missing padding, the
 * URL-safe alphabet. The media type is not looked at; the picture's own first bytes decide.
 */
final class DataUrl {
    private static final int LONGEST_TYPE = 1000;
    private static final Pattern BASE64 = Pattern.compile(";\\s*base64\\s*$", Pattern.CASE_INSENSITIVE);

    private DataUrl() {}

    static boolean is(String url) {
        return url.regionMatches(true, 0, "data:", 0, 5);
    }

    /** The bytes. @throws ApiException if it is not base64, or empty */
    static byte[] decode(String url, String param) {
        int comma = url.indexOf(',');
        if (comma < 0
                || comma > LONGEST_TYPE
                || !BASE64.matcher(url.substring(0, comma)).find()) {
            throw bad(param, "The picture's data URL must look like data:image/png;base64,…");
        }
        byte[] text = alphabet(url, comma + 1);
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw bad(param, "The picture's data URL is not valid base64");
        }
        if (bytes.length == 0) {
            throw bad(param, "The picture's data URL is empty");
        }
        return bytes;
    }

    /** The payload in the standard alphabet, without white space and padding. */
    private static byte[] alphabet(String url, int start) {
        var out = new byte[url.length() - start];
        int length = 0;
        for (int i = start; i < url.length(); i++) {
            char c = url.charAt(i);
            switch (c) {
                case ' ', '\t', '\r', '\n' -> {}
                case '-' -> out[length++] = '+';
                case '_' -> out[length++] = '/';
                default -> out[length++] = (byte) (c < 128 ? c : '?');
            }
        }
        while (length > 0 && out[length - 1] == '=') {
            length--;
        }
        return java.util.Arrays.copyOf(out, length);
    }

    private static ApiException bad(String param, String message) {
        return ApiException.badRequest(param, "invalid_image_url", message);
    }
}
