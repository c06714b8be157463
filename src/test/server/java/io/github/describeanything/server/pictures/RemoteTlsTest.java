package io.github.describeanything.server.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.server.errors.ApiException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** With TLS the certificate must match the host name in the URL, although the connection goes to a checked address. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RemoteTlsTest {
    private static final char[] PASSWORD = "password".toCharArray();
    private static final byte[] PICTURE = {1, 2, 3};

    private SSLContext context;
    private PictureHost host;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        context = context(certificate(folder.resolve("store.p12"), "pictures.test"));
        var socket = context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        host = new PictureHost(socket).at("/a.png", PICTURE);
    }

    @AfterAll
    void stop() {
        host.close();
    }

    private RemotePictures trusting(SSLSocketFactory tls) {
        return new RemotePictures(
                List.of("pictures.test:" + host.port(), "other.test:" + host.port()),
                name -> List.of(InetAddress.getByName("127.0.0.1")),
                it -> true,
                tls,
                Duration.ofSeconds(10),
                100);
    }

    private String url(String name) {
        return "https://" + name + ":" + host.port() + "/a.png";
    }

    @Test
    void aMatchingCertificateIsAccepted() {
        assertThat(trusting(context.getSocketFactory()).fetch(url("pictures.test"), "x"))
                .isEqualTo(PICTURE);
    }

    @Test
    void aCertificateForAnotherNameIsRefused() {
        RemotePictures pictures = trusting(context.getSocketFactory());
        assertThatThrownBy(() -> pictures.fetch(url("other.test"), "x"))
                .isInstanceOfSatisfying(
                        ApiException.class, it -> assertThat(it.code()).hasValue("image_unavailable"));
    }

    @Test
    void anUntrustedCertificateIsRefused() {
        RemotePictures pictures = trusting((SSLSocketFactory) SSLSocketFactory.getDefault());
        assertThatThrownBy(() -> pictures.fetch(url("pictures.test"), "x")).isInstanceOf(ApiException.class);
    }

    @Test
    void aRedirectFromHttpsToHttpIsRefused() {
        host.redirect("/plain", "http://pictures.test:" + host.port() + "/a.png");
        RemotePictures pictures = trusting(context.getSocketFactory());
        assertThatThrownBy(() -> pictures.fetch(url("pictures.test").replace("/a.png", "/plain"), "x"))
                .isInstanceOfSatisfying(
                        ApiException.class, it -> assertThat(it.code()).hasValue("image_url_not_allowed"));
    }

    private static Path certificate(Path store, String name) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=test",
                        "-ext",
                        "SAN=dns:" + name,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        return store;
    }

    /** Presents and trusts only this certificate. */
    private static SSLContext context(Path store) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, PASSWORD);
        trusted.setCertificateEntry("test", keys.getCertificate(keys.aliases().nextElement()));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
