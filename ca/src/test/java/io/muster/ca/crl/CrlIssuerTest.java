package io.muster.ca.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.pki.TestAuthority;
import io.muster.ca.pki.TestClock;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.junit.jupiter.api.Test;

class CrlIssuerTest {

    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00.250Z");
    private static final SerialNumber SERIAL = SerialNumber.parse("123456789abcdef0");
    private static final TestAuthority ROOT = TestAuthority.root("Root", NOW);
    private static final TestAuthority ISSUING =
            ROOT.issuing("Devices G1", 2, NOW, "http://hub.example/crl/root.crl");
    private static final CrlPartitions PARTITIONS =
            CrlPartitions.ofUserCertificates(64, "http://hub.example/crl/g1/");

    private final TestClock clock = new TestClock(NOW);
    private final CrlIssuer issuer =
            new CrlIssuer(ISSUING.certificate(), ISSUING, PARTITIONS, CrlTimes.DEFAULT, clock);

    @Test
    void aListIsOfVersionTwoSignedAndTellsItsNumberAndTimes() throws Exception {
        X509CRLHolder crl = new X509CRLHolder(issuer.issue(17, 5, entries()));

        assertThat(crl.toASN1Structure().getVersionNumber()).isEqualTo(2);
        assertThat(crl.getIssuer()).isEqualTo(ISSUING.certificate().getSubject());
        assertThat(
                        crl.isSignatureValid(
                                new JcaContentVerifierProviderBuilder()
                                        .build(ISSUING.certificate())))
                .isTrue();
        assertThat(crl.getThisUpdate().toInstant()).isEqualTo("2026-11-30T11:59:00Z");
        assertThat(crl.getNextUpdate().toInstant()).isEqualTo("2026-12-01T12:00:00Z");
        Extension number = crl.getExtension(Extension.cRLNumber);
        assertThat(number.isCritical()).isFalse();
        assertThat(CRLNumber.getInstance(number.getParsedValue()).getCRLNumber())
                .isEqualTo(BigInteger.valueOf(5));
    }

    @Test
    void itNamesTheIssuersKeyAndNothingElseOfIt() throws Exception {
        X509CRLHolder crl = new X509CRLHolder(issuer.issue(17, 5, entries()));

        AuthorityKeyIdentifier authority =
                AuthorityKeyIdentifier.fromExtensions(crl.getExtensions());
        assertThat(authority.getKeyIdentifierOctets())
                .isEqualTo(
                        SubjectKeyIdentifier.fromExtensions(ISSUING.certificate().getExtensions())
                                .getKeyIdentifier());
        assertThat(authority.getAuthorityCertIssuer()).isNull();
        assertThat((Object) crl.getNonCriticalExtensionOIDs())
                .isEqualTo(Set.of(Extension.authorityKeyIdentifier, Extension.cRLNumber));
    }

    @Test
    void aPartitionSaysCriticallyWhichOneItIs() throws Exception {
        X509CRLHolder crl = new X509CRLHolder(issuer.issue(17, 5, entries()));

        Extension extension = crl.getExtension(Extension.issuingDistributionPoint);
        assertThat(extension.isCritical()).isTrue();
        IssuingDistributionPoint point =
                IssuingDistributionPoint.getInstance(extension.getParsedValue());
        assertThat(point.onlyContainsUserCerts()).isTrue();
        assertThat(point.onlyContainsCACerts()).isFalse();
        assertThat(point.isIndirectCRL()).isFalse();
        GeneralNames names = GeneralNames.getInstance(point.getDistributionPoint().getName());
        assertThat(names.getNames()).hasSize(1);
        assertThat(names.getNames()[0].getName().toString())
                .isEqualTo("http://hub.example/crl/g1/17.crl");
    }

    @Test
    void theListOfARootIsCompleteAndHasNoDistributionPoint() throws Exception {
        CrlPartitions complete = CrlPartitions.complete("http://hub.example/crl/root.crl");
        CrlIssuer root = new CrlIssuer(ROOT.certificate(), ROOT, complete, CrlTimes.DEFAULT, clock);

        X509CRLHolder crl =
                new X509CRLHolder(root.issue(0, 1, entries(entry(RevocationReason.CA_COMPROMISE))));

        assertThat((Object) crl.getCriticalExtensionOIDs()).isEqualTo(Set.of());
        assertThat(parsed(crl).getRevokedCertificate(SERIAL.toInteger()).getRevocationReason())
                .isEqualTo(java.security.cert.CRLReason.CA_COMPROMISE);
    }

    @Test
    void whereNothingIsRevokedThereIsNoListOfIt() throws Exception {
        X509CRLHolder crl = new X509CRLHolder(issuer.issue(17, 5, entries()));

        ASN1Sequence content =
                (ASN1Sequence) crl.toASN1Structure().getTBSCertList().toASN1Primitive();
        // version, signature, issuer, thisUpdate, nextUpdate, extensions
        assertThat(content).hasSize(6);
        assertThat(parsed(crl).getRevokedCertificates()).isNull();
    }

    @Test
    void anEntryTellsSinceWhenAndWhy() throws Exception {
        X509CRLHolder crl =
                new X509CRLHolder(issuer.issue(17, 5, entries(entry(RevocationReason.SUPERSEDED))));

        var entry = parsed(crl).getRevokedCertificate(SERIAL.toInteger());
        assertThat(entry.getRevocationDate())
                .isEqualTo(Date.from(Instant.parse("2026-11-30T11:00:00Z")));
        assertThat(entry.getRevocationReason()).isEqualTo(java.security.cert.CRLReason.SUPERSEDED);
        assertThat(entry.getCriticalExtensionOIDs()).isNullOrEmpty();
    }

    @Test
    void anEntryWithoutReasonHasNoExtension() throws Exception {
        X509CRLHolder crl =
                new X509CRLHolder(
                        issuer.issue(17, 5, entries(entry(RevocationReason.UNSPECIFIED))));

        assertThat(parsed(crl).getRevokedCertificate(SERIAL.toInteger()).hasExtensions()).isFalse();
    }

    @Test
    void theKeyOfADeviceIsNoKeyOfAnAuthority() throws Exception {
        X509CRLHolder crl =
                new X509CRLHolder(
                        issuer.issue(17, 5, entries(entry(RevocationReason.CA_COMPROMISE))));

        assertThat(parsed(crl).getRevokedCertificate(SERIAL.toInteger()).getRevocationReason())
                .isEqualTo(java.security.cert.CRLReason.KEY_COMPROMISE);
    }

    @Test
    void timesAfter2049AreWrittenWithFourDigits() throws Exception {
        clock.advance(Duration.ofDays(9000));

        X509CRL crl = parsed(new X509CRLHolder(issuer.issue(17, 5, entries())));

        assertThat(crl.getNextUpdate().toInstant())
                .isEqualTo(Instant.parse("2026-12-01T12:00:00Z").plus(Duration.ofDays(9000)));
    }

    @Test
    void whoMayNotSignListsIsRefused() throws Exception {
        var leaf = ISSUING.device(SERIAL, NOW, PARTITIONS.address(17));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CrlIssuer(leaf, ISSUING, PARTITIONS, CrlTimes.DEFAULT, clock))
                .withMessageContaining("cRLSign");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new CrlIssuer(
                                        ISSUING.certificate(),
                                        ROOT,
                                        PARTITIONS,
                                        CrlTimes.DEFAULT,
                                        clock))
                .withMessageContaining("the key is not the one");
    }

    @Test
    void theyAreIssuedAgainBeforeHalfOfTheirLife() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CrlTimes(Duration.ofHours(2), Duration.ofMinutes(61)))
                .withMessageContaining("at least twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CrlTimes(Duration.ofHours(2), Duration.ZERO));
    }

    private static CrlEntry entry(RevocationReason reason) {
        return new CrlEntry(SERIAL, Instant.parse("2026-11-30T11:00:00.9Z"), reason);
    }

    private static Collection<CrlEntry> entries(CrlEntry... entries) {
        return List.of(entries);
    }

    private static X509CRL parsed(X509CRLHolder crl) throws Exception {
        return (X509CRL)
                CertificateFactory.getInstance("X.509")
                        .generateCRL(new ByteArrayInputStream(crl.getEncoded()));
    }
}
