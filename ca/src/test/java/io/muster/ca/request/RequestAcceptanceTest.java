package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.ca.Owner;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.key.KeyKind;
import io.muster.ca.request.KnownKeys.KeyHistory;
import io.muster.ca.weakkey.TestKeys;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.Test;

/** Rules 12 to 14 and 17, and the order of all. */
class RequestAcceptanceTest {

    private static final Owner DEV1 = Desk.DEV1.holder();
    private static final Owner DEV2 = new Owner.Device("pk1", "dev2");

    private static final KeyPair KEYS = TestKeys.P256;

    @Test
    void aKeyOfAnotherHolderIsRefused() {
        Desk desk =
                new Desk()
                        .sameKey()
                        .knows(
                                KEYS.getPublic(),
                                new KeyHistory(Optional.of(DEV2), false, false, false));

        assertThat(code(desk)).isEqualTo(RefusalCode.KEY_REUSED);
    }

    @Test
    void aKeyOfAnAuthorityOrServerIsRefused() {
        Desk desk =
                new Desk()
                        .sameKey()
                        .knows(
                                KEYS.getPublic(),
                                new KeyHistory(
                                        Optional.of(new Owner.Server("hub")), false, false, false));

        assertThat(code(desk)).isEqualTo(RefusalCode.KEY_REUSED);
    }

    @Test
    void aCompromisedKeyIsRefusedForEver() {
        Desk desk =
                new Desk()
                        .sameKey()
                        .knows(
                                KEYS.getPublic(),
                                new KeyHistory(Optional.of(DEV1), false, true, false));

        assertThat(code(desk)).isEqualTo(RefusalCode.KEY_COMPROMISED);
    }

    @Test
    void whoAsksAgainSinceNoAnswerCameIsNotToldThatHisKeyIsInUse() throws Exception {
        KeyHistory own = new KeyHistory(Optional.of(DEV1), true, false, false);
        Desk desk = new Desk().knows(KEYS.getPublic(), own).requestKey("r1");

        assertThat(code(desk)).isEqualTo(RefusalCode.KEY_REUSED);

        desk.answered("r1");
        assertThat(desk.accept(RequestBuilder.of(KEYS)).publicKey()).isEqualTo(KEYS.getPublic());
        assertThat(code(desk.requestKey("r2"))).isEqualTo(RefusalCode.KEY_REUSED);
    }

    @Test
    void whoAsksAgainWithAKeyThatIsCompromisedByNowIsRefused() {
        KeyHistory own = new KeyHistory(Optional.of(DEV1), false, true, false);

        Desk desk = new Desk().knows(KEYS.getPublic(), own).requestKey("r1").answered("r1");

        assertThat(code(desk)).isEqualTo(RefusalCode.KEY_COMPROMISED);
    }

    @Test
    void theKeyOfTheOwnPresentCertificateIsTakenWhereThePolicySaysSo() {
        KeyHistory own = new KeyHistory(Optional.of(DEV1), true, false, false);

        assertThat(code(new Desk().knows(KEYS.getPublic(), own))).isEqualTo(RefusalCode.KEY_REUSED);
        assertThatCode(
                        () ->
                                new Desk()
                                        .sameKey()
                                        .knows(KEYS.getPublic(), own)
                                        .accept(RequestBuilder.of(KEYS)))
                .doesNotThrowAnyException();
    }

    @Test
    void theKeyOfAnOwnPastCertificateIsTaken() {
        KeyHistory past = new KeyHistory(Optional.of(DEV1), false, false, false);

        assertThatCode(
                        () ->
                                new Desk()
                                        .knows(KEYS.getPublic(), past)
                                        .accept(RequestBuilder.of(KEYS)))
                .doesNotThrowAnyException();
    }

    @Test
    void anotherCertificateForTheSameKeyNeedsNoRequest() throws RequestRefusedException {
        KeyHistory own = new KeyHistory(Optional.of(DEV1), true, false, false);

        AcceptedRequest renewed =
                new Desk()
                        .sameKey()
                        .knows(KEYS.getPublic(), own)
                        .lifetime(Duration.ofDays(10))
                        .renew(KEYS.getPublic());

        assertThat(renewed.publicKey()).isEqualTo(KEYS.getPublic());
        assertThat(renewed.lifetime()).isEqualTo(Duration.ofDays(10));
    }

    @Test
    void andIsRefusedAsIfThereWereOne() {
        KeyHistory own = new KeyHistory(Optional.of(DEV1), true, false, false);
        KeyHistory foreign = new KeyHistory(Optional.of(DEV2), true, false, false);
        KeyHistory compromised = new KeyHistory(Optional.of(DEV1), false, true, false);

        assertThat(renewal(new Desk().knows(KEYS.getPublic(), own)))
                .isEqualTo(RefusalCode.KEY_REUSED);
        assertThat(renewal(new Desk().sameKey().knows(KEYS.getPublic(), foreign)))
                .isEqualTo(RefusalCode.KEY_REUSED);
        assertThat(renewal(new Desk().sameKey().knows(KEYS.getPublic(), compromised)))
                .isEqualTo(RefusalCode.KEY_COMPROMISED);
        assertThat(renewal(new Desk().sameKey())).isEqualTo(RefusalCode.CSR_SIGNATURE);
        assertThat(
                        renewal(
                                new Desk()
                                        .sameKey()
                                        .knows(KEYS.getPublic(), own)
                                        .blocks(KEYS.getPublic())))
                .isEqualTo(RefusalCode.KEY_WEAK);
        assertThat(
                        renewal(
                                new Desk()
                                        .sameKey()
                                        .knows(KEYS.getPublic(), own)
                                        .lifetime(Duration.ofDays(2000))))
                .isEqualTo(RefusalCode.VALIDITY_RANGE);
    }

    @Test
    void theLifetimeIsTheOneAskedForOrTheUsualOne() throws RequestRefusedException {
        RequestBuilder request = RequestBuilder.of(KEYS);

        assertThat(new Desk().accept(request).lifetime()).isEqualTo(Duration.ofDays(365));
        assertThat(new Desk().lifetime(Duration.ofDays(30)).accept(request).lifetime())
                .isEqualTo(Duration.ofDays(30));
        assertThat(new Desk().lifetime(Duration.ofHours(1)).accept(request).lifetime())
                .isEqualTo(Duration.ofHours(1));
        assertThat(new Desk().lifetime(Duration.ofDays(1095)).accept(request).lifetime())
                .isEqualTo(Duration.ofDays(1095));
    }

    @Test
    void aLifetimeOutOfItsRangeIsRefused() {
        for (Duration lifetime :
                List.of(
                        Duration.ofMinutes(59),
                        Duration.ZERO,
                        Duration.ofDays(-1),
                        Duration.ofDays(1095).plusNanos(1),
                        Duration.ofSeconds(Long.MAX_VALUE),
                        Duration.ofSeconds(Long.MIN_VALUE))) {
            RequestRefusedException refused =
                    new Desk().lifetime(lifetime).refusal(RequestBuilder.of(KEYS));

            assertThat(refused.code()).isEqualTo(RefusalCode.VALIDITY_RANGE);
            assertThat(refused).hasMessageContaining("at least 60 minutes and at most 1095 days");
        }
    }

    @Test
    void aLifetimeBeyondTheIssuersIsNotCutButRefused() throws RequestRefusedException {
        Desk desk = new Desk().issuerEnd(Desk.NOW.plus(Duration.ofDays(365)));

        assertThat(desk.accept(RequestBuilder.of(KEYS)).lifetime()).isEqualTo(Duration.ofDays(365));
        desk.issuerEnd(Desk.NOW.plus(Duration.ofDays(365)).minusSeconds(1));
        assertThat(desk.refusal(RequestBuilder.of(KEYS)))
                .hasMessageContaining("valid until 2030-12-31T23:59:59Z")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.VALIDITY_RANGE);
        desk.issuerEnd(Desk.NOW.minusSeconds(1)).lifetime(Duration.ofHours(1));
        assertThat(code(desk)).isEqualTo(RefusalCode.VALIDITY_RANGE);
    }

    /** What can be wrong with a request, in the order of the rules. */
    private enum Fault {
        SIZE(RefusalCode.CSR_TOO_LARGE),
        VERSION(RefusalCode.CSR_MALFORMED),
        TYPE(RefusalCode.KEY_TYPE_NOT_ALLOWED),
        KEY_SIZE(RefusalCode.KEY_SIZE_NOT_ALLOWED),
        WEAK(RefusalCode.KEY_WEAK),
        ALGORITHM(RefusalCode.CSR_SIGALG),
        SIGNATURE(RefusalCode.CSR_SIGNATURE),
        FOREIGN(RefusalCode.KEY_REUSED),
        COMPROMISED(RefusalCode.KEY_COMPROMISED),
        PRESENT(RefusalCode.KEY_REUSED),
        SUBJECT(RefusalCode.SUBJECT_MISMATCH),
        EXTENSION(RefusalCode.EXTENSION_NOT_ALLOWED),
        NAME(RefusalCode.SAN_NOT_ALLOWED),
        LIFETIME(RefusalCode.VALIDITY_RANGE);

        private final RefusalCode code;

        Fault(RefusalCode code) {
            this.code = code;
        }
    }

    @Test
    void ofSeveralFaultsTheFirstIsTheAnswer() {
        KeyPair small = TestKeys.rsa(TestKeys.prime(512), TestKeys.prime(512));
        Fault[] faults = Fault.values();
        for (int i = 0; i < faults.length; i++) {
            assertThat(code(small, List.of(faults[i]))).isEqualTo(faults[i].code);
            for (int j = i + 1; j < faults.length; j++) {
                assertThat(code(small, List.of(faults[i], faults[j])))
                        .as(faults[i] + " and " + faults[j])
                        .isEqualTo(faults[i].code);
            }
        }
        assertThat(code(small, List.of(faults))).isEqualTo(RefusalCode.CSR_TOO_LARGE);
    }

    @Test
    void theCodesStandInTheOrderOfTheRules() {
        List<RefusalCode> inOrder = new ArrayList<>();
        for (Fault fault : Fault.values()) {
            if (!inOrder.contains(fault.code)) {
                inOrder.add(fault.code);
            }
        }

        assertThat(inOrder).isSorted();
    }

    private static RefusalCode code(KeyPair small, List<Fault> faults) {
        KeyPair keys = faults.contains(Fault.KEY_SIZE) ? small : TestKeys.RSA_2048;
        RequestBuilder request = RequestBuilder.of(keys);
        Desk desk = new Desk();
        KeyHistory history =
                new KeyHistory(
                        Optional.of(faults.contains(Fault.FOREIGN) ? DEV2 : DEV1),
                        faults.contains(Fault.PRESENT),
                        faults.contains(Fault.COMPROMISED),
                        false);
        desk.knows(keys.getPublic(), history);
        for (Fault fault : faults) {
            breakRule(fault, request, desk, keys);
        }
        byte[] der = request.der();
        return desk.refusal(faults.contains(Fault.SIZE) ? Arrays.copyOf(der, 20_000) : der).code();
    }

    private static void breakRule(Fault fault, RequestBuilder request, Desk desk, KeyPair keys) {
        switch (fault) {
            case VERSION -> request.version(1);
            case TYPE -> desk.kinds(KeyKind.EC_P256);
            case WEAK -> desk.blocks(keys.getPublic());
            case ALGORITHM ->
                    request.signedWith(
                            new AlgorithmIdentifier(
                                    PKCSObjectIdentifiers.sha1WithRSAEncryption, DERNull.INSTANCE),
                            "SHA1withRSA",
                            null);
            case SIGNATURE -> request.wrongSignature();
            case SUBJECT -> request.subject("CN=dev2");
            case EXTENSION ->
                    request.extension(Extension.basicConstraints, new BasicConstraints(true));
            case NAME ->
                    request.extension(
                            Extension.subjectAlternativeName,
                            new GeneralNames(new GeneralName(GeneralName.dNSName, "dev1")));
            case LIFETIME -> desk.lifetime(Duration.ofDays(2000));
            default -> {
                // Broken elsewhere
            }
        }
    }

    @Test
    void whatIsKnownOfKeysIsAskedOnlyAfterTheProof() {
        Desk desk =
                new Desk()
                        .knows(
                                KEYS.getPublic(),
                                new KeyHistory(Optional.of(DEV2), true, true, false));

        // Whose key it is would be known to everybody who has a certificate otherwise
        assertThat(desk.refusal(RequestBuilder.of(KEYS).wrongSignature()).code())
                .isEqualTo(RefusalCode.CSR_SIGNATURE);
    }

    private static RefusalCode renewal(Desk desk) {
        return catchThrowableOfType(
                        RequestRefusedException.class, () -> desk.renew(KEYS.getPublic()))
                .code();
    }

    private static RefusalCode code(Desk desk) {
        return desk.refusal(RequestBuilder.of(KEYS)).code();
    }
}
