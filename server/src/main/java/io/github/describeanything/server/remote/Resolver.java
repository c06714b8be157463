package io.github.describeanything.server.remote;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Names into addresses. Implementations are thread-safe. */
@FunctionalInterface
public interface Resolver {
    /** All addresses of a host. */
    List<InetAddress> resolve(String host) throws UnknownHostException;

    /** As the system resolves them. */
    static Resolver ofSystem() {
        return host -> List.of(InetAddress.getAllByName(host));
    }
}
