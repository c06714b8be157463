package io.github.describeanything.server.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteUrlTest {
    /** Known tricks to disguise a host. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1/a.png",
                "http://127.1/a.png",
                "http://2130706433/a.png",
                "http://0x7f000001/a.png",
                "http://0x7f.0.0.1/a.png",
                "http://0177.0.0.1/a.png",
                "http://[::1]/a.png",
                "http://[::ffff:127.0.0.1]/a.png",
                "http://[fe80::1%25eth0]/a.png",
                "http://169.254.169.254/latest",
                "http://good.example@127.0.0.1/",
                "http://user:secret@good.example/",
                "http://good.example\\@evil.example/",
                "http://good.example:80@evil.example/",
                "http://good.example:0/",
                "http://good.example:70000/",
                "http:/good.example/a.png",
                "http:good.example",
                "//good.example/a.png",
                "http:///a.png",
                "http://good.example /a.png",
                "http://good.example\t/a.png",
                "http://good.example/a\r\nX: y",
                "http://go\u2024od.example/",
                "http://\uFF47ood.example/",
                "http://%67ood.example/",
                "http://.example/",
                "http://good..example/",
                "http://good.example./",
                "file:///etc/passwd",
                "jar:http://good.example/a.jar!/b.png",
                "ftp://good.example/a.png",
                "gopher://good.example/",
                "a.png",
                ""
            })
    void isRefused(String url) {
        assertThat(RemoteUrl.parse(url)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://good.example, false, good.example, 80, /",
        "HTTPS://Good.Example/a%20b.png?x=1&y=%2F#part, true, good.example, 443, /a%20b.png?x=1&y=%2F",
        "https://good.example:8443/ü, true, good.example, 8443, /%C3%BC",
        "http://xn--bcher-kva.example/a, false, xn--bcher-kva.example, 80, /a",
    })
    void isAccepted(String url, boolean secure, String host, int port, String target) {
        assertThat(RemoteUrl.parse(url)).hasValue(new RemoteUrl(secure, host, port, target));
    }

    @ParameterizedTest
    @CsvSource({
        "b.png, http://good.example/a/b.png",
        "/b.png, http://good.example/b.png",
        "//other.example/b.png, http://other.example/b.png",
        "https://other.example, https://other.example/",
        "?page=2, http://good.example/a/?page=2",
    })
    void redirectsAreRelativeToTheirUrl(String location, String expected) {
        RemoteUrl here = RemoteUrl.parse("http://good.example/a/").orElseThrow();
        assertThat(here.resolve(location)).isEqualTo(RemoteUrl.parse(expected));
    }

    @Test
    void randomUrlsNeverNameAnAddress() {
        var random = new Random(7);
        String alphabet = "htps:/@.%#?[]\\127.0x&=\u0000\u00e9\ud800 a-_~+,;'\"";
        int understood = 0;
        for (int i = 0; i < 20_000; i++) {
            var url = new StringBuilder("http://user@good.example:80/a/b.png?x=1#y");
            for (int change = random.nextInt(1, 5); change > 0; change--) {
                int at = random.nextInt(url.length());
                char to = alphabet.charAt(random.nextInt(alphabet.length()));
                url.replace(at, at + random.nextInt(2), String.valueOf(to));
            }
            Optional<RemoteUrl> parsed = RemoteUrl.parse(url.toString());
            parsed.ifPresent(it -> {
                assertThat(it.host()).as(url.toString()).matches("[a-z0-9._-]*[a-z][a-z0-9-]*");
                assertThat(it.target()).as(url.toString()).matches("/[\\x21-\\x7e]*");
                assertThat(it.resolve(url.toString())).isPresent();
            });
            understood += parsed.isPresent() ? 1 : 0;
        }
        assertThat(understood).isGreaterThan(100);
    }

    @Test
    void entriesMatchTheirHostsAndPorts() {
        var hosts = new AllowedHosts(List.of("Good.example", "*.many.example", "odd.example:8080"));
        assertThat(List.of(
                        "http://good.example/",
                        "https://good.example/",
                        "https://a.many.example/",
                        "https://a.b.many.example/",
                        "http://odd.example:8080/"))
                .allMatch(it -> hosts.allow(RemoteUrl.parse(it).orElseThrow()));
        assertThat(List.of(
                        "http://good.example:8080/",
                        "http://sub.good.example/",
                        "http://notgood.example/",
                        "http://many.example/",
                        "http://notmany.example/",
                        "http://good.example.evil.example/",
                        "http://odd.example/"))
                .noneMatch(it -> hosts.allow(RemoteUrl.parse(it).orElseThrow()));
        assertThat(new AllowedHosts(List.of("*"))
                        .allow(RemoteUrl.parse("http://any.example/").orElseThrow()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://good.example", "good.example/path", "10.0.0.1", "*.", "a b", "*bad.example"})
    void invalidEntriesAreRefused(String entry) {
        assertThatThrownBy(() -> new AllowedHosts(List.of(entry))).isInstanceOf(IllegalArgumentException.class);
    }
}
