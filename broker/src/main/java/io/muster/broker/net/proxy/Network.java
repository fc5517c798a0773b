package io.muster.broker.net.proxy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A range of addresses, such as {@code 10.0.0.0/8}. Immutable.
 *
 * @param address any address of it
 * @param prefixLength how many of its first bits all addresses have in common
 */
public record Network(InetAddress address, int prefixLength) {

    private static final Pattern OCTAL = Pattern.compile("(^|\\.)0[0-9]+(\\.|$)");

    /** Checks that the address has as many bits. */
    public Network {
        int bits = address.getAddress().length * Byte.SIZE;
        if (prefixLength < 0 || prefixLength > bits) {
            throw new IllegalArgumentException(
                    "prefix length " + prefixLength + ": must be 0 to " + bits);
        }
    }

    /**
     * Reads an address with or without a prefix length. No name is looked up.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
        if (slash < 0) {
            return new Network(address, address.getAddress().length * Byte.SIZE);
        }
        String length = text.substring(slash + 1);
        if (!length.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("'" + length + "' is no prefix length");
        }
        return new Network(address, Integer.parseInt(length));
    }

    /**
     * Reads an address; no name is looked up. Without what different readers take for different
     * addresses: leading zeros, which some read as octal, and scopes.
     */
    static InetAddress address(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null || text.contains("%") || OCTAL.matcher(text).find()) {
            throw new IllegalArgumentException("'" + text + "' is no IP address");
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Whether an address is in it. One of the other family never is. */
    public boolean contains(InetAddress other) {
        byte[] own = address.getAddress();
        byte[] theirs = other.getAddress();
        if (own.length != theirs.length) {
            return false;
        }
        int whole = prefixLength / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (own[i] != theirs[i]) {
                return false;
            }
        }
        int rest = prefixLength % Byte.SIZE;
        return rest == 0 || ((own[whole] ^ theirs[whole]) & 0xFF) >> (Byte.SIZE - rest) == 0;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength;
    }
}
