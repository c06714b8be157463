package io.github.describeanything.server.pictures;

import static io.github.describeanything.server.pictures.PictureHost.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.HttpServer;
import io.github.describeanything.server.ServerConfig;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.With;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Remote pictures over real HTTP. In this test 127.0.0.1 counts as public; 127.0.0.2 and all other addresses are
 * checked as usual.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RemotePicturesTest {
    private static final String PARAM = "messages[0].content[0].image_url";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LITTLE_PATIENCE = Duration.ofSeconds(1);
    private static final int BYTES = 1 << 20;

    private final AtomicInteger lookUps = new AtomicInteger();
    private volatile Resolver resolver;
    private TestServer plain;
    private HttpServer server;
    private HttpServer hasty;
    private HttpServer strict;
    private PictureHost host;
    private String expected;

    @BeforeAll
    void start() throws IOException {
        plain = TestServer.startPaced("golden-joint-fp32", 1, 0, it -> it);
        expected = TestServer.text(plain.post(about(TestServer.dataUrl("blob.png"))));
        assertThat(expected).isNotEmpty();
        host = new PictureHost().at("/blob.png", TestServer.golden("blob.png"));
        server = HttpServer.start(
                With.remote(pictures(List.of("pictures.test:" + host.port(), "other.test:" + host.port()), PATIENCE))
                        .apply(ServerConfig.builder())
                        .build(),
                plain.model);
        hasty = HttpServer.start(
                With.remote(pictures(List.of("pictures.test:" + host.port()), LITTLE_PATIENCE))
                        .apply(ServerConfig.builder())
                        .build(),
                plain.model);
        var byTheRealRule = RemotePictures.from(List.of("localhost:" + host.port(), "*"), PATIENCE, BYTES);
        strict = HttpServer.start(
                With.remote(byTheRealRule).apply(ServerConfig.builder()).build(), plain.model);
    }

    @AfterAll
    void stop() {
        host.close();
        strict.close();
        hasty.close();
        server.close();
        plain.close();
    }

    @BeforeEach
    void resolveToLoopback() throws UnknownHostException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        resolver = name -> List.of(loopback);
        lookUps.set(0);
        host.connections.set(0);
        host.heads.clear();
    }

    @AfterEach
    void theNextValidRequestGetsTheSameAnswer() {
        assertThat(TestServer.text(plain.post(about(TestServer.dataUrl("blob.png")))))
                .isEqualTo(expected);
    }

    private RemotePictures pictures(List<String> hosts, Duration patience) {
        return new RemotePictures(
                hosts,
                name -> {
                    lookUps.incrementAndGet();
                    return resolver.resolve(name);
                },
                it -> it.getHostAddress().equals("127.0.0.1") || PublicAddress.is(it),
                (SSLSocketFactory) SSLSocketFactory.getDefault(),
                patience,
                BYTES);
    }

    private static String about(String url) {
        return TestServer.request(url, "", "");
    }

    private String at(String path) {
        return "http://pictures.test:" + host.port() + path;
    }

    private HttpResponse<String> ask(String url) {
        return ask(server, url);
    }

    private HttpResponse<String> ask(HttpServer asked, String url) {
        return plain.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + asked.port() + "/v1/chat/completions"))
                        .POST(HttpRequest.BodyPublishers.ofString(about(url))));
    }

    private static void refused(HttpResponse<String> response, String code) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("code").asString()).isEqualTo(code);
        assertThat(error.path("param").asString()).isEqualTo(PARAM);
        assertThat(error.path("message").asString()).doesNotContain("Exception", "127.0.0", ".test");
    }

    @Test
    void fetchingIsOffByDefault() {
        refused(plain.post(about(at("/blob.png"))), "remote_images_disabled");
        assertThat(host.connections).hasValue(0);
    }

    @Test
    void aFetchedPictureGetsTheSameAnswerAsADataUrl() {
        HttpResponse<String> response = ask(at("/blob.png"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(TestServer.text(response)).isEqualTo(expected);
        assertThat(host.heads.getFirst())
                .contains("GET /blob.png HTTP/1.1", "Host: pictures.test:" + host.port())
                .doesNotContainIgnoringCase("authorization", "cookie");
    }

    @Test
    void chunkedAndUnboundedBodiesAreRead() {
        byte[] picture = TestServer.golden("blob.png");
        host.at("/chunked", out -> {
            out.write(head("200 OK", "Transfer-Encoding: chunked"));
            for (int i = 0; i < picture.length; i += 100) {
                int length = Math.min(100, picture.length - i);
                out.write((Integer.toHexString(length) + ";x=y\r\n").getBytes(StandardCharsets.US_ASCII));
                out.write(picture, i, length);
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        });
        host.at("/end", out -> {
            out.write(head("200 OK"));
            out.write(picture);
        });
        assertThat(TestServer.text(ask(at("/chunked")))).isEqualTo(expected);
        assertThat(TestServer.text(ask(at("/end")))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:PORT/blob.png",
                "http://127.1:PORT/blob.png",
                "http://2130706433:PORT/blob.png",
                "http://0x7f000001:PORT/blob.png",
                "http://0177.0.0.1:PORT/blob.png",
                "http://[::1]:PORT/blob.png",
                "http://[::ffff:127.0.0.1]:PORT/blob.png",
                "http://localhost:PORT/blob.png",
                "http://169.254.169.254/latest/meta-data",
                "http://pictures.test:PORT@127.0.0.1:PORT/blob.png",
                "http://user@pictures.test:PORT/blob.png",
                "http://pictures.test/blob.png",
                "http://sub.pictures.test:PORT/blob.png",
                "https://evil.test:PORT/blob.png",
                "http://pictures.test:PORT/\\ud800.png",
                "file:///etc/passwd",
                "jar:http://pictures.test:PORT/a.jar!/blob.png",
                "ftp://pictures.test:PORT/blob.png"
            })
    void hostsThatAreNotAllowedAreNotResolved(String url) {
        refused(ask(url.replace("PORT", "" + host.port())), "image_url_not_allowed");
        assertThat(lookUps).hasValue(0);
        assertThat(host.connections).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.2", "10.0.0.1", "169.254.169.254", "192.168.0.1", "::1", "::ffff:127.0.0.2", "fd00::1"})
    void allowedHostsAtPrivateAddressesAreNotConnectedTo(String address) throws UnknownHostException {
        InetAddress inside = InetAddress.getByName(address);
        resolver = name -> List.of(inside);
        refused(ask(at("/blob.png")), "image_url_not_allowed");
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        resolver = name -> List.of(loopback, inside);
        refused(ask(at("/blob.png")), "image_url_not_allowed");
        assertThat(host.connections).hasValue(0);
    }

    @Test
    void loopbackIsRefusedWhateverTheList() {
        refused(ask(strict, "http://localhost:" + host.port() + "/blob.png"), "image_url_not_allowed");
        refused(ask(strict, "http://localhost/blob.png"), "image_url_not_allowed");
        assertThat(host.connections).hasValue(0);
    }

    @Test
    void redirectsAreLimitedAndChecked() throws UnknownHostException {
        host.redirect("/once", "/blob.png").redirect("/elsewhere", "http://other.test:" + host.port() + "/blob.png");
        assertThat(TestServer.text(ask(at("/once")))).isEqualTo(expected);
        assertThat(TestServer.text(ask(at("/elsewhere")))).isEqualTo(expected);

        host.redirect("/loop", "/loop");
        host.connections.set(0);
        refused(ask(at("/loop")), "image_unavailable");
        assertThat(host.connections).hasValue(4);

        for (String location : List.of(
                "http://127.0.0.1:" + host.port() + "/blob.png",
                "http://169.254.169.254/",
                "http://evil.test:" + host.port() + "/blob.png",
                "http://x@pictures.test:" + host.port() + "/blob.png",
                "file:///etc/passwd",
                "gopher://pictures.test/")) {
            host.redirect("/away", location).connections.set(0);
            refused(ask(at("/away")), "image_url_not_allowed");
            assertThat(host.connections).as(location).hasValue(1);
        }
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        InetAddress inside = InetAddress.getByName("127.0.0.2");
        resolver = name -> List.of(name.equals("other.test") ? inside : loopback);
        refused(ask(at("/elsewhere")), "image_url_not_allowed");
    }

    @Test
    void dnsRebindingIsPrevented() throws UnknownHostException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        InetAddress inside = InetAddress.getByName("127.0.0.2");
        resolver = name -> List.of(lookUps.get() == 1 ? loopback : inside);
        assertThat(TestServer.text(ask(at("/blob.png")))).isEqualTo(expected);
        assertThat(lookUps).hasValue(1);

        lookUps.set(0);
        host.redirect("/flip", at("/blob.png"));
        refused(ask(at("/flip")), "image_url_not_allowed");
    }

    @Test
    void tooLargeAndEndlessBodiesAreCutOff() {
        byte[] some = new byte[1 << 16];
        host.at("/declared", out -> out.write(head("200 OK", "Content-Length: " + (BYTES + 1))));
        host.at("/endless", out -> {
            out.write(head("200 OK"));
            while (true) {
                out.write(some);
            }
        });
        host.at("/chunks", out -> {
            out.write(head("200 OK", "Transfer-Encoding: chunked"));
            while (true) {
                out.write("10000\r\n".getBytes(StandardCharsets.US_ASCII));
                out.write(some);
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        });
        for (String path : List.of("/declared", "/endless", "/chunks")) {
            refused(ask(at(path)), "image_too_large");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nX: y", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"})
    void slowHostsAreCutOffAtTheTimeout(String begun) {
        host.at("/slow", out -> {
            out.write(begun.getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write('x');
                Thread.sleep(20);
            }
        });
        long start = System.nanoTime();
        refused(ask(hasty, at("/slow")), "image_unavailable");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(LITTLE_PATIENCE, PATIENCE);
    }

    @Test
    void aHangingNameServerIsCutOffAtTheTimeout() {
        resolver = name -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return List.of();
        };
        long start = System.nanoTime();
        refused(ask(hasty, at("/blob.png")), "image_unavailable");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 404 Not Found\r\n\r\n",
                "HTTP/1.1 500 Broken\r\n\r\n",
                "HTTP/1.1 302 Found\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "SSH-2.0-OpenSSH_9\r\n",
                ""
            })
    void allFailedFetchesGiveTheSameError(String answer) {
        host.at("/broken", out -> out.write(answer.getBytes(StandardCharsets.US_ASCII)));
        refused(ask(at("/broken")), "image_unavailable");
    }

    @Test
    void anEndlessHeadIsCutOff() {
        host.at("/head", out -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write("X: y\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        });
        long start = System.nanoTime();
        refused(ask(at("/head")), "image_unavailable");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
    }

    @Test
    void fetchedPicturesAreCheckedLikeOthers() {
        host.at("/page.png", "<html></html>".getBytes(StandardCharsets.US_ASCII));
        HttpResponse<String> response = ask(at("/page.png"));
        assertThat(TestServer.json(response).at("/error/code").asString()).isEqualTo("invalid_image");
    }

    @Test
    void nothingIsFetchedWithoutAPermit() throws InterruptedException {
        String endless = about(TestServer.dataUrl("blob.png"))
                .replace("\"max_tokens\": 16", "\"max_tokens\": 2000, \"ignore_eos\": true");
        CompletableFuture<HttpResponse<String>> running;
        try (var _ = plain.slowly()) {
            running = CompletableFuture.supplyAsync(() -> plain.post(endless));
            while (plain.model.stats().admitted() == 0) {
                Thread.sleep(1);
            }
            assertThat(ask(at("/blob.png")).statusCode()).isEqualTo(429);
        }
        assertThat(lookUps).hasValue(0);
        assertThat(host.connections).hasValue(0);
        assertThat(running.join().statusCode()).isEqualTo(200);
    }

    @Test
    void aFailedFetchReleasesThePermit() {
        for (int i = 0; i < 3; i++) {
            refused(ask(at("/nothing")), "image_unavailable");
        }
        assertThat(plain.model.stats().admitted()).isZero();
    }
}
