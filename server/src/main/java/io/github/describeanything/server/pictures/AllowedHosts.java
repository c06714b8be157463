package io.github.describeanything.server.pictures;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The hosts that pictures may be fetched from. Immutable.
 *
 * <p>An entry is {@code example.org}, {@code *.example.org} for all its subdomains, or {@code *} for all hosts. With
 * {@code :8080} it allows only that port, otherwise the standard ports of http and https.
 */
record AllowedHosts(List<String> entries) {
    private static final Pattern ENTRY = Pattern.compile("(\\*|(\\*\\.)?[a-z0-9_.-]*[a-z][a-z0-9-]*)(:\\d{1,5})?");

    /** @throws IllegalArgumentException if an entry is malformed */
    AllowedHosts {
        entries =
                entries.stream().map(it -> it.strip().toLowerCase(Locale.ROOT)).toList();
        for (String entry : entries) {
            if (!ENTRY.matcher(entry).matches()) {
                throw new IllegalArgumentException(
                        "Invalid host in --image-hosts: " + entry + "; write example.org or *.example.org");
            }
        }
    }

    boolean none() {
        return entries.isEmpty();
    }

    boolean allow(RemoteUrl url) {
        return entries.stream().anyMatch(it -> matches(it, url));
    }

    private static boolean matches(String entry, RemoteUrl url) {
        int colon = entry.indexOf(':');
        String host = colon < 0 ? entry : entry.substring(0, colon);
        boolean port =
                colon < 0 ? url.onStandardPort() : entry.substring(colon + 1).equals("" + url.port());
        return port
                && (host.equals("*")
                        || (host.startsWith("*.")
                                ? url.host().endsWith(host.substring(1))
                                : url.host().equals(host)));
    }
}
