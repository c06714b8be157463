package io.github.describeanything.server.pictures;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/**
 * Decides whether an address is on the public Internet. Stateless.
 *
 * <p>Follows IANA's registries of special-purpose addresses: everything not "globally reachable" is refused, and so are
 * addresses that translate or tunnel to IPv4 and the one public address of a cloud's metadata service. Java converts
 * IPv4-mapped addresses to IPv4, so they are checked as such.
 */
final class PublicAddress {
    private static final List<Network> CLOSED = List.of(
            Network.of(8, 0), // this network
            Network.of(8, 10), // private
            Network.of(10, 100, 64), // carrier-grade NAT; some clouds' metadata
            Network.of(8, 127), // loopback
            Network.of(16, 169, 254), // link-local, metadata
            Network.of(12, 172, 16), // private
            Network.of(24, 192, 0, 0), // protocol assignments; some clouds' metadata
            Network.of(24, 192, 0, 2), // documentation
            Network.of(24, 192, 88, 99), // 6to4 relays
            Network.of(16, 192, 168), // private
            Network.of(15, 198, 18), // benchmarks
            Network.of(24, 198, 51, 100), // documentation
            Network.of(24, 203, 0, 113), // documentation
            Network.of(32, 168, 63, 129, 16), // Azure's metadata
            Network.of(3, 224)); // multicast, reserved, broadcast

    /** The only part of IPv6 that is assigned for public use. */
    private static final Network OPEN6 = Network.of(3, 0x20);

    private static final List<Network> CLOSED6 = List.of(
            Network.of(23, 0x20, 0x01), // protocol assignments, Teredo
            Network.of(32, 0x20, 0x01, 0x0d, 0xb8), // documentation
            Network.of(16, 0x20, 0x02), // 6to4
            Network.of(20, 0x3f, 0xff)); // documentation

    private PublicAddress() {}

    static boolean is(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address instanceof Inet6Address
                ? OPEN6.holds(bytes) && CLOSED6.stream().noneMatch(it -> it.holds(bytes))
                : CLOSED.stream().noneMatch(it -> it.holds(bytes));
    }

    /** Addresses with the same first bits. */
    private record Network(int bits, int[] prefix) {

        static Network of(int bits, int... prefix) {
            return new Network(bits, prefix);
        }

        boolean holds(byte[] address) {
            for (int bit = 0; bit < bits; bit++) {
                int expected = bit / 8 < prefix.length ? prefix[bit / 8] : 0;
                if (((address[bit / 8] ^ expected) >> (7 - bit % 8) & 1) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
