package io.github.describeanything.server.pictures;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The URL of a remote picture, restricted to a form that all URL parsers read alike. Immutable.
 *
 * <p>The last label of the host begins with a letter, so the host is never an IP address in any notation: not
 * {@code 127.1}, {@code 2130706433}, {@code 0x7f.1} or {@code [::1]}.
 *
 * @param host in lower case
 * @param target path and query
 */
record RemoteUrl(boolean secure, String host, int port, String target) {
    private static final int LONGEST = 8192;
    private static final Pattern NAME =
            Pattern.compile("(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    /** Parses a URL; empty unless it consists of http or https, a host name, an optional port, a path and a query. */
    static Optional<RemoteUrl> parse(String url) {
        // java.net.URI fails on lone surrogates.
        if (url.length() > LONGEST || !StandardCharsets.UTF_8.newEncoder().canEncode(url)) {
            return Optional.empty();
        }
        try {
            return of(new URI(url));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** The target of a redirect. */
    Optional<RemoteUrl> resolve(String location) {
        try {
            return location.length() > LONGEST ? Optional.empty() : of(uri().resolve(new URI(location)));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Optional<RemoteUrl> of(URI uri) {
        String scheme = Optional.ofNullable(uri.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        String host = Optional.ofNullable(uri.getHost()).orElse("").toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("https");
        // With user information, parsers disagree on which part is the host.
        if (!(secure || scheme.equals("http"))
                || uri.getRawUserInfo() != null
                || !NAME.matcher(host).matches()
                || uri.getPort() == 0
                || uri.getPort() > 65535) {
            return Optional.empty();
        }
        var ascii = URI.create(uri.toASCIIString());
        String path = Optional.ofNullable(ascii.getRawPath())
                .filter(it -> !it.isEmpty())
                .orElse("/");
        String query =
                Optional.ofNullable(ascii.getRawQuery()).map(it -> "?" + it).orElse("");
        return Optional.of(
                new RemoteUrl(secure, host, uri.getPort() < 0 ? standardPort(secure) : uri.getPort(), path + query));
    }

    boolean onStandardPort() {
        return port == standardPort(secure);
    }

    /** Host, and port unless it is the standard one. */
    String authority() {
        return onStandardPort() ? host : host + ":" + port;
    }

    private static int standardPort(boolean secure) {
        return secure ? 443 : 80;
    }

    private URI uri() {
        return URI.create((secure ? "https://" : "http://") + authority() + target);
    }
}
