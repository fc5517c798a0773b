package io.muster.auth.x509.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestCrl;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.junit.jupiter.api.Test;

class CrlReaderTest {

    private static final Instant NOW = TestAuthority.NOW;
    private static final TestAuthority AUTHORITY = TestAuthority.root("CN=Issuing CA,O=Test");
    private static final TestAuthority OTHER = TestAuthority.root("CN=Other CA,O=Test");
    private static final BigInteger SERIAL = BigInteger.valueOf(4711);
    private static final ASN1ObjectIdentifier UNKNOWN = new ASN1ObjectIdentifier("1.2.3.4");

    @Test
    void readsWhoIsRevokedOutOfDerAndPem() throws CrlRefusedException {
        TestCrl list = AUTHORITY.crl(17).revoking(SERIAL).revoking(BigInteger.TEN, 1);

        for (byte[] file : List.of(list.der(), list.pem())) {
            AcceptedCrl read = read(file);

            assertThat(read.number()).isEqualTo(17);
            assertThat(read.thisUpdate()).isEqualTo(NOW.minusSeconds(60));
            assertThat(read.nextUpdate()).isEqualTo(NOW.plus(Duration.ofHours(24)));
            assertThat(read.revoked().size()).isEqualTo(2);
            assertThat(read.revoked().contains(SERIAL)).isTrue();
            assertThat(read.revoked().contains(BigInteger.ONE)).isFalse();
        }
    }

    @Test
    void readsPemWithTextAroundItAndOtherLineEnds() throws CrlRefusedException {
        String pem = new String(AUTHORITY.crl(1).revoking(SERIAL).pem(), StandardCharsets.US_ASCII);
        byte[] file =
                ("Certificate Revocation List (CRL):\n" + pem + "\n")
                        .replace("\n", "\r\n")
                        .getBytes(StandardCharsets.US_ASCII);

        assertThat(read(file).revoked().contains(SERIAL)).isTrue();
    }

    @Test
    void readsAListWithoutEntries() throws CrlRefusedException {
        assertThat(read(AUTHORITY.crl(1).der()).revoked().size()).isZero();
    }

    @Test
    void readsAllEntriesOfALongListWithSerialsOfAllLengths() throws CrlRefusedException {
        List<BigInteger> serials =
                LongStream.range(1, 4000)
                        .mapToObj(i -> BigInteger.valueOf(i).shiftLeft((int) (i % 140)))
                        .toList();

        RevokedSerials revoked = read(AUTHORITY.crl(1).revoking(serials).pem()).revoked();

        assertThat(serials).allMatch(revoked::contains);
        assertThat(revoked.contains(BigInteger.valueOf(4001).shiftLeft(1))).isFalse();
    }

    @Test
    void leavesOutEntriesThatNameNoCertificateThatWouldBeLetIn() throws CrlRefusedException {
        RevokedSerials revoked =
                read(AUTHORITY
                                .crl(1)
                                .revoking(BigInteger.ZERO)
                                .revoking(BigInteger.valueOf(-5))
                                .revoking(BigInteger.ONE.shiftLeft(170))
                                .revoking(SERIAL)
                                .der())
                        .revoked();

        assertThat(revoked.size()).isEqualTo(1);
        assertThat(revoked.contains(SERIAL)).isTrue();
    }

    @Test
    void takesEntriesWithReasonsAndDatesAndExtensionsThatAreNotCritical()
            throws CrlRefusedException {
        byte[] list =
                AUTHORITY
                        .crl(1)
                        .revoking(
                                SERIAL,
                                TestCrl.extension(
                                        Extension.reasonCode, false, new ASN1Enumerated(1)),
                                TestCrl.extension(
                                        Extension.invalidityDate,
                                        false,
                                        new ASN1GeneralizedTime("20290101000000Z")),
                                TestCrl.extension(UNKNOWN, false, new DERUTF8String("note")))
                        .der();

        assertThat(read(list).revoked().contains(SERIAL)).isTrue();
    }

    @Test
    void takesListsSignedWithRsaInBothWaysAndEd25519() throws Exception {
        TestAuthority rsa = TestAuthority.root("CN=Issuing CA", rsa(2048));
        TestAuthority edwards =
                TestAuthority.root(
                        "CN=Issuing CA", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());

        assertThat(number(rsa, rsa.crl(1).der())).isEqualTo(1);
        assertThat(number(rsa, rsa.crl(2).signedWith("SHA256withRSAandMGF1").der())).isEqualTo(2);
        assertThat(number(edwards, edwards.crl(3).der())).isEqualTo(3);
    }

    private static BigInteger number(TestAuthority authority, byte[] list)
            throws CrlRefusedException {
        return reader(authority).read(EncodedCrl.of(list), Optional.empty(), NOW).number();
    }

    @Test
    void refusesWhatAnotherKeySigned() {
        assertRefused(CrlFailure.SIGNATURE, AUTHORITY.crl(1).signedBy(OTHER).der());
    }

    @Test
    void refusesAChangedEntry() {
        byte[] list = AUTHORITY.crl(1).revoking(BigInteger.valueOf(0x0102030405060708L)).der();
        int at = new String(list, StandardCharsets.ISO_8859_1).indexOf("\1\2\3\4\5\6\7\b");
        list[at + 7]++;

        assertRefused(CrlFailure.SIGNATURE, list);
    }

    @Test
    void refusesWeakSignatures() {
        assertRefused(
                CrlFailure.SIGNATURE_ALGORITHM, AUTHORITY.crl(1).signedWith("SHA1withECDSA").der());
    }

    @Test
    void refusesUnknownCriticalExtensionsOfTheListAndOfEntries() {
        assertRefused(
                CrlFailure.CRITICAL_EXTENSION,
                AUTHORITY.crl(1).with(UNKNOWN, true, new DERUTF8String("x")).der());
        assertRefused(
                CrlFailure.CRITICAL_ENTRY_EXTENSION,
                AUTHORITY
                        .crl(1)
                        .revoking(SERIAL, TestCrl.extension(UNKNOWN, true, new DERUTF8String("x")))
                        .der());
    }

    @Test
    void refusesANumberAndAKeyIdentifierThatAreCritical() {
        assertRefused(
                CrlFailure.MALFORMED,
                AUTHORITY.crl(1).with(Extension.cRLNumber, true, new ASN1Integer(1)).der());
        assertRefused(
                CrlFailure.MALFORMED,
                AUTHORITY
                        .crl(1)
                        .with(
                                Extension.authorityKeyIdentifier,
                                true,
                                new AuthorityKeyIdentifier(new byte[20]))
                        .der());
    }

    @Test
    void takesUnknownExtensionsThatAreNotCritical() throws CrlRefusedException {
        byte[] list = AUTHORITY.crl(1).with(UNKNOWN, false, new DERUTF8String("x")).der();

        assertThat(read(list).number()).isEqualTo(1);
    }

    @Test
    void refusesAListWithoutANumberOrANegativeOne() {
        assertRefused(CrlFailure.NO_NUMBER, AUTHORITY.crl(1).without(Extension.cRLNumber).der());
        assertRefused(
                CrlFailure.MALFORMED,
                AUTHORITY.crl(1).with(Extension.cRLNumber, false, new ASN1Integer(-1)).der());
    }

    @Test
    void refusesANumberLowerThanTheLastOne() throws CrlRefusedException {
        AcceptedCrl before = read(AUTHORITY.crl(300).der());

        assertThat(readAfter(before, AUTHORITY.crl(300)).number()).isEqualTo(300);
        assertRollback(before, AUTHORITY.crl(299));
    }

    @Test
    void refusesTheSameNumberIfTheListWasMadeEarlier() throws CrlRefusedException {
        Instant next = NOW.plus(Duration.ofDays(1));
        AcceptedCrl before = read(AUTHORITY.crl(300).made(NOW, next).der());

        assertRollback(before, AUTHORITY.crl(300).made(NOW.minusSeconds(1), next));
        assertThat(readAfter(before, AUTHORITY.crl(300).made(NOW, next)).thisUpdate())
                .isEqualTo(NOW);
        assertThat(readAfter(before, AUTHORITY.crl(301).made(NOW.minusSeconds(1), next)).number())
                .isEqualTo(301);
    }

    private static AcceptedCrl readAfter(AcceptedCrl before, TestCrl list)
            throws CrlRefusedException {
        return reader(AUTHORITY).read(EncodedCrl.of(list.der()), Optional.of(before), NOW);
    }

    private static void assertRollback(AcceptedCrl before, TestCrl list) {
        assertThat(
                        catchThrowableOfType(
                                        CrlRefusedException.class, () -> readAfter(before, list))
                                .failure())
                .isEqualTo(CrlFailure.ROLLBACK);
    }

    @Test
    void takesAListFromFiveMinutesAheadAndNoneFromLater() throws CrlRefusedException {
        Instant next = NOW.plus(Duration.ofDays(1));
        Instant ahead = NOW.plus(Duration.ofMinutes(5));

        assertThat(read(AUTHORITY.crl(1).made(ahead, next).der()).thisUpdate()).isEqualTo(ahead);
        assertRefused(
                CrlFailure.NOT_YET_VALID, AUTHORITY.crl(1).made(ahead.plusSeconds(1), next).der());
    }

    @Test
    void refusesAListThatDoesNotSayWhenTheNextOneComesOrAWrongTime() {
        assertRefused(CrlFailure.NO_NEXT_UPDATE, AUTHORITY.crl(1).withoutNextUpdate().der());
        assertRefused(CrlFailure.MALFORMED, AUTHORITY.crl(1).made(NOW, NOW.minusSeconds(1)).der());
    }

    @Test
    void refusesVersion1AndAListOfEntriesWithoutAny() {
        assertRefused(CrlFailure.VERSION, AUTHORITY.crl(1).version1());
        assertRefused(CrlFailure.EMPTY_ENTRIES, AUTHORITY.crl(1).withEmptyEntries().der());
    }

    @Test
    void refusesWhatIsNotStrictlyAList() {
        byte[] list = AUTHORITY.crl(1).revoking(SERIAL).der();
        byte[] indefinite = list.clone();
        indefinite[1] = (byte) 0x80;

        assertRefused(CrlFailure.MALFORMED, new byte[0]);
        assertRefused(CrlFailure.MALFORMED, "no list".getBytes(StandardCharsets.US_ASCII));
        assertRefused(CrlFailure.MALFORMED, Arrays.copyOf(list, list.length + 1));
        assertRefused(CrlFailure.MALFORMED, indefinite);
        assertRefused(CrlFailure.MALFORMED, AUTHORITY.crl(1).revoking(SERIAL, 10 + 1).der());
        assertRefused(CrlFailure.MALFORMED, AUTHORITY.crl(1).revoking(SERIAL, 7).der());
        assertRefused(CrlFailure.MALFORMED, AUTHORITY.crl(1).der(tbs -> tbs.add(ASN1Boolean.TRUE)));
        assertRefused(
                CrlFailure.MALFORMED,
                AUTHORITY.crl(1).revoking(BigInteger.ONE.shiftLeft(600)).der());
    }

    @Test
    void refusesTwoListsInOneFileAndPemThatIsCut() {
        byte[] pem = AUTHORITY.crl(1).pem();
        byte[] twice = Arrays.copyOf(pem, 2 * pem.length);
        System.arraycopy(pem, 0, twice, pem.length, pem.length);

        assertRefused(CrlFailure.MALFORMED, twice);
        assertRefused(CrlFailure.MALFORMED, Arrays.copyOf(AUTHORITY.crl(1).pem(), pem.length / 2));
    }

    @Test
    void refusesAFileThatIsTooLong() {
        assertRefused(CrlFailure.TOO_LARGE, new byte[CrlReader.OCTETS_MAX + 1]);
    }

    private static KeyPair rsa(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static CrlReader reader(TestAuthority authority) {
        return new CrlReader(
                new CrlExpectation(
                        authority.certificate(), Optional.empty(), CrlScope.END_ENTITY, false));
    }

    private static AcceptedCrl read(byte[] file) throws CrlRefusedException {
        return reader(AUTHORITY).read(EncodedCrl.of(file), Optional.empty(), NOW);
    }

    private static void assertRefused(CrlFailure failure, byte[] file) {
        assertRefused(failure, reader(AUTHORITY), file);
    }

    private static void assertRefused(CrlFailure failure, CrlReader reader, byte[] file) {
        CrlRefusedException refused =
                catchThrowableOfType(
                        CrlRefusedException.class,
                        () -> reader.read(EncodedCrl.of(file), Optional.empty(), NOW));

        assertThat(refused).isNotNull();
        assertThat(refused.failure()).as(refused.getMessage()).isEqualTo(failure);
    }
}
