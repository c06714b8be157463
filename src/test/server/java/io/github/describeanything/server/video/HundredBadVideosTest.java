package io.github.describeanything.server.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.ServerProcess;
import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A hundred fixed bad and odd videos: each is answered or refused by name, and leaves no process, no file and no memory
 * behind; the next good request gets the same answer.
 */
class HundredBadVideosTest {
    private static final int COUNT = 100;
    private static final String PARAM = "messages[0].content[0].video_url";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Map<String, byte[]> made = new HashMap<>();

    @TempDir
    Path folder;

    @Test
    void noneBreaksTheServer() throws IOException {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        // The whole heap is committed at the start, so that growth is a leak.
        var java = List.of(
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:ReservedCodeCacheSize=48m",
                "-Djava.io.tmpdir=" + temporary);
        String bundle = TestServer.bundle("golden-joint-fp32").toString();
        try (var server = ServerProcess.start(
                folder.resolve("log"), java, "--model", bundle, "--port", "0", "--video-timeout", "5")) {
            int port = server.port();
            String good = answer(port);
            // Warms up what only some of them need.
            for (int seed = COUNT; seed < COUNT + 20; seed++) {
                post(port, video(seed));
            }
            long resident = server.resident();
            long open = server.openFiles();

            int refused = 0;
            for (int seed = 0; seed < COUNT; seed++) {
                HttpResponse<String> response = post(port, video(seed));
                assertThat(response.statusCode())
                        .as("seed %d: %s", seed, response.body())
                        .isIn(200, 400);
                if (response.statusCode() == 400) {
                    JsonNode error = TestServer.json(response).path("error");
                    assertThat(error.path("param").asString()).isEqualTo(PARAM);
                    assertThat(error.path("code").asString()).isIn("invalid_video", "video_too_large");
                    refused++;
                }
                assertThat(server.children()).as("seed %d", seed).isZero();
                assertThat(videoFiles(temporary)).as("seed %d", seed).isZero();
            }

            // A fast machine decodes some that a slow one refuses.
            assertThat(refused).isBetween(COUNT / 5, COUNT - 10);
            assertThat(answer(port)).isEqualTo(good);
            assertThat(server.resident() - resident).as("growth").isLessThan(60L << 20);
            assertThat(server.openFiles()).as("open files and connections").isLessThanOrEqualTo(open + 2);
            assertThat(server.log()).doesNotContain("Unexpected failure", "Uncaught", "\tat ");
        }
    }

    private static long videoFiles(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(it -> it.getFileName().toString().startsWith("describe-anything-video"))
                    .count();
        }
    }

    private String answer(int port) {
        HttpResponse<String> response = post(port, gray());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.text(response);
    }

    private static HttpResponse<String> post(int port, byte[] video) {
        String body = """
                {"model": "golden", "temperature": 0, "max_tokens": 4, "regions": [{"whole": true}], "messages": [
                  {"role": "user", "content": [{"type": "video_url", "video_url": {"url": "%s"}}]}]}""".formatted(TestVideos.url(video));
        try {
            return CLIENT.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] once(String name, Supplier<byte[]> make) {
        return made.computeIfAbsent(name, it -> make.get());
    }

    private byte[] gray() {
        return once("gray", () -> TestVideos.gray("64x48", "10", 40));
    }

    private byte[] webm() {
        return once(
                "webm",
                () -> TestVideos.made("webm", "testsrc=size=66x50:rate=8", "-frames:v", "30", "-c:v", "libvpx-vp9"));
    }

    private byte[] h264() {
        return once(
                "h264",
                () -> TestVideos.made("mov", "testsrc2=size=96x64:rate=8", "-frames:v", "30", "-c:v", "libopenh264"));
    }

    private byte[] gif() {
        return once("gif", () -> TestVideos.made("gif", "testsrc=size=33x17:rate=5", "-frames:v", "9", "-loop", "0"));
    }

    /** The video of a seed. */
    private byte[] video(int seed) {
        var random = new Random(seed);
        byte[] whole = List.of(gray(), webm(), h264(), gif()).get(random.nextInt(4));
        return switch (seed % 20) {
            case 0, 1, 2 -> Arrays.copyOf(whole, random.nextInt(whole.length));
            case 3, 4, 5 -> flipped(whole, random, 1 + random.nextInt(50));
            case 6 -> noise(random);
            case 7 -> playlist(random);
            case 8 -> disguised(playlist(random), random);
            case 9 -> once("sound", () -> TestVideos.made("mp4", "sine=duration=1", "-c:a", "aac"));
            case 10 ->
                once(
                        "bomb",
                        () -> TestVideos.made(
                                "matroska", "color=size=8192x2048:rate=4", "-frames:v", "1", "-c:v", "mjpeg"));
            case 11 -> bomb(h264(), random);
            case 12 ->
                once(
                        "long",
                        () -> TestVideos.changed(
                                gray(), "matroska", "-stream_loop", "2499", "-i", "fd:", "-c", "copy"));
            case 13 -> once("one", () -> TestVideos.gray("31x77", "25", 1));
            case 14 ->
                once(
                        "turned",
                        () -> TestVideos.changed(gray(), "mp4", "-display_rotation", "270", "-i", "fd:", "-c", "copy"));
            case 15 ->
                once(
                        "variable",
                        () -> TestVideos.changed(
                                gray(),
                                "matroska",
                                "-i",
                                "fd:",
                                "-vf",
                                "setpts='N*N/TB'",
                                "-fps_mode",
                                "passthrough",
                                "-c:v",
                                "mjpeg"));
            case 16 ->
                TestVideos.made(
                        "matroska",
                        "testsrc=size=%dx%d:rate=4,setsar=%d/7"
                                .formatted(1 + random.nextInt(99), 1 + random.nextInt(99), 1 + random.nextInt(99)),
                        "-frames:v",
                        "3",
                        "-c:v",
                        "mjpeg");
            case 17 -> shuffled(whole, random);
            case 18 -> joined(whole, gif());
            default ->
                once(
                        "refused codec",
                        () -> TestVideos.made(
                                "matroska", "testsrc=size=64x48:rate=4", "-frames:v", "4", "-c:v", "ffv1"));
        };
    }

    private static byte[] flipped(byte[] whole, Random random, int count) {
        byte[] bad = whole.clone();
        for (int i = 0; i < count; i++) {
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bad;
    }

    private static byte[] noise(Random random) {
        var bytes = new byte[1 + random.nextInt(5000)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Lists that name other files. */
    private static byte[] playlist(Random random) {
        String text = List.of(
                        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
                        "ffconcat version 1.0\nfile '/etc/passwd'\n",
                        "<?xml version=\"1.0\"?><MPD><BaseURL>http://127.0.0.1:1/</BaseURL></MPD>",
                        "[playlist]\nFile1=/etc/passwd\n")
                .get(random.nextInt(4));
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Behind the first bytes of a format that is read. */
    private static byte[] disguised(byte[] text, Random random) {
        byte[] head = List.of(
                        "\0\0\0\20ftypisom\0\0\2\0".getBytes(StandardCharsets.ISO_8859_1),
                        "GIF89a".getBytes(StandardCharsets.ISO_8859_1),
                        new byte[] {0x1A, 0x45, (byte) 0xDF, (byte) 0xA3})
                .get(random.nextInt(3));
        return joined(head, text);
    }

    /** Large sizes where a header has small ones. */
    private static byte[] bomb(byte[] whole, Random random) {
        byte[] bad = whole.clone();
        for (int i = 0; i + 4 < bad.length; i++) {
            if (ByteBuffer.wrap(bad, i, 4).getInt() == (96 << 16 | 64)) {
                ByteBuffer.wrap(bad, i, 4).putInt(random.nextInt());
            }
        }
        return bad;
    }

    private static byte[] shuffled(byte[] whole, Random random) {
        byte[] bad = whole.clone();
        int size = bad.length / 8;
        int from = random.nextInt(7) * size;
        int to = random.nextInt(7) * size;
        System.arraycopy(whole, from, bad, to, size);
        System.arraycopy(whole, to, bad, from, size);
        return bad;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
