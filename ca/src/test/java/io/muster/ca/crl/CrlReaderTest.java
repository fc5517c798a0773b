package io.muster.ca.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.pki.TestAuthority;
import io.muster.ca.pki.TestClock;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.junit.jupiter.api.Test;

class CrlReaderTest {

    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final TestAuthority ISSUER = TestAuthority.root("Devices G1", NOW);
    private static final CrlPartitions PARTITIONS =
            CrlPartitions.ofUserCertificates(64, "http://hub.example/crl/g1/");
    private static final List<CrlEntry> ENTRIES =
            List.of(
                    new CrlEntry(new SerialNumber(7), NOW, RevocationReason.UNSPECIFIED),
                    new CrlEntry(
                            new SerialNumber(Long.MAX_VALUE),
                            NOW,
                            RevocationReason.KEY_COMPROMISE));

    private final CrlIssuer issuer = issuer(ISSUER, PARTITIONS);
    private final CrlReader reader = issuer.reader();

    @Test
    void whatWasIssuedIsRead() throws Exception {
        byte[] encoded = issuer.issue(17, 5, ENTRIES);

        PublishedCrl crl = reader.read(17, encoded);

        assertThat(crl.number()).isEqualTo(5);
        assertThat(crl.partition()).isEqualTo(17);
        assertThat(crl.thisUpdate()).isEqualTo("2026-11-30T11:59:00Z");
        assertThat(crl.nextUpdate()).isEqualTo("2026-12-01T12:00:00Z");
        assertThat(crl.encoded()).isEqualTo(encoded);
        assertThat(crl.entries()).isEqualTo(2);
        assertThat(crl.contains(new SerialNumber(7))).isTrue();
        assertThat(crl.contains(new SerialNumber(8))).isFalse();
        assertThat(reader.entries(crl)).isEqualTo(ENTRIES);
    }

    @Test
    void aChangedByteIsFoundWhereverItIs() {
        byte[] encoded = issuer.issue(17, 5, ENTRIES);
        Random random = new Random(1);

        for (int at = 0; at < encoded.length; at++) {
            byte[] changed = encoded.clone();
            changed[at] ^= (byte) (1 << random.nextInt(8));
            assertDamaged(17, changed);
        }
    }

    @Test
    void aMissingOrAdditionalByteIsFoundWhereverItIs() {
        byte[] encoded = issuer.issue(17, 5, ENTRIES);

        for (int length = 0; length < encoded.length; length++) {
            assertDamaged(17, Arrays.copyOf(encoded, length));
        }
        assertDamaged(17, Arrays.copyOf(encoded, encoded.length + 1));
    }

    @Test
    void noiseIsNoList() {
        Random random = new Random(2);

        for (int i = 0; i < 2000; i++) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            if (noise.length > 4) {
                // So that some of it gets past the first byte.
                noise[0] = 0x30;
                noise[1] = (byte) (noise.length - 2);
            }
            assertDamaged(17, noise);
        }
    }

    @Test
    void anotherPartitionsListIsNotThisOnes() {
        byte[] encoded = issuer.issue(18, 5, ENTRIES);

        assertThatThrownBy(() -> reader.read(17, encoded))
                .isInstanceOf(CrlDamagedException.class)
                .hasMessageContaining("is not http://hub.example/crl/g1/17.crl");
    }

    @Test
    void anotherKeyOfTheSameNameDoesNotSignForIt() {
        TestAuthority other = TestAuthority.root("Devices G1", NOW);
        byte[] encoded = issuer(other, PARTITIONS).issue(17, 5, ENTRIES);

        assertThatThrownBy(() -> reader.read(17, encoded))
                .isInstanceOf(CrlDamagedException.class)
                .hasMessageContaining("signature");
    }

    @Test
    void aCompleteListIsNoPartitionNorTheReverse() {
        CrlPartitions complete = CrlPartitions.complete("http://hub.example/crl/root.crl");
        CrlIssuer ofAll = issuer(ISSUER, complete);

        assertDamaged(0, ofAll.issue(0, 5, ENTRIES));
        assertThatExceptionOfType(CrlDamagedException.class)
                .isThrownBy(() -> ofAll.reader().read(0, issuer.issue(0, 5, ENTRIES)))
                .withMessageContaining("should be complete");
    }

    @Test
    void whatOtherIssuersLeaveOutIsMissed() throws Exception {
        assertThat(refused(crl -> add(crl, Extension.cRLNumber, new CRLNumber(BigInteger.ONE))))
                .contains("nextUpdate");
        assertThat(refused(crl -> crl.setNextUpdate(Date.from(NOW)))).contains("cRLNumber");
        assertThat(
                        refused(
                                crl -> {
                                    crl.setNextUpdate(Date.from(NOW));
                                    add(
                                            crl,
                                            Extension.cRLNumber,
                                            new CRLNumber(BigInteger.ONE.shiftLeft(63)));
                                }))
                .contains("too large");
        assertThat(refused(crl -> crl.addCRLEntry(BigInteger.ONE.shiftLeft(64), Date.from(NOW), 1)))
                .isNotEmpty();
        assertThat(
                        refused(
                                crl ->
                                        critical(
                                                crl,
                                                new ASN1ObjectIdentifier("1.2.3.4"),
                                                ASN1Boolean.TRUE)))
                .contains("critical");
    }

    /** Why a complete list, signed by the right key, is refused. */
    private static String refused(Consumer<X509v2CRLBuilder> content) throws Exception {
        X509v2CRLBuilder crl =
                new X509v2CRLBuilder(ISSUER.certificate().getSubject(), Date.from(NOW));
        SubjectKeyIdentifier identifier =
                SubjectKeyIdentifier.fromExtensions(ISSUER.certificate().getExtensions());
        add(
                crl,
                Extension.authorityKeyIdentifier,
                new AuthorityKeyIdentifier(identifier.getKeyIdentifier()));
        content.accept(crl);
        byte[] encoded = crl.build(ISSUER.signer()).getEncoded();
        CrlReader complete =
                new CrlReader(
                        ISSUER.certificate(),
                        CrlPartitions.complete("http://hub.example/crl/root.crl"));
        try {
            complete.read(0, encoded);
        } catch (CrlDamagedException e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("it was read");
    }

    private static void add(
            X509v2CRLBuilder crl,
            ASN1ObjectIdentifier oid,
            org.bouncycastle.asn1.ASN1Object value) {
        extend(crl, oid, false, value);
    }

    private static void critical(
            X509v2CRLBuilder crl,
            ASN1ObjectIdentifier oid,
            org.bouncycastle.asn1.ASN1Object value) {
        extend(crl, oid, true, value);
    }

    private static void extend(
            X509v2CRLBuilder crl,
            ASN1ObjectIdentifier oid,
            boolean isCritical,
            org.bouncycastle.asn1.ASN1Object value) {
        try {
            crl.addExtension(oid, isCritical, value);
        } catch (org.bouncycastle.cert.CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertDamaged(int partition, byte[] encoded) {
        assertThatExceptionOfType(CrlDamagedException.class)
                .isThrownBy(() -> reader.read(partition, encoded));
    }

    private static CrlIssuer issuer(TestAuthority authority, CrlPartitions partitions) {
        return new CrlIssuer(
                authority.certificate(),
                authority,
                partitions,
                CrlTimes.DEFAULT,
                new TestClock(NOW));
    }
}
