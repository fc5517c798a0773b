package io.muster.ca.crl;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import java.io.IOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertList;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/**
 * Reads CRLs of one issuer back, as strictly as somebody would who does not trust them: what is
 * returned was signed by the issuer's key for just that partition. Shared by threads.
 */
final class CrlReader {

    private final X509CertificateHolder issuer;
    private final CrlPartitions partitions;
    private final ContentVerifierProvider verifier;

    CrlReader(X509CertificateHolder issuer, CrlPartitions partitions) {
        this.issuer = issuer;
        this.partitions = partitions;
        try {
            this.verifier = new JcaContentVerifierProviderBuilder().build(issuer);
        } catch (CertificateException | OperatorCreationException e) {
            throw new IllegalArgumentException(
                    "the key of %s cannot be used: %s"
                            .formatted(issuer.getSubject(), e.getMessage()),
                    e);
        }
    }

    /** Whether a certificate names this key. */
    static boolean isKeyOf(X509CertificateHolder certificate, PublicKey key) {
        return certificate
                .getSubjectPublicKeyInfo()
                .equals(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    /** A CRL of a partition. */
    PublishedCrl read(int partition, byte[] encoded) throws CrlDamagedException {
        X509CRLHolder crl = parse(encoded);
        try {
            TBSCertList content = crl.toASN1Structure().getTBSCertList();
            PublishedCrl.Head head = head(partition, crl, content);
            return new PublishedCrl(head, encoded, sha256(encoded), serials(content));
        } catch (RuntimeException e) {
            // Whatever a parser stumbles upon.
            throw new CrlDamagedException("it is no CRL: " + e.getMessage(), e);
        }
    }

    /** What stands on a CRL that was read before: slowly, for the sake of the dates. */
    List<CrlEntry> entries(PublishedCrl crl) {
        List<CrlEntry> entries = new ArrayList<>();
        try {
            Enumeration<?> all =
                    parse(crl.bytes())
                            .toASN1Structure()
                            .getTBSCertList()
                            .getRevokedCertificateEnumeration();
            while (all.hasMoreElements()) {
                entries.add(entry((TBSCertList.CRLEntry) all.nextElement()));
            }
            return entries;
        } catch (CrlDamagedException e) {
            throw new IllegalStateException(crl + " was read once and cannot be read again", e);
        }
    }

    /** To the last byte: one that follows is not part of what was signed. */
    private static X509CRLHolder parse(byte[] encoded) throws CrlDamagedException {
        try {
            X509CRLHolder crl = new X509CRLHolder(encoded);
            if (!Arrays.equals(crl.getEncoded(), encoded)) {
                throw new CrlDamagedException("it is not the DER of a CRL and nothing else");
            }
            return crl;
        } catch (IOException | RuntimeException e) {
            throw new CrlDamagedException("it is no CRL: " + e.getMessage(), e);
        }
    }

    private PublishedCrl.Head head(int partition, X509CRLHolder crl, TBSCertList content)
            throws CrlDamagedException {
        demand(content.getVersionNumber() == 2, "it is not of version 2");
        demand(
                crl.getIssuer().equals(issuer.getSubject()),
                "its issuer is %s, not %s".formatted(crl.getIssuer(), issuer.getSubject()));
        demand(isSigned(crl), "its signature is not that of " + issuer.getSubject());
        checkExtensions(partition, crl);
        demand(crl.getNextUpdate() != null, "it has no nextUpdate");
        return new PublishedCrl.Head(
                partition,
                number(crl),
                crl.getThisUpdate().toInstant(),
                crl.getNextUpdate().toInstant());
    }

    private boolean isSigned(X509CRLHolder crl) throws CrlDamagedException {
        try {
            return crl.isSignatureValid(verifier);
        } catch (CertException e) {
            throw new CrlDamagedException("its signature cannot be checked: " + e.getMessage(), e);
        }
    }

    private void checkExtensions(int partition, X509CRLHolder crl) throws CrlDamagedException {
        AuthorityKeyIdentifier authority =
                AuthorityKeyIdentifier.fromExtensions(crl.getExtensions());
        SubjectKeyIdentifier subject = SubjectKeyIdentifier.fromExtensions(issuer.getExtensions());
        demand(
                authority != null
                        && Arrays.equals(
                                authority.getKeyIdentifierOctets(), subject.getKeyIdentifier()),
                "its authorityKeyIdentifier is not the issuer's");
        Extension point = crl.getExtension(Extension.issuingDistributionPoint);
        if (partitions.isComplete()) {
            demand(point == null, "it has an issuingDistributionPoint, and should be complete");
            demand(crl.getCriticalExtensionOIDs().isEmpty(), "it has a critical extension");
            return;
        }
        demand(
                point != null
                        && Arrays.equals(
                                point.getExtnValue().getOctets(),
                                CrlIssuer.distributionPoint(partitions, partition)),
                "its issuingDistributionPoint is not %s for certificates of users"
                        .formatted(partitions.address(partition)));
        demand(
                crl.getCriticalExtensionOIDs().equals(Set.of(Extension.issuingDistributionPoint)),
                "its critical extensions are not issuingDistributionPoint alone");
    }

    private static long number(X509CRLHolder crl) throws CrlDamagedException {
        Extension number = crl.getExtension(Extension.cRLNumber);
        demand(number != null, "it has no cRLNumber");
        BigInteger value = ASN1Integer.getInstance(number.getParsedValue()).getPositiveValue();
        demand(value.bitLength() < Long.SIZE, "its cRLNumber is too large");
        return value.longValue();
    }

    private static long[] serials(TBSCertList content) throws CrlDamagedException {
        LongStream.Builder serials = LongStream.builder();
        Enumeration<?> all = content.getRevokedCertificateEnumeration();
        while (all.hasMoreElements()) {
            serials.add(serial((TBSCertList.CRLEntry) all.nextElement()).value());
        }
        return serials.build().sorted().toArray();
    }

    private static SerialNumber serial(TBSCertList.CRLEntry entry) throws CrlDamagedException {
        BigInteger serial = entry.getUserCertificate().getValue();
        demand(
                serial.signum() > 0 && serial.bitLength() < Long.SIZE,
                "it has a serial number that is none of ours: " + serial.toString(16));
        return new SerialNumber(serial.longValue());
    }

    private static CrlEntry entry(TBSCertList.CRLEntry entry) throws CrlDamagedException {
        Extensions extensions = entry.getExtensions();
        Extension reason =
                extensions == null ? null : extensions.getExtension(Extension.reasonCode);
        return new CrlEntry(
                serial(entry),
                entry.getRevocationDate().getDate().toInstant(),
                reason == null ? RevocationReason.UNSPECIFIED : reason(reason));
    }

    private static RevocationReason reason(Extension reason) {
        BigInteger code = ASN1Enumerated.getInstance(reason.getParsedValue()).getValue();
        return RevocationReason.of(code.intValue()).orElse(RevocationReason.UNSPECIFIED);
    }

    private static void demand(boolean holds, String otherwise) throws CrlDamagedException {
        if (!holds) {
            throw new CrlDamagedException(otherwise);
        }
    }

    private static String sha256(byte[] encoded) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }
}
