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
    private static final String ECDSA = "1.2.840.10045.4.";

    /** More than the longest curve needs. */
    private static final int ECDSA_NUMBER_OCTETS_MAX = 128;

    private Certificates() {}

    /**
     * The certificate that is in DER, without anything around it. There is one way to write it
     * down: what the signature does not cover is as strict as the rest, so nobody but who signs can
     * make another file, with another fingerprint, of the same certificate. Who signs by ECDSA is
     * no exception, but anybody can turn such a signature into its one other form (s into n - s),
     * so a fingerprint is no name for a certificate: its issuer and serial number are.
     *
     * @throws MalformedException also for whatever else the JDK's parser does with hostile bytes
     */
    public static X509Certificate parse(byte[] encoded) throws MalformedException {
        requireOneForm(encoded);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded));
        } catch (CertificateException | RuntimeException e) {
            throw new MalformedException("not a certificate: " + e.getMessage(), e);
        }
    }

    /**
     * The JDK takes lengths and algorithms that are written otherwise, where nobody signed them.
     */
    private static void requireOneForm(byte[] encoded) throws MalformedException {
        new DerReader(encoded).requireStrict();
        DerReader file = new DerReader(encoded);
        DerReader certificate = file.enter(DerReader.SEQUENCE);
        file.requireEnd();
        DerReader content = certificate.enter(DerReader.SEQUENCE);
        DerReader algorithm = new DerReader(certificate.encoded());
        byte[] signature = certificate.bitString();
        certificate.requireEnd();
        if (content.isNext(DerReader.constructed(0))) {
            content.skip();
        }
        content.enter(DerReader.INTEGER);
        if (!algorithm.hasContent(content.encoded())) {
            throw content.malformed("two algorithms of the signature are named");
        }
        if (algorithm.enter(DerReader.SEQUENCE).identifier().startsWith(ECDSA)) {
            requireEcdsaForm(new DerReader(signature));
        }
    }

    private static void requireEcdsaForm(DerReader signature) throws MalformedException {
        DerReader numbers = signature.enter(DerReader.SEQUENCE);
        signature.requireEnd();
        numbers.integer(ECDSA_NUMBER_OCTETS_MAX);
        numbers.integer(ECDSA_NUMBER_OCTETS_MAX);
        numbers.requireEnd();
    }

    /** All certificates of a file, in their order: one in DER, or blocks of PEM. */
    public static List<X509Certificate> parseAll(byte[] file) throws MalformedException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (DerReader block : Pem.read(file.clone(), "CERTIFICATE")) {
            certificates.add(parse(block.rest()));
        }
        return certificates;
    }

    /** SHA-256 of its DER, in hexadecimal digits; see {@link #parse} for what it is not. */
    public static String fingerprint(byte[] encoded) {
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JDK has SHA-256", e);
        }
    }
}
