package io.muster.auth.x509.encoding;

import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Certificates out of bytes, and what tells one from all others. */
public final class Certificates {

    private static final HexFormat HEX = HexFormat.of();

    private Certificates() {}

    /**
     * The certificate that is in DER, without anything around it.
     *
     * @throws MalformedException also for whatever else the JDK's parser does with hostile bytes
     */
    public static X509Certificate parse(byte[] encoded) throws MalformedException {
        DerReader reader = new DerReader(encoded);
        reader.enter(DerReader.SEQUENCE);
        reader.requireEnd();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded));
        } catch (CertificateException | RuntimeException e) {
            throw new MalformedException("not a certificate: " + e.getMessage(), e);
        }
    }

    /** All certificates of a file, in their order: one in DER, or blocks of PEM. */
    public static List<X509Certificate> parseAll(byte[] file) throws MalformedException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (DerReader block : Pem.read(file.clone(), "CERTIFICATE")) {
            certificates.add(parse(block.rest()));
        }
        return certificates;
    }

    /** SHA-256 of its DER, in hexadecimal digits. */
    public static String fingerprint(byte[] encoded) {
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JDK has SHA-256", e);
        }
    }
}
