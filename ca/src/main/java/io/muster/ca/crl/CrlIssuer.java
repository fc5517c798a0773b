package io.muster.ca.crl;

import io.muster.ca.RevocationReason;
import io.muster.ca.key.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Date;
import java.util.EnumMap;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;

/**
 * Builds and signs the CRLs of one issuer (RFC 5280, 5). Shared by threads. Signs where it is
 * called, which takes a millisecond to some, or waits for the device that holds the key.
 */
public final class CrlIssuer {

    private static final Map<RevocationReason, Extensions> REASONS = reasons();

    private final X509CertificateHolder certificate;
    private final SigningKey key;
    private final CrlPartitions partitions;
    private final CrlTimes times;
    private final Clock clock;

    /**
     * @param certificate the issuer's, which may sign CRLs
     * @param key the one that the certificate names
     */
    public CrlIssuer(
            X509CertificateHolder certificate,
            SigningKey key,
            CrlPartitions partitions,
            CrlTimes times,
            Clock clock) {
        this.certificate = mustSignCrls(certificate, key);
        this.key = key;
        this.partitions = partitions;
        this.times = times;
        this.clock = clock;
    }

    private static X509CertificateHolder mustSignCrls(
            X509CertificateHolder certificate, SigningKey key) {
        Extensions extensions = certificate.getExtensions();
        KeyUsage usage = KeyUsage.fromExtensions(extensions);
        if (usage == null || !usage.hasUsages(KeyUsage.cRLSign)) {
            throw new IllegalArgumentException(
                    certificate.getSubject() + " may not sign CRLs: no cRLSign in its keyUsage");
        }
        BasicConstraints constraints = BasicConstraints.fromExtensions(extensions);
        if (constraints == null || !constraints.isCA()) {
            throw new IllegalArgumentException(
                    certificate.getSubject() + " is no certificate authority");
        }
        if (SubjectKeyIdentifier.fromExtensions(extensions) == null) {
            throw new IllegalArgumentException(
                    certificate.getSubject() + " has no subjectKeyIdentifier to name in CRLs");
        }
        if (!CrlReader.isKeyOf(certificate, key.publicKey())) {
            throw new IllegalArgumentException(
                    "the key is not the one of the certificate of " + certificate.getSubject());
        }
        return certificate;
    }

    /**
     * Makes sure that the key is here.
     *
     * @throws io.muster.ca.key.KeyUnusableException if it cannot be used now
     */
    void requireKey() {
        var unused = key.signer();
    }

    /** Who signs. */
    X500Name name() {
        return certificate.getSubject();
    }

    /** When its certificate expires, and with it all that it has issued. */
    public Instant end() {
        return certificate.getNotAfter().toInstant();
    }

    /** Into how many lists its certificates are divided, and where these are. */
    public CrlPartitions partitions() {
        return partitions;
    }

    CrlTimes times() {
        return times;
    }

    Instant now() {
        return clock.instant();
    }

    /** What reads its CRLs back. */
    CrlReader reader() {
        return new CrlReader(certificate, partitions);
    }

    /**
     * A CRL in DER.
     *
     * @param number above all that the partition had
     * @param entries what stands on it, in this order
     * @throws io.muster.ca.key.KeyUnusableException if the key cannot be used now
     */
    byte[] issue(int partition, long number, Collection<CrlEntry> entries) {
        Instant now = now().truncatedTo(ChronoUnit.SECONDS);
        X509v2CRLBuilder crl = new X509v2CRLBuilder(name(), Date.from(now.minus(CrlTimes.SKEW)));
        crl.setNextUpdate(Date.from(now.plus(times.lifetime())));
        for (CrlEntry entry : entries) {
            CrlEntry written = asWritten(entry);
            crl.addCRLEntry(
                    written.serial().toInteger(),
                    Date.from(written.revokedAt()),
                    REASONS.get(written.reason()));
        }
        try {
            addExtensions(crl, partition, number);
            return crl.build(key.signer()).getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException("CRL cannot be encoded", e);
        }
    }

    private void addExtensions(X509v2CRLBuilder crl, int partition, long number)
            throws IOException {
        SubjectKeyIdentifier keyIdentifier =
                SubjectKeyIdentifier.fromExtensions(certificate.getExtensions());
        crl.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new AuthorityKeyIdentifier(keyIdentifier.getKeyIdentifier()));
        crl.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
        if (!partitions.isComplete()) {
            crl.addExtension(
                    Extension.issuingDistributionPoint,
                    true,
                    distributionPoint(partitions, partition));
        }
    }

    /** Which certificates it is about, so that nobody can serve one partition for another. */
    static byte[] distributionPoint(CrlPartitions partitions, int partition) {
        GeneralName address =
                new GeneralName(
                        GeneralName.uniformResourceIdentifier, partitions.address(partition));
        IssuingDistributionPoint point =
                new IssuingDistributionPoint(
                        new DistributionPointName(new GeneralNames(address)),
                        true,
                        false,
                        null,
                        false,
                        false);
        try {
            return point.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException("distribution point cannot be encoded", e);
        }
    }

    /** How it is found on a CRL: to the second, and with a reason that is one there. */
    CrlEntry asWritten(CrlEntry entry) {
        return new CrlEntry(
                entry.serial(), entry.revokedAt().truncatedTo(ChronoUnit.SECONDS), reasonOf(entry));
    }

    /**
     * The key of a device is no key of an authority, whatever was said when it was revoked; and a
     * CRL that cannot be issued for a wrong reason would keep in all others.
     */
    private RevocationReason reasonOf(CrlEntry entry) {
        return entry.reason() == RevocationReason.CA_COMPROMISE && !partitions.isComplete()
                ? RevocationReason.KEY_COMPROMISE
                : entry.reason();
    }

    /** For {@code unspecified} there is none: it is what no reason means (RFC 5280, 5.3.1). */
    private static Map<RevocationReason, Extensions> reasons() {
        Map<RevocationReason, Extensions> reasons = new EnumMap<>(RevocationReason.class);
        for (RevocationReason reason : RevocationReason.values()) {
            if (reason != RevocationReason.UNSPECIFIED) {
                reasons.put(reason, new Extensions(reasonCode(reason)));
            }
        }
        return reasons;
    }

    private static Extension reasonCode(RevocationReason reason) {
        try {
            return new Extension(
                    Extension.reasonCode, false, CRLReason.lookup(reason.code()).getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException("reason cannot be encoded", e);
        }
    }
}
