package io.muster.auth.guard;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What counts as one address: an address of IPv4, or the first 64 bits of one of IPv6, since a
 * single customer has all addresses that begin with them. Immutable.
 *
 * @param isVersion6 whether it is of IPv6
 * @param bits the address, or its first half
 */
record AddressBlock(boolean isVersion6, long bits) implements Comparable<AddressBlock> {

    /** Stands for clients of which no address is known; they count as one. */
    private static final AddressBlock UNKNOWN = new AddressBlock(false, 0);

    static AddressBlock of(InetSocketAddress remote) {
        @Nullable InetAddress address = remote.getAddress();
        if (address == null) {
            return UNKNOWN;
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address
                ? new AddressBlock(true, bytes.getLong())
                : new AddressBlock(false, Integer.toUnsignedLong(bytes.getInt()));
    }

    /** Keeps a table fast whose keys were chosen to collide. */
    @Override
    public int compareTo(AddressBlock other) {
        int versions = Boolean.compare(isVersion6, other.isVersion6);
        return versions != 0 ? versions : Long.compare(bits, other.bits);
    }

    /** As people write it: {@code 192.0.2.7}, {@code 2001:db8:0:1::/64}. */
    @Override
    public String toString() {
        return isVersion6
                ? "%x:%x:%x:%x::/64".formatted(group(3), group(2), group(1), group(0))
                : "%d.%d.%d.%d".formatted(octet(3), octet(2), octet(1), octet(0));
    }

    private long group(int position) {
        return bits >>> (position * Short.SIZE) & 0xFFFF;
    }

    private long octet(int position) {
        return bits >>> (position * Byte.SIZE) & 0xFF;
    }
}
