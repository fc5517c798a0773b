package io.muster.hub.tls;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;

/**
 * The forms in which private keys stand in PEM: PKCS #8 (RFC 5958), and what OpenSSL wrote before,
 * PKCS #1 (RFC 8017, A.1.2) and SEC 1 (RFC 5915), which Java reads in an envelope of PKCS #8 only.
 */
final class PrivateKeyForm {

    private static final int INTEGER = 0x02;
    private static final int OCTET_STRING = 0x04;
    private static final int SEQUENCE = 0x30;

    /** Where SEC 1 names the curve. */
    private static final int CURVE = 0xA0;

    private static final byte[] VERSION_0 = {INTEGER, 1, 0};

    /** What stands for RSA, with its empty parameters; and what for elliptic curves. */
    private static final byte[] RSA = HexFormat.of().parseHex("06092a864886f70d0101010500");

    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private PrivateKeyForm() {}

    /**
     * Reads a key.
     *
     * @throws IllegalArgumentException saying what is wrong, without the key
     */
    static PrivateKey read(PemFile.Part part) {
        if (part.label().startsWith("ENCRYPTED") || part.text().contains("ENCRYPTED")) {
            throw new IllegalArgumentException(
                    "the key is encrypted; 'openssl pkey -in FILE -out OTHER' writes it"
                            + " unencrypted");
        }
        try {
            return switch (part.label()) {
                case "PRIVATE KEY" -> key(part.der());
                case "RSA PRIVATE KEY" -> key(envelope(RSA, part.der()));
                case "EC PRIVATE KEY" -> key(envelope(join(EC, curve(part.der())), part.der()));
                default ->
                        throw new IllegalArgumentException(
                                "a key of the form %s is not read".formatted(part.label()));
            };
        } catch (BufferUnderflowException | GeneralSecurityException e) {
            throw new IllegalArgumentException("the key cannot be read: it is damaged", e);
        }
    }

    private static PrivateKey key(byte[] pkcs8) throws GeneralSecurityException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
        try {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        } catch (InvalidKeySpecException e) {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        }
    }

    private static byte[] envelope(byte[] algorithm, byte[] key) {
        return element(
                SEQUENCE,
                join(VERSION_0, element(SEQUENCE, algorithm), element(OCTET_STRING, key)));
    }

    /** The name of the curve as it stands in a key of SEC 1. */
    private static byte[] curve(byte[] sec1) {
        ByteBuffer fields = content(ByteBuffer.wrap(sec1));
        while (fields.hasRemaining()) {
            boolean isCurve = (fields.get(fields.position()) & 0xFF) == CURVE;
            ByteBuffer content = content(fields);
            if (isCurve) {
                byte[] name = new byte[content.remaining()];
                content.get(name);
                return name;
            }
        }
        throw new IllegalArgumentException("the key does not name its curve");
    }

    /** What is in the next element (X.690, section 8.1), which is skipped. */
    private static ByteBuffer content(ByteBuffer in) {
        in.get();
        int length = in.get() & 0xFF;
        if (length > 0x7F) {
            int bytes = length & 0x7F;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = (length << 8) | (in.get() & 0xFF);
            }
        }
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer content = in.slice(in.position(), length);
        in.position(in.position() + length);
        return content;
    }

    private static byte[] element(int tag, byte[] content) {
        int length = content.length;
        byte[] head =
                length < 0x80
                        ? new byte[] {(byte) tag, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return join(head, content);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
