package io.muster.broker.net.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client says before the broker shows a certificate (RFC 8446, section 4.1.2; RFC 5246,
 * section 7.4.1.2). It decides only which certificate that is: what is wrong with it is for the TLS
 * library to refuse.
 *
 * @param serverName the host that it asks for (RFC 6066, section 3)
 * @param takesEc whether it can go on with a certificate of elliptic curves
 * @param takesRsa whether with one of RSA
 * @param asksForStatus whether it wants to be told that the certificate is not revoked (RFC 6066,
 *     section 8)
 */
record ClientHello(
        Optional<String> serverName, boolean takesEc, boolean takesRsa, boolean asksForStatus) {

    /** One of which nothing is known. */
    static final ClientHello UNKNOWN = new ClientHello(Optional.empty(), true, true, false);

    private static final int VERSION_AND_RANDOM_BYTES = 2 + 32;
    private static final int SERVER_NAME = 0;
    private static final int STATUS_REQUEST = 5;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int HOST_NAME = 0;

    /** AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305 of TLS 1.3, which name no kind of key. */
    private static final Set<Integer> OF_ANY_KEY = Set.of(0x1301, 0x1302, 0x1303);

    private static final Set<Integer> ECDHE_ECDSA = Set.of(0xC02B, 0xC02C, 0xCCA9);
    private static final Set<Integer> ECDHE_RSA = Set.of(0xC02F, 0xC030, 0xCCA8);

    /** ECDSA on P-256 and P-384. */
    private static final Set<Integer> ECDSA_SCHEMES = Set.of(0x0403, 0x0503);

    /** PKCS #1, and PSS with keys that are not bound to it, each with SHA-256, 384 and 512. */
    private static final Set<Integer> RSA_SCHEMES =
            Set.of(0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806);

    /** Whether it can go on with this certificate. */
    boolean takes(ServerCertificate certificate) {
        return certificate.isEc() ? takesEc : takesRsa;
    }

    /** Reads the message behind its header; null, or one that cannot be read, is unknown. */
    static ClientHello read(@Nullable ByteBuf message) {
        if (message == null) {
            return UNKNOWN;
        }
        try {
            return parse(message.duplicate());
        } catch (IndexOutOfBoundsException e) {
            return UNKNOWN;
        }
    }

    private static ClientHello parse(ByteBuf in) {
        in.skipBytes(VERSION_AND_RANDOM_BYTES);
        in.skipBytes(in.readUnsignedByte()); // session
        ByteBuf suites = in.readSlice(in.readUnsignedShort());
        in.skipBytes(in.readUnsignedByte()); // compression
        Optional<String> serverName = Optional.empty();
        ByteBuf schemes = null;
        boolean asksForStatus = false;
        ByteBuf extensions = in.isReadable() ? in.readSlice(in.readUnsignedShort()) : in;
        while (extensions.isReadable()) {
            int type = extensions.readUnsignedShort();
            ByteBuf body = extensions.readSlice(extensions.readUnsignedShort());
            if (type == SERVER_NAME) {
                serverName = serverName(body);
            } else if (type == STATUS_REQUEST) {
                asksForStatus = true;
            } else if (type == SIGNATURE_ALGORITHMS) {
                schemes = body.readSlice(body.readUnsignedShort());
            }
        }
        boolean anyKey = hasOneOf(OF_ANY_KEY, suites);
        return new ClientHello(
                serverName,
                (anyKey || hasOneOf(ECDHE_ECDSA, suites))
                        && (schemes == null || hasOneOf(ECDSA_SCHEMES, schemes)),
                (anyKey || hasOneOf(ECDHE_RSA, suites))
                        && (schemes == null || hasOneOf(RSA_SCHEMES, schemes)),
                asksForStatus);
    }

    private static Optional<String> serverName(ByteBuf body) {
        ByteBuf names = body.readSlice(body.readUnsignedShort());
        if (!names.isReadable() || names.readUnsignedByte() != HOST_NAME) {
            return Optional.empty();
        }
        int length = names.readUnsignedShort();
        return Optional.of(names.readCharSequence(length, StandardCharsets.US_ASCII).toString());
    }

    private static boolean hasOneOf(Set<Integer> wanted, ByteBuf numbers) {
        for (int at = numbers.readerIndex(); at + 1 < numbers.writerIndex(); at += 2) {
            if (wanted.contains(numbers.getUnsignedShort(at))) {
                return true;
            }
        }
        return false;
    }
}
