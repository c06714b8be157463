package io.github.describeanything.server.pictures;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The response of a remote server: a picture or a redirect. Immutable.
 *
 * @param location target of a redirect; empty if there is a body
 */
record HttpAnswer(Optional<String> location, byte[] body) {
    private static final int HEAD = 16 << 10;

    /** Reads an HTTP/1.1 response. @throws IOException if it is malformed, an error, or over {@code limit} bytes */
    static HttpAnswer read(InputStream stream, long limit) throws IOException {
        var in = new BufferedInputStream(stream);
        var budget = new int[] {HEAD};
        int status = status(line(in, budget));
        Map<String, String> headers = headers(in, budget);
        if (status >= 301 && status <= 308 && headers.containsKey("location")) {
            return new HttpAnswer(Optional.ofNullable(headers.get("location")), new byte[0]);
        }
        String encoding = headers.getOrDefault("content-encoding", "identity");
        if (status != 200 || !encoding.equalsIgnoreCase("identity")) {
            throw new IOException("status " + status);
        }
        var body = new ByteArrayOutputStream();
        if (headers.containsKey("transfer-encoding")) {
            chunks(in, headers.getOrDefault("transfer-encoding", ""), body, limit);
        } else if (headers.containsKey("content-length")) {
            copy(in, number(headers.getOrDefault("content-length", ""), 10), body, limit);
        } else {
            copy(in, Long.MAX_VALUE, body, limit);
        }
        return new HttpAnswer(Optional.empty(), body.toByteArray());
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
            throw new IOException("not HTTP");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static Map<String, String> headers(InputStream in, int[] budget) throws IOException {
        var headers = new HashMap<String, String>();
        for (String line = line(in, budget); !line.isEmpty(); line = line(in, budget)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return headers;
    }

    private static void chunks(InputStream in, String encoding, ByteArrayOutputStream body, long limit)
            throws IOException {
        if (!encoding.equalsIgnoreCase("chunked")) {
            throw new IOException("encoded");
        }
        while (true) {
            String head = line(in, new int[] {HEAD});
            int end = head.indexOf(';');
            long size = number(end < 0 ? head : head.substring(0, end), 16);
            if (size == 0) {
                return;
            }
            copy(in, size, body, limit);
            line(in, new int[] {2});
        }
    }

    /** Copies {@code count} bytes, or to the end if the length is unknown. */
    private static void copy(InputStream in, long count, ByteArrayOutputStream body, long limit) throws IOException {
        if (count != Long.MAX_VALUE && count > limit - body.size()) {
            throw new TooLargeException();
        }
        var buffer = new byte[1 << 14];
        long left = count;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                if (count == Long.MAX_VALUE) {
                    return;
                }
                throw new EOFException();
            }
            if (read > limit - body.size()) {
                throw new TooLargeException();
            }
            body.write(buffer, 0, read);
            left -= read;
        }
    }

    private static long number(String text, int radix) throws IOException {
        String digits = text.strip();
        if (!digits.matches("[0-9a-fA-F]{1,15}")) {
            throw new IOException("not a length");
        }
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException e) {
            throw new IOException("not a length", e);
        }
    }

    /** Reads a line without its end. {@code budget[0]} is the number of bytes left for the head. */
    private static String line(InputStream in, int[] budget) throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            if (--budget[0] < 0) {
                throw new IOException("head too long");
            }
            if (next == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(next);
        }
    }
}
