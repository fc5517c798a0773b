package io.muster.auth.x509.path;

import io.muster.auth.x509.algorithm.KeyStrength;
import io.muster.auth.x509.algorithm.SignatureAlgorithm;
import io.muster.auth.x509.crl.SerialNumber;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What each certificate must be, and what those of authorities must be besides. */
public final class CertificateRules {

    private static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;

    private CertificateRules() {}

    /**
     * Version 3, a serial number and a signature that are taken, and a key that is; and what names
     * the key of its issuer names nothing else.
     */
    public static void requireSound(X509Certificate certificate, KeyStrength strength)
            throws CertificateRefusedException {
        if (certificate.getVersion() != 3) {
            throw refused(RefusalCause.VERSION, certificate, "is not of version 3");
        }
        if (!SerialNumber.isSerial(certificate.getSerialNumber())) {
            throw refused(
                    RefusalCause.SERIAL_NUMBER,
                    certificate,
                    "has a serial number that is not positive or has more than 20 octets");
        }
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        if (critical != null && critical.contains(AUTHORITY_KEY)) {
            throw refused(
                    RefusalCause.MALFORMED,
                    certificate,
                    "has a critical authority key identifier (RFC 5280, 4.2.1.1)");
        }
        boolean isSignedWell =
                SignatureAlgorithm.of(certificate.getSigAlgOID(), certificate.getSigAlgParams())
                        .isPresent();
        if (!isSignedWell) {
            throw refused(
                    RefusalCause.SIGNATURE_ALGORITHM,
                    certificate,
                    "is signed with " + certificate.getSigAlgName());
        }
        Optional<String> objection = strength.objection(certificate.getPublicKey());
        if (objection.isPresent()) {
            throw refused(
                    RefusalCause.KEY_NOT_ALLOWED,
                    certificate,
                    "has a key that is not taken: " + objection.get());
        }
    }

    /**
     * What issues certificates, and may do so for clients of TLS. Neither is left open: without a
     * key usage an authority is none (RFC 5280, 4.2.1.3). Whether it signs lists is asked only of
     * those whose lists are looked for ({@link #requireSignerOfLists}).
     */
    public static void requireAuthority(X509Certificate certificate)
            throws CertificateRefusedException {
        requireSound(certificate, KeyStrength.AUTHORITY);
        if (certificate.getBasicConstraints() < 0) {
            throw refused(RefusalCause.NOT_AN_AUTHORITY, certificate, "is no authority's");
        }
        requireUsage(certificate, KEY_CERT_SIGN, "keyCertSign");
        List<String> purposes = purposes(certificate);
        if (!purposes.isEmpty() && !purposes.contains(CLIENT_AUTHENTICATION)) {
            throw refused(
                    RefusalCause.EXTENDED_KEY_USAGE,
                    certificate,
                    "has an extended key usage without clientAuth");
        }
    }

    /** An authority that signs its lists itself, with the same key as what it issues. */
    static void requireSignerOfLists(X509Certificate certificate)
            throws CertificateRefusedException {
        requireUsage(certificate, CRL_SIGN, "cRLSign, and is to sign lists");
    }

    private static void requireUsage(X509Certificate certificate, int wanted, String what)
            throws CertificateRefusedException {
        boolean[] usage = certificate.getKeyUsage();
        if (usage == null || !usage[wanted]) {
            throw refused(RefusalCause.KEY_USAGE, certificate, "has no key usage with " + what);
        }
    }

    /**
     * An authority from which all paths begin. It may not constrain names, nor have other critical
     * extensions than are known, since these are heeded of those below it only.
     */
    public static void requireRoot(X509Certificate certificate) throws CertificateRefusedException {
        requireAuthority(certificate);
        if (certificate.getExtensionValue(NAME_CONSTRAINTS) != null) {
            throw refused(
                    RefusalCause.PATH, certificate, "is a root that constrains names below it");
        }
        if (certificate.hasUnsupportedCriticalExtension()) {
            throw refused(
                    RefusalCause.CRITICAL_EXTENSION,
                    certificate,
                    "is a root with a critical extension that is not known");
        }
    }

    /** No authority's, so it has nothing that only those have. */
    public static void requireEndEntity(X509Certificate certificate)
            throws CertificateRefusedException {
        if (certificate.getExtensionValue(NAME_CONSTRAINTS) != null) {
            throw refused(
                    RefusalCause.MALFORMED,
                    certificate,
                    "constrains names, which only those of authorities do (RFC 5280, 4.2.1.10)");
        }
    }

    /** A certificate for clients of TLS; that it is for any purpose is not enough. */
    public static void requireClient(X509Certificate certificate)
            throws CertificateRefusedException {
        if (!purposes(certificate).contains(CLIENT_AUTHENTICATION)) {
            throw refused(
                    RefusalCause.EXTENDED_KEY_USAGE,
                    certificate,
                    "has no extended key usage with clientAuth");
        }
    }

    /** Its time has come and is not over. */
    public static void requireInTime(X509Certificate certificate, Instant now)
            throws CertificateRefusedException {
        requireInTime(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                now,
                name(certificate));
    }

    /** The time from one point to another has come and is not over. */
    public static void requireInTime(Instant notBefore, Instant notAfter, Instant now, String name)
            throws CertificateRefusedException {
        if (now.isBefore(notBefore)) {
            throw new CertificateRefusedException(
                    RefusalCause.NOT_YET_VALID, name + " is not valid before " + notBefore);
        }
        if (now.isAfter(notAfter)) {
            throw new CertificateRefusedException(
                    RefusalCause.EXPIRED, name + " is not valid after " + notAfter);
        }
    }

    private static List<String> purposes(X509Certificate certificate)
            throws CertificateRefusedException {
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            return purposes == null ? List.of() : purposes;
        } catch (CertificateParsingException e) {
            throw new CertificateRefusedException(
                    RefusalCause.MALFORMED,
                    name(certificate) + " has an extended key usage that cannot be read",
                    e);
        }
    }

    /** A refusal that names the certificate. */
    public static CertificateRefusedException refused(
            RefusalCause cause, X509Certificate certificate, String what) {
        return new CertificateRefusedException(cause, name(certificate) + " " + what);
    }

    private static String name(X509Certificate certificate) {
        return "certificate %s of '%s'"
                .formatted(
                        certificate.getSerialNumber().toString(16),
                        certificate.getSubjectX500Principal());
    }
}
