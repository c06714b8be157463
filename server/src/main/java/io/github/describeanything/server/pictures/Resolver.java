package io.github.describeanything.server.pictures;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Resolves host names. Implementations are thread-safe. */
@FunctionalInterface
public interface Resolver {
    /** All addresses of a host. */
    List<InetAddress> resolve(String host) throws UnknownHostException;

    /** The system's resolver. */
    static Resolver ofSystem() {
        return host -> List.of(InetAddress.getAllByName(host));
    }
}
