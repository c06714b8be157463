package io.github.describeanything.server.chat;

import io.github.describeanything.server.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events on the raw response, each flushed as it is written: never buffered, never compressed. Used by one
 * thread. A client that left shows as an {@link IOException}.
 */
final class SseWriter {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;

    SseWriter(HttpServletResponse response) throws IOException {
        response.setStatus(200);
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("utf-8");
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("X-Accel-Buffering", "no");
        this.out = response.getOutputStream();
    }

    void event(Object body) throws IOException {
        write(Json.MAPPER.writeValueAsBytes(body));
    }

    /** The last event of a stream. */
    void done() throws IOException {
        write("[DONE]".getBytes(StandardCharsets.US_ASCII));
    }

    /** A line that clients pass over, so that neither they nor proxies take silence for death. */
    void comment() throws IOException {
        out.write(": still working\n\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private void write(byte[] data) throws IOException {
        out.write(DATA);
        out.write(data);
        out.write(END);
        out.flush();
    }
}
