package io.muster.ca.issuance;

import io.muster.ca.KeyHash;
import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.jspecify.annotations.Nullable;

/** A certificate of ours, as it was signed. Immutable and shared. */
public final class IssuedCertificate {

    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final byte[] der;
    private final X509CertificateHolder holder;
    private final SerialNumber serial;

    /** Read when it is asked for first, which takes as long as all the rest. */
    private volatile @Nullable Validity validity;

    private IssuedCertificate(byte[] der, X509CertificateHolder holder) {
        this.der = der;
        this.holder = holder;
        this.serial = new SerialNumber(holder.getSerialNumber().longValueExact());
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if these bytes are no certificate, or none of ours
     */
    public static IssuedCertificate parse(byte[] der) {
        try {
            byte[] copy = der.clone();
            return new IssuedCertificate(copy, new X509CertificateHolder(copy));
        } catch (IOException | RuntimeException malformed) {
            throw new IllegalArgumentException(
                    "not a certificate of ours: " + malformed.getMessage(), malformed);
        }
    }

    /**
     * Reads one from PEM; what stands before and behind it is skipped.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static IssuedCertificate parsePem(String pem) {
        String begin = "-----BEGIN CERTIFICATE-----";
        int start = pem.indexOf(begin);
        int end = start < 0 ? -1 : pem.indexOf("-----END CERTIFICATE-----", start);
        if (end < 0) {
            throw new IllegalArgumentException("no certificate in PEM");
        }
        return parse(Base64.getMimeDecoder().decode(pem.substring(start + begin.length(), end)));
    }

    /** Its number. */
    public SerialNumber serial() {
        return serial;
    }

    /** From when until when it is valid. */
    public Validity validity() {
        Validity known = validity;
        if (known == null) {
            known =
                    new Validity(
                            holder.getNotBefore().toInstant(), holder.getNotAfter().toInstant());
            validity = known;
        }
        return known;
    }

    /** SHA-256 of it, 64 hexadecimal digits in lower case. */
    public String fingerprint() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256", missing);
        }
    }

    /** Which key it is for. */
    public KeyHash keyHash() {
        return KeyHash.ofDer(publicKeyInfo());
    }

    /** A copy of its bytes. */
    public byte[] der() {
        return der.clone();
    }

    /** As text, with a line feed behind each line. */
    public String pem() {
        return "-----BEGIN CERTIFICATE-----\n"
                + LINES.encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    /** As Java knows certificates. */
    public X509Certificate toJava() {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException unreadable) {
            throw new IllegalStateException("Java does not read a certificate of ours", unreadable);
        }
    }

    /** As BouncyCastle knows certificates. */
    public X509CertificateHolder holder() {
        return holder;
    }

    byte[] publicKeyInfo() {
        try {
            return holder.getSubjectPublicKeyInfo().getEncoded("DER");
        } catch (IOException impossible) {
            throw new IllegalStateException("a parsed key is not encoded again", impossible);
        }
    }

    byte[] keyIdentifier() {
        Extension extension = holder.getExtension(Extension.subjectKeyIdentifier);
        return extension == null
                ? KeyIdentifier.of(holder.getSubjectPublicKeyInfo())
                : SubjectKeyIdentifier.getInstance(extension.getParsedValue()).getKeyIdentifier();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IssuedCertificate that && Arrays.equals(der, that.der);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(der);
    }

    /** Its number and whose it is. */
    @Override
    public String toString() {
        return "IssuedCertificate[serial=" + serial + ", subject=" + holder.getSubject() + "]";
    }
}
