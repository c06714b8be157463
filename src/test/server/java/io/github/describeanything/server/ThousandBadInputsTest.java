package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fuzzing with 1,200 fixed mutations of requests, pictures and HTTP: no response is a 5xx, nothing hangs, memory does
 * not grow, and the next valid request gets the same bytes.
 */
class ThousandBadInputsTest {
    private static final int EACH = 400;
    private static final int AT_ONCE = 8;
    private static final int HANGS_MILLIS = 20_000;
    private static final List<String> PICTURES = List.of(
            "png-rgba-8.png",
            "png-palette-4-trns.png",
            "jpeg-444.jpg",
            "webp-lossless-alpha.webp",
            "webp-lossy.webp",
            "tiff-rgba-tiff_lzw.tiff",
            "tiff-palette.tiff");

    @TempDir
    Path folder;

    @Test
    void mutatedInputsNeverBreakTheServer() throws Exception {
        // Commit the whole heap at the start, so that growth is a leak.
        var java = List.of(
                "-Xms192m", "-Xmx192m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:ReservedCodeCacheSize=48m");
        String bundle = TestServer.bundle("golden-joint-fp32").toString();
        try (var server = ServerProcess.start(
                folder.resolve("log"), java, "--model", bundle, "--port", "0", "--slots", "4", "--idle-timeout", "3")) {
            int port = server.port();
            for (int i = 0; i < 30; i++) {
                exchange(port, request(i));
            }
            String good = answer(port);
            run(port, this::request, 20);
            long before = server.resident();

            List<Bad> all = new ArrayList<>(run(port, this::request, EACH));
            all.addAll(run(port, this::picture, EACH));
            all.addAll(run(port, this::http, EACH));

            assertThat(all).hasSize(3 * EACH);
            assertThat(all.stream().filter(it -> it.status >= 500 || it.status == -1))
                    .as("5xx or hung, of %s", counts(all))
                    .isEmpty();
            assertThat(all.stream().filter(it -> it.status >= 400))
                    .as("%s", counts(all))
                    .hasSizeGreaterThan(EACH);
            assertThat(server.log()).doesNotContain("Unexpected failure", "Uncaught", "/home", "\tat ");
            assertThat(answer(port)).isEqualTo(good);
            assertThat(server.resident() - before).as("growth").isLessThan(100L << 20);
        }
    }

    /** An input and its outcome: a status, 0 if the connection was closed without one, -1 if nothing came. */
    private record Bad(String seed, int status) {}

    private static java.util.Map<Integer, Long> counts(List<Bad> all) {
        var counts = new TreeMap<Integer, Long>();
        all.forEach(it -> counts.merge(it.status, 1L, Long::sum));
        return counts;
    }

    private List<Bad> run(int port, LongFunction<byte[]> inputs, int count) throws InterruptedException {
        var results = new ConcurrentLinkedQueue<Bad>();
        var turn = new Semaphore(AT_ONCE);
        var threads = new ArrayList<Thread>();
        for (int seed = 0; seed < count; seed++) {
            String name = "seed " + seed;
            byte[] input = inputs.apply(seed);
            turn.acquire();
            threads.add(Thread.startVirtualThread(() -> {
                results.add(new Bad(name, exchange(port, input)));
                turn.release();
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(results);
    }

    private byte[] request(long seed) {
        String good = good(file("png-rgba-8.png"));
        var mutations = new Mutations(seed);
        byte[] bad = seed % 2 == 0
                ? mutations.bytes(good.getBytes(StandardCharsets.UTF_8))
                : Json.MAPPER.writeValueAsBytes(mutations.json(Json.MAPPER.readTree(good)));
        return Wire.post(bad, "Connection: close");
    }

    private byte[] picture(long seed) {
        byte[] file = file(PICTURES.get((int) (seed % PICTURES.size())));
        return Wire.post(good(new Mutations(seed).bytes(file)), "Connection: close");
    }

    private byte[] http(long seed) {
        byte[] whole = Wire.post(good(file("png-rgba-8.png")), "Connection: close", "Content-Type: application/json");
        int head = new String(whole, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
        byte[] bad = new Mutations(seed).bytes(java.util.Arrays.copyOf(whole, head));
        var out = new ByteArrayOutputStream();
        out.writeBytes(bad);
        out.write(whole, head, whole.length - head);
        return out.toByteArray();
    }

    private static String good(byte[] picture) {
        return TestServer.request(Pictures.url(picture), "What is it?", ", \"stream\": false")
                .replace("\"max_tokens\": 16", "\"max_tokens\": 3");
    }

    private static byte[] file(String name) {
        try {
            return Files.readAllBytes(TestServer.root()
                    .resolve("src/test/focal/resources/pictures")
                    .resolve(name));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String answer(int port) throws IOException {
        String whole = talk(port, Wire.post(good(file("png-rgba-8.png")), "Connection: close"));
        assertThat(whole).startsWith("HTTP/1.1 200");
        return whole.substring(whole.indexOf("\"choices\""));
    }

    private static int exchange(int port, byte[] bytes) {
        try {
            String answer = talk(port, bytes);
            return Optional.of(answer)
                    .filter(it -> it.matches("(?s)HTTP/1\\.[01] \\d{3}.*"))
                    .map(it -> Integer.parseInt(it.substring(9, 12)))
                    .orElse(0);
        } catch (java.net.SocketTimeoutException e) {
            return -1;
        } catch (IOException e) {
            return 0;
        }
    }

    private static String talk(int port, byte[] bytes) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), HANGS_MILLIS);
            socket.setSoTimeout(HANGS_MILLIS);
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                // Refused before everything was sent; the response may still be readable.
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
