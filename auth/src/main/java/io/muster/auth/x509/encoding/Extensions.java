package io.muster.auth.x509.encoding;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;

/** Extensions of certificates that the JDK does not read. */
public final class Extensions {

    private static final int KEY_IDENTIFIER_MAX = 128;
    private static final HexFormat HEX = HexFormat.of();

    private Extensions() {}

    /**
     * Which key of its issuer signed a certificate, in hexadecimal digits; empty if it does not say
     * (RFC 5280, 4.2.1.1).
     */
    public static Optional<String> authorityKey(X509Certificate certificate)
            throws MalformedException {
        byte[] extension = certificate.getExtensionValue("2.5.29.35");
        return extension == null ? Optional.empty() : authorityKey(content(extension));
    }

    /** Reads an AuthorityKeyIdentifier. */
    public static Optional<String> authorityKey(DerReader extension) throws MalformedException {
        DerReader identifier = extension.enter(DerReader.SEQUENCE);
        extension.requireEnd();
        int tag = DerReader.primitive(0);
        return identifier.isNext(tag)
                ? Optional.of(keyIdentifier(identifier.enter(tag)))
                : Optional.empty();
    }

    /**
     * What a certificate calls its own key, in hexadecimal digits; where it has no name for it, the
     * SHA-1 that is usual (RFC 5280, 4.2.1.2, method 1).
     */
    public static String subjectKey(X509Certificate certificate) throws MalformedException {
        byte[] extension = certificate.getExtensionValue("2.5.29.14");
        if (extension != null) {
            return keyIdentifier(content(extension).enter(DerReader.OCTET_STRING));
        }
        DerReader key = new DerReader(certificate.getPublicKey().getEncoded());
        DerReader parts = key.enter(DerReader.SEQUENCE);
        parts.skip();
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-1").digest(parts.bitString()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JDK has SHA-1", e);
        }
    }

    /** Whether a certificate names a place of changes since the last complete list. */
    public static boolean announcesDeltas(X509Certificate certificate) {
        return certificate.getExtensionValue("2.5.29.46") != null;
    }

    private static String keyIdentifier(DerReader identifier) throws MalformedException {
        if (identifier.remaining() == 0 || identifier.remaining() > KEY_IDENTIFIER_MAX) {
            throw identifier.malformed(
                    "the identifier of a key has not 1 to %d octets".formatted(KEY_IDENTIFIER_MAX));
        }
        return HEX.formatHex(identifier.rest());
    }

    /** What is inside of an extension as the JDK hands it out. */
    static DerReader content(byte[] extension) throws MalformedException {
        return new DerReader(extension).enter(DerReader.OCTET_STRING);
    }
}
