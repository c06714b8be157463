package io.github.describeanything.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A raw connection: the test writes the bytes. */
public final class Wire implements AutoCloseable {
    public final Socket socket;

    public Wire(TestServer server) throws IOException {
        this("127.0.0.1", server.http.port());
    }

    public Wire(String host, int port) throws IOException {
        socket = new Socket(host, port);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
    }

    /** A POST of this body with Content-Length. */
    public static byte[] post(String body, String... headers) {
        return post(body.getBytes(StandardCharsets.UTF_8), headers);
    }

    public static byte[] post(byte[] body, String... headers) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(
                ascii("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length + "\r\n"));
        for (String header : headers) {
            out.writeBytes(ascii(header + "\r\n"));
        }
        out.writeBytes(ascii("\r\n"));
        out.writeBytes(body);
        return out.toByteArray();
    }

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    public Wire send(String text) throws IOException {
        return send(ascii(text));
    }

    public Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Reads until the server closes or resets the connection. */
    public String readAll() {
        var out = new ByteArrayOutputStream();
        var buffer = new byte[8192];
        try {
            int read;
            while ((read = socket.getInputStream().read(buffer)) >= 0) {
                out.write(buffer, 0, read);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("still open after: " + out.toString(StandardCharsets.ISO_8859_1), e);
        } catch (IOException e) {
            // reset
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Reads until the data ends with {@code end}. */
    public String readUntil(String end) throws IOException {
        var out = new StringBuilder();
        int next;
        while (out.indexOf(end) < 0 && (next = socket.getInputStream().read()) >= 0) {
            out.append((char) next);
        }
        return out.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
