package io.github.describeanything.server.pictures;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A loopback HTTP host that answers each path with the bytes of a test. Thread-safe. */
final class PictureHost implements AutoCloseable {

    /** Writes a raw response, including the status line. */
    interface Answer {
        void write(OutputStream out) throws IOException, InterruptedException;
    }

    final AtomicInteger connections = new AtomicInteger();
    final List<String> heads = new CopyOnWriteArrayList<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final ServerSocket socket;

    PictureHost() throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1")));
    }

    PictureHost(ServerSocket socket) {
        this.socket = socket;
        Thread.startVirtualThread(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    PictureHost at(String path, Answer answer) {
        answers.put(path, answer);
        return this;
    }

    PictureHost at(String path, byte[] picture) {
        return at(path, out -> {
            out.write(head("200 OK", "Content-Length: " + picture.length));
            out.write(picture);
        });
    }

    PictureHost redirect(String path, String location) {
        return at(path, out -> out.write(head("302 Found", "Location: " + location)));
    }

    static byte[] head(String status, String... headers) {
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return ("HTTP/1.1 " + status + "\r\n" + lines + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                connections.incrementAndGet();
                Thread.startVirtualThread(() -> answer(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answer(Socket connection) {
        try (connection) {
            var in = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
            var head = new StringBuilder();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                head.append(line).append('\n');
            }
            heads.add(head.toString());
            String path = head.toString().split(" ")[1];
            answers.getOrDefault(path, out -> out.write(head("404 Not Found"))).write(connection.getOutputStream());
        } catch (IOException e) {
            // The client closed the connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
