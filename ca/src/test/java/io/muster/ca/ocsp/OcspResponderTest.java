package io.muster.ca.ocsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import io.muster.ca.pki.TestAuthority;
import io.muster.ca.pki.TestClock;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OcspResponderTest {

    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00.25Z");
    private static final SerialNumber SERIAL = SerialNumber.parse("123456789abcdef0");
    private static final TestAuthority DEVICES = TestAuthority.root("Devices G1", NOW);
    private static final TestAuthority SERVERS = TestAuthority.root("Servers G1", NOW);
    private static final TestAuthority STRANGER = TestAuthority.root("Stranger", NOW);
    private static final TestAuthority DELEGATED =
            DEVICES.ocspResponder(NOW, Duration.ofDays(1).plus(Duration.ofMinutes(30)));

    private final TestClock clock = new TestClock(NOW);
    private final Map<SerialNumber, CertificateState> states = new ConcurrentHashMap<>();
    private final CountingKey key = new CountingKey(DEVICES);
    private final OcspResponder responder =
            responder(OcspSigner.issuer(DEVICES.certificate(), key));

    @Test
    void aGoodCertificateIsGood() throws Exception {
        states.put(SERIAL, CertificateState.GOOD);

        OcspAnswer answer = ask(SERIAL);

        assertThat(answer.status()).isEqualTo(OcspStatus.SUCCESSFUL);
        BasicOCSPResp basic = basic(answer);
        SingleResp single = basic.getResponses()[0];
        assertThat(single.getCertStatus()).isEqualTo(CertificateStatus.GOOD);
        assertThat(single.getCertID().getSerialNumber()).isEqualTo(SERIAL.toInteger());
        assertThat(single.getThisUpdate().toInstant()).isEqualTo("2026-11-30T11:59:00Z");
        assertThat(single.getNextUpdate().toInstant()).isEqualTo("2026-11-30T13:00:00Z");
        assertThat(basic.getProducedAt().toInstant()).isEqualTo("2026-11-30T12:00:00Z");
        assertThat(basic.getCerts()).as("who asks has the issuer").isEmpty();
        assertThat(
                        basic.isSignatureValid(
                                new JcaContentVerifierProviderBuilder()
                                        .build(DEVICES.certificate())))
                .isTrue();
    }

    @Test
    void aRevokedOneTellsSinceWhenAndWhy() throws Exception {
        Instant at = Instant.parse("2026-11-01T00:00:00.9Z");
        states.put(SERIAL, CertificateState.revoked(at, RevocationReason.SUPERSEDED));

        RevokedStatus status = (RevokedStatus) status(ask(SERIAL));

        assertThat(status.getRevocationTime().toInstant()).isEqualTo("2026-11-01T00:00:00Z");
        assertThat(status.getRevocationReason()).isEqualTo(4);
    }

    @Test
    void aReasonThatIsNotToldIsNotThere() throws Exception {
        states.put(SERIAL, CertificateState.revoked(NOW, RevocationReason.UNSPECIFIED));

        assertThat(((RevokedStatus) status(ask(SERIAL))).hasRevocationReason()).isFalse();
    }

    @Test
    void aNumberThatWasNeverGivenIsUnknown() throws Exception {
        assertThat(status(ask(SERIAL))).isInstanceOf(UnknownStatus.class);
    }

    @Test
    void numbersThatNobodyCouldHaveGivenAreUnknown() throws Exception {
        for (BigInteger serial :
                List.of(BigInteger.ZERO, BigInteger.ONE.negate(), BigInteger.ONE.shiftLeft(120))) {
            byte[] request = new OcspRequests().and(DEVICES.certificate(), serial).encode();

            assertThat(status(responder.answer(request))).isInstanceOf(UnknownStatus.class);
        }
    }

    @Test
    void severalAreAnsweredTogetherInTheOrderAsked() throws Exception {
        states.put(SERIAL, CertificateState.GOOD);
        byte[] request =
                new OcspRequests()
                        .and(DEVICES.certificate(), SERIAL.toInteger())
                        .and(STRANGER.certificate(), SERIAL.toInteger())
                        .and(
                                DEVICES.certificate(),
                                SERIAL.toInteger(),
                                NISTObjectIdentifiers.id_sha256)
                        .encode();

        SingleResp[] all = basic(responder.answer(request)).getResponses();

        assertThat(all).hasSize(3);
        assertThat(all[0].getCertStatus()).isEqualTo(CertificateStatus.GOOD);
        assertThat(all[1].getCertStatus()).isInstanceOf(UnknownStatus.class);
        assertThat(all[2].getCertStatus()).isEqualTo(CertificateStatus.GOOD);
        assertThat(all[2].getCertID().getHashAlgOID()).isEqualTo(NISTObjectIdentifiers.id_sha256);
    }

    @Test
    void eachIssuerSignsForItsOwn() throws Exception {
        byte[] request = OcspRequests.about(SERVERS.certificate(), SERIAL);

        BasicOCSPResp basic = basic(responder.answer(request));

        assertThat(
                        basic.isSignatureValid(
                                new JcaContentVerifierProviderBuilder()
                                        .build(SERVERS.certificate())))
                .isTrue();
    }

    @Test
    void nobodyIsAskedAboutCertificatesOfStrangers() {
        assertRefused(OcspStatus.UNAUTHORIZED, OcspRequests.about(STRANGER.certificate(), SERIAL));
        assertRefused(
                OcspStatus.UNAUTHORIZED,
                new OcspRequests()
                        .and(
                                DEVICES.certificate(),
                                SERIAL.toInteger(),
                                NISTObjectIdentifiers.id_sha224)
                        .encode());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 127})
    void aNonceComesBackAndNoCacheKeepsTheAnswer(int length) throws Exception {
        states.put(SERIAL, CertificateState.GOOD);
        byte[] request = one().nonce(length).encode();

        OcspAnswer answer = responder.answer(request);

        assertThat(
                        basic(answer)
                                .getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce)
                                .getExtnValue()
                                .getOctets())
                .hasSizeGreaterThanOrEqualTo(length + 2);
        assertThat(answer.validity()).isEmpty();
        responder.answer(request);
        assertThat(key.used).hasValue(2);
    }

    @Test
    void requestsThatAskForTooMuchAreMalformed() {
        assertRefused(OcspStatus.MALFORMED_REQUEST, one().nonce(0).encode());
        assertRefused(OcspStatus.MALFORMED_REQUEST, one().nonce(129).encode());
        OcspRequests many = new OcspRequests();
        for (int i = 0; i < OcspRequest.MAX_CERTIFICATES; i++) {
            many.and(DEVICES.certificate(), BigInteger.valueOf(i));
        }
        assertThat(responder.answer(many.encode()).status()).isEqualTo(OcspStatus.SUCCESSFUL);
        assertRefused(
                OcspStatus.MALFORMED_REQUEST,
                many.and(DEVICES.certificate(), BigInteger.TEN).encode());
        assertRefused(OcspStatus.MALFORMED_REQUEST, new OcspRequests().encode());
        byte[] padded =
                one().extension(
                                new ASN1ObjectIdentifier("1.2.3"),
                                false,
                                new byte[OcspRequest.MAX_BYTES])
                        .encode();
        assertRefused(OcspStatus.MALFORMED_REQUEST, padded);
    }

    @Test
    void whatIsNotUnderstoodIsMalformed() {
        ASN1ObjectIdentifier strange = new ASN1ObjectIdentifier("1.2.3");
        assertRefused(
                OcspStatus.MALFORMED_REQUEST,
                one().extension(strange, true, new byte[] {5, 0}).encode());
        assertThat(
                        responder
                                .answer(one().extension(strange, false, new byte[] {5, 0}).encode())
                                .status())
                .isEqualTo(OcspStatus.SUCCESSFUL);
        assertRefused(OcspStatus.MALFORMED_REQUEST, one().encodeOfVersionTwo());
        assertRefused(
                OcspStatus.MALFORMED_REQUEST,
                one().extension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce, false, new byte[] {1, 2})
                        .encode());
        assertRefused(OcspStatus.MALFORMED_REQUEST, new byte[0]);
        assertRefused(OcspStatus.MALFORMED_REQUEST, new byte[] {5, 0});
        byte[] whole = one().encode();
        assertRefused(OcspStatus.MALFORMED_REQUEST, Arrays.copyOf(whole, whole.length + 1));
    }

    @Test
    void anErrorIsNeitherSignedNorKept() throws Exception {
        OcspAnswer answer = responder.answer(new byte[0]);

        OCSPResp response = new OCSPResp(answer.encoded());
        assertThat(response.getStatus()).isEqualTo(1);
        assertThat(response.getResponseObject()).isNull();
        assertThat(answer.validity()).isEmpty();
        assertThat(answer.detail()).isNotEmpty();
        assertThat(key.used).hasValue(0);
    }

    @Test
    void whateverComesIsAnsweredAndInTime() {
        byte[] whole = one().nonce(16).encode();
        Random random = new Random(3);

        for (int at = 0; at < whole.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = whole.clone();
                changed[at] ^= (byte) (1 << bit);
                assertThat(responder.answer(changed).encoded()).isNotEmpty();
            }
            assertRefused(OcspStatus.MALFORMED_REQUEST, Arrays.copyOf(whole, at));
        }
        for (int i = 0; i < 5000; i++) {
            byte[] noise = new byte[random.nextInt(120)];
            random.nextBytes(noise);
            if (noise.length > 2) {
                noise[0] = 0x30;
                noise[1] = (byte) (noise.length - 2);
            }
            assertThat(responder.answer(noise).status()).isNotEqualTo(OcspStatus.SUCCESSFUL);
        }
    }

    @Test
    void deepNestingIsMalformed() {
        byte[] open = new byte[OcspRequest.MAX_BYTES];
        for (int i = 0; i + 1 < open.length; i += 2) {
            open[i] = 0x30;
            open[i + 1] = (byte) 0x80;
        }
        assertRefused(OcspStatus.MALFORMED_REQUEST, open);
        byte[] nested = {};
        while (nested.length < OcspRequest.MAX_BYTES - 8) {
            nested = wrapped(nested);
        }
        assertRefused(OcspStatus.MALFORMED_REQUEST, nested);
    }

    private static byte[] wrapped(byte[] content) {
        byte[] head =
                content.length < 128
                        ? new byte[] {0x30, (byte) content.length}
                        : new byte[] {
                            0x30, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length
                        };
        byte[] all = Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, all, head.length, content.length);
        return all;
    }

    @Test
    void aGetCarriesTheRequestInItsAddress() throws Exception {
        states.put(SERIAL, CertificateState.GOOD);
        for (int nonce = 1; nonce <= 32; nonce++) {
            byte[] request = one().nonce(nonce).encode();
            String text = Base64.getEncoder().encodeToString(request);
            String escaped = URLEncoder.encode(text, StandardCharsets.US_ASCII);

            assertThat(responder.answerPath(escaped).status()).isEqualTo(OcspStatus.SUCCESSFUL);
            assertThat(
                            responder
                                    .answerPath(escaped.replace("%3D", "%3d").replace("%2F", "/"))
                                    .status())
                    .isEqualTo(OcspStatus.SUCCESSFUL);
            assertThat(responder.answerPath("/" + text).status()).isEqualTo(OcspStatus.SUCCESSFUL);
        }
    }

    @Test
    void anAddressThatIsNoRequestIsMalformed() {
        for (String path :
                List.of("", "/", "abc", "%", "%zz", "a b", "MEow%00", "x".repeat(40_000), "äöü")) {
            assertThat(responder.answerPath(path).status())
                    .as(path)
                    .isEqualTo(OcspStatus.MALFORMED_REQUEST);
        }
    }

    @Test
    void theSameIsNotSignedTwiceUntilHalfOfItsTimeIsOver() {
        states.put(SERIAL, CertificateState.GOOD);
        OcspAnswer first = ask(SERIAL);
        assertThat(first.validity().orElseThrow().cacheFor(NOW))
                .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));

        clock.advance(Duration.ofMinutes(29));
        assertThat(ask(SERIAL).encoded()).isEqualTo(first.encoded());
        assertThat(key.used).hasValue(1);
        clock.advance(Duration.ofMinutes(2));
        ask(SERIAL);
        assertThat(key.used).hasValue(2);
        clock.advance(Duration.ofDays(-1).plusMinutes(10));
        ask(SERIAL);
        assertThat(key.used).as("also when the clock is put back").hasValue(3);
    }

    @Test
    void aRevocationIsToldAtOnce() throws Exception {
        states.put(SERIAL, CertificateState.GOOD);
        ask(SERIAL);

        states.put(SERIAL, CertificateState.revoked(NOW, RevocationReason.KEY_COMPROMISE));

        assertThat(status(ask(SERIAL))).isInstanceOf(RevokedStatus.class);
    }

    @Test
    void aDelegatedResponderSendsItsCertificateAndNeverSignsBeyondItsEnd() throws Exception {
        OcspResponder delegated =
                responder(
                        OcspSigner.delegated(
                                DEVICES.certificate(), DELEGATED.certificate(), DELEGATED));
        byte[] request = OcspRequests.about(DEVICES.certificate(), SERIAL);

        BasicOCSPResp basic = basic(delegated.answer(request));

        assertThat(basic.getCerts()).containsExactly(DELEGATED.certificate());
        assertThat(
                        basic.isSignatureValid(
                                new JcaContentVerifierProviderBuilder()
                                        .build(DELEGATED.certificate())))
                .isTrue();
        assertThat(basic.getResponses()[0].getNextUpdate())
                .isEqualTo(DELEGATED.certificate().getNotAfter());
        clock.advance(Duration.ofMinutes(31));
        OcspAnswer late = delegated.answer(request);
        assertThat(late.status()).isEqualTo(OcspStatus.INTERNAL_ERROR);
        assertThat(late.detail()).contains("CN=OCSP responder");
    }

    @Test
    void whoMayNotSignAnswersIsRefused() {
        var leaf = DEVICES.device(SERIAL, NOW, "http://hub.example/crl");
        var foreign = STRANGER.ocspResponder(NOW, Duration.ofDays(2));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> OcspSigner.delegated(DEVICES.certificate(), leaf, DEVICES))
                .withMessageContaining("no OCSPSigning");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                OcspSigner.delegated(
                                        DEVICES.certificate(), foreign.certificate(), foreign))
                .withMessageContaining("is not certified by CN=Devices G1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OcspSigner.issuer(DEVICES.certificate(), SERVERS))
                .withMessageContaining("the key is not the one");
    }

    @Test
    void whoeverAsksIsToComeLaterWhileNothingCanBeLookedUp() {
        OcspIssuer broken =
                new OcspIssuer(
                        DEVICES.certificate(),
                        OcspSigner.issuer(DEVICES.certificate(), DEVICES),
                        serial -> {
                            throw new IllegalStateException("database is away");
                        });
        OcspResponder responder =
                new OcspResponder(List.of(broken), OcspResponder.DEFAULT_LIFETIME, clock);

        assertThat(responder.answer(one().encode()).status()).isEqualTo(OcspStatus.TRY_LATER);
    }

    @Test
    void moreThanMayBeSignedAtOnceAreToComeLater() throws Exception {
        CountDownLatch signing = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        SigningKey slow =
                new SigningKey() {
                    @Override
                    public PublicKey publicKey() {
                        return DEVICES.publicKey();
                    }

                    @Override
                    public ContentSigner signer() {
                        signing.countDown();
                        try {
                            assertThat(goesOn.await(5, TimeUnit.SECONDS)).isTrue();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return DEVICES.signer();
                    }
                };
        OcspIssuer issuer =
                new OcspIssuer(
                        DEVICES.certificate(),
                        OcspSigner.issuer(DEVICES.certificate(), slow),
                        serial -> CertificateState.GOOD);
        OcspResponder one =
                new OcspResponder(List.of(issuer), OcspResponder.DEFAULT_LIFETIME, clock, 1);
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Future<OcspAnswer> first = pool.submit(() -> one.answer(one().nonce(1).encode()));
        signing.await();

        assertThat(one.answer(one().nonce(2).encode()).status()).isEqualTo(OcspStatus.TRY_LATER);

        goesOn.countDown();
        assertThat(first.get().status()).isEqualTo(OcspStatus.SUCCESSFUL);
        assertThat(one.answer(one().nonce(2).encode()).status()).isEqualTo(OcspStatus.SUCCESSFUL);
        pool.shutdown();
    }

    @Test
    void whatIsNotDerIsMalformedBeforeItIsRead() {
        byte[] whole = one().encode();
        byte[] indefinite = new byte[whole.length + 2];
        System.arraycopy(whole, 2, indefinite, 2, whole.length - 2);
        indefinite[0] = 0x30;
        indefinite[1] = (byte) 0x80;

        assertThat(responder.answer(whole).status()).isEqualTo(OcspStatus.SUCCESSFUL);
        assertRefused(OcspStatus.MALFORMED_REQUEST, indefinite);
        assertRefused(OcspStatus.MALFORMED_REQUEST, Arrays.copyOf(whole, whole.length + 1));
    }

    @Test
    void aKeyThatCannotBeUsedIsAnInternalError() {
        key.isLost = true;

        assertRefused(OcspStatus.INTERNAL_ERROR, one().encode());
    }

    private OcspResponder responder(OcspSigner signer) {
        CertificateStates lookup = serial -> states.getOrDefault(serial, CertificateState.UNKNOWN);
        return new OcspResponder(
                List.of(
                        new OcspIssuer(DEVICES.certificate(), signer, lookup),
                        new OcspIssuer(
                                SERVERS.certificate(),
                                OcspSigner.issuer(SERVERS.certificate(), SERVERS),
                                lookup)),
                OcspResponder.DEFAULT_LIFETIME,
                clock);
    }

    private static OcspRequests one() {
        return new OcspRequests().and(DEVICES.certificate(), SERIAL.toInteger());
    }

    private OcspAnswer ask(SerialNumber serial) {
        return responder.answer(OcspRequests.about(DEVICES.certificate(), serial));
    }

    private void assertRefused(OcspStatus status, byte[] request) {
        OcspAnswer answer = responder.answer(request);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.validity()).isEmpty();
    }

    private static CertificateStatus status(OcspAnswer answer) throws Exception {
        return basic(answer).getResponses()[0].getCertStatus();
    }

    private static BasicOCSPResp basic(OcspAnswer answer) throws Exception {
        OCSPResp response = new OCSPResp(answer.encoded());
        assertThat(response.getStatus()).isZero();
        return (BasicOCSPResp) response.getResponseObject();
    }

    /** Counts how often it signs, until it is lost. */
    private static final class CountingKey implements SigningKey {

        final AtomicInteger used = new AtomicInteger();
        volatile boolean isLost;
        private final SigningKey key;

        CountingKey(SigningKey key) {
            this.key = key;
        }

        @Override
        public PublicKey publicKey() {
            return key.publicKey();
        }

        @Override
        public ContentSigner signer() {
            if (isLost) {
                throw new KeyUnusableException("the token is gone", new IOException());
            }
            used.incrementAndGet();
            return key.signer();
        }
    }
}
