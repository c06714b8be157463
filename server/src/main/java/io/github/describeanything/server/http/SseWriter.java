package io.github.describeanything.server.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * Writes server-sent events to the raw response, uncompressed and flushed one by one. Used by one thread. Throws
 * {@link IOException} if the client disconnected.
 */
public final class SseWriter {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;

    public SseWriter(HttpServletResponse response) throws IOException {
        response.setStatus(200);
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("utf-8");
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("X-Accel-Buffering", "no");
        this.out = response.getOutputStream();
    }

    public void event(Object body) throws IOException {
        write(Json.MAPPER.writeValueAsBytes(body));
    }

    /** An event with a name, as clients see it that listen for some events only. */
    public void event(String name, Object body) throws IOException {
        out.write(("event: " + name + "\n").getBytes(StandardCharsets.US_ASCII));
        event(body);
    }

    /** The last event of a stream. */
    public void done() throws IOException {
        write("[DONE]".getBytes(StandardCharsets.US_ASCII));
    }

    /** A comment, which clients ignore; keeps clients and proxies from timing out. */
    public void comment() throws IOException {
        comment("still working");
    }

    /** A comment with the place in the queue, if the answer is queued. */
    public void comment(OptionalInt queued) throws IOException {
        if (queued.isPresent()) {
            comment("queued " + queued.getAsInt());
        } else {
            comment();
        }
    }

    private void comment(String text) throws IOException {
        out.write((": " + text + "\n\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private void write(byte[] data) throws IOException {
        out.write(DATA);
        out.write(data);
        out.write(END);
        out.flush();
    }
}
