package io.muster.hub.certificates.enrolment;

import static io.muster.hub.certificates.enrolment.EnrolmentStage.PRODUCT;
import static io.muster.hub.certificates.enrolment.EnrolmentStage.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.request.EncodedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.product.CertificatePolicy;
import io.muster.devices.product.KeyType;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.config.certificates.EnrolmentConfig;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Each rule of {@link RefusalCode}, with a request that breaks it and none before it. */
class EnrolmentRulesTest {

    private static final EnrolmentConfig CONFIG = EnrolmentConfig.DEFAULT;

    private static EnrolmentStage stage;
    private static DeviceCertificates certificates;
    private static KeyPair rsa;
    private static int devices;

    private DeviceId device;

    @BeforeAll
    static void open(@TempDir Path folder) {
        stage = EnrolmentStage.open(folder);
        certificates = stage.certificates(CONFIG);
        rsa = Csr.rsa(2048);
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @BeforeEach
    void createDevice() {
        device = stage.device("d" + ++devices);
        policy(policy -> CertificatePolicy.AS_CONFIGURED);
    }

    private static void policy(UnaryOperator<CertificatePolicy> change) {
        stage.devices
                .products()
                .update(
                        PRODUCT,
                        OptionalLong.empty(),
                        old -> old.withCertificates(change.apply(old.certificates())));
    }

    private Enrolled enrol(Csr csr) {
        return enrol(request(device, csr));
    }

    private static Enrolled enrol(EnrolmentRequest request) {
        return certificates.enrolment().enrol(request);
    }

    private void assertRefused(RefusalCode code, Csr csr) {
        assertRefused(code, request(device, csr));
    }

    /** And nothing was stored. */
    private void assertRefused(RefusalCode code, EnrolmentRequest request) {
        int before = stage.count(certificates, request.device());
        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> enrol(request))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(code));
        assertThat(stage.count(certificates, request.device())).isEqualTo(before);
    }

    @Test
    void aGoodRequestIsGranted() {
        Enrolled enrolled = enrol(Csr.of(rsa).subject("CN=" + device.deviceKey()));

        assertThat(enrolled.id().issuer()).startsWith(OwnAuthority.DEVICE_RSA);
        assertThat(enrolled.certificate().validity().life()).isEqualTo(Duration.ofDays(365));
        assertThat(enrolled.chain()).hasSize(1);
        assertThat(stage.certificates.find(enrolled.id()).orElseThrow().device()).contains(device);
    }

    @Test
    void deviceIsThere() {
        assertRefused(
                RefusalCode.DEVICE_UNKNOWN,
                request(new DeviceId(PRODUCT, "nobody"), Csr.ofNewKey()));
    }

    @Test
    void deviceIsNotDisabledWhateverItsRequestIs() {
        stage.disable(device);

        assertRefused(RefusalCode.DEVICE_DISABLED, Csr.ofNewKey().algorithm("SHA512withECDSA"));
    }

    @Test
    void productAllowsCertificates() {
        policy(policy -> policy.withIssued(false));

        assertRefused(RefusalCode.PRODUCT_NO_CERT, Csr.ofNewKey());
    }

    @Test
    void deviceDoesNotAskTooOften() {
        DeviceCertificates once = stage.certificates(CONFIG.withDeviceRequestsPerHour(1));
        EnrolmentRequest own =
                EnrolmentRequest.of(
                        device,
                        Requester.device(device),
                        EncodedRequest.of(Csr.ofNewKey().subject("CN=other").der()),
                        Wishes.NONE);
        assertCode(once, own, RefusalCode.SUBJECT_MISMATCH);
        assertCode(once, own, RefusalCode.RATE_LIMITED);

        stage.nanos.addAndGet(Duration.ofHours(1).toNanos());
        assertCode(once, own, RefusalCode.SUBJECT_MISMATCH);
    }

    /** Whoever works with it gives it another one whatever it does. */
    @Test
    void nobodyAsksForADeviceTooOften() {
        DeviceCertificates once = stage.certificates(CONFIG.withDeviceRequestsPerHour(1));
        Csr wrong = Csr.ofNewKey().subject("CN=other");
        EnrolmentRequest own =
                EnrolmentRequest.of(
                        device,
                        Requester.device(device),
                        EncodedRequest.of(wrong.der()),
                        Wishes.NONE);
        assertCode(once, own, RefusalCode.SUBJECT_MISMATCH);
        assertCode(once, own, RefusalCode.RATE_LIMITED);

        assertCode(once, request(device, wrong), RefusalCode.SUBJECT_MISMATCH);
        assertCode(once, request(device, wrong), RefusalCode.RATE_LIMITED);
    }

    @Test
    void whatCannotBeReadIsCountedToo() {
        double before = refused("csr_malformed");

        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(
                        () ->
                                certificates
                                        .enrolment()
                                        .enrol(
                                                device,
                                                Requester.device(device),
                                                () ->
                                                        EnrolmentRequest.of(
                                                                device,
                                                                Requester.device(device),
                                                                EncodedRequest.of("nonsense"),
                                                                Wishes.NONE)));

        assertThat(refused("csr_malformed")).isEqualTo(before + 1);
    }

    private static double refused(String code) {
        var counter = stage.meters.find("muster.certificates.refused").tag("code", code).counter();
        return counter == null ? 0 : counter.count();
    }

    @Test
    void aDeviceRenewsInTheLastThirdOnlyWhereThatIsWanted() {
        DeviceCertificates strict = stage.certificates(CONFIG.withEarlyRenewal(false));
        Wishes aDay = Wishes.NONE.withValidDays(Optional.of(1));
        CertificateId old = enrol(request(device, Csr.ofNewKey(), aDay)).id();
        Requester byOld = Requester.device(device, old);
        EnrolmentRequest own = renewal(byOld, old);

        assertCode(strict, own, RefusalCode.NOT_RENEWABLE);
        CertificateId early =
                strict.enrolment().enrol(renewal(Requester.operator("anna"), old)).id();
        stage.pass(Duration.ofHours(15));
        assertCode(strict, renewal(byOld, old), RefusalCode.CERT_LIMIT);
        certificates.revocation().revoke(early, RevocationReason.UNSPECIFIED, "anna");
        assertCode(strict, renewal(byOld, old), RefusalCode.NOT_RENEWABLE);
        stage.pass(Duration.ofMinutes(61));

        assertThat(strict.enrolment().enrol(renewal(byOld, old)).id()).isNotEqualTo(old);
    }

    private EnrolmentRequest renewal(Requester requester, CertificateId old) {
        return new EnrolmentRequest(
                device,
                requester,
                Optional.of(EncodedRequest.of(Csr.ofNewKey().der())),
                Optional.of(old),
                EnrolmentForm.OWN,
                Wishes.NONE);
    }

    private static void assertCode(
            DeviceCertificates of, EnrolmentRequest request, RefusalCode code) {
        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> of.enrolment().enrol(request))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(code));
    }

    @Test
    void deviceHasFewerCertificatesThanItMayHaveWhateverItsRequestIs() {
        enrol(Csr.ofNewKey());
        enrol(Csr.ofNewKey());

        assertRefused(RefusalCode.CERT_LIMIT, Csr.ofNewKey().algorithm("SHA512withECDSA"));
    }

    @Test
    void requestIsOneOfRfc2986() {
        assertRefused(
                RefusalCode.CSR_MALFORMED,
                EnrolmentRequest.of(
                        device,
                        Requester.operator("anna"),
                        EncodedRequest.of(new byte[] {0x30, 0}),
                        Wishes.NONE));
    }

    /** Malformed, and too often: all are counted, and some are in the audit chain. */
    @Test
    void refusalsWithoutEndFillNoDisk() {
        DeviceCertificates few = stage.certificates(CONFIG.withDeviceRequestsPerHour(2));
        EnrolmentRequest malformed =
                EnrolmentRequest.of(
                        device,
                        Requester.device(device),
                        EncodedRequest.of(new byte[] {0x30, 0}),
                        Wishes.NONE);
        long before = stage.authority.audit().head().sequence();
        for (int i = 0; i < 20; i++) {
            assertThatExceptionOfType(RequestRefusedException.class)
                    .isThrownBy(
                            () ->
                                    few.enrolment()
                                            .enrol(
                                                    device,
                                                    Requester.device(device),
                                                    () -> {
                                                        throw new RequestRefusedException(
                                                                RefusalCode.CSR_MALFORMED, "no");
                                                    }));
            assertThatExceptionOfType(RequestRefusedException.class)
                    .isThrownBy(() -> few.enrolment().enrol(malformed));
        }
        assertThat(stage.authority.audit().head().sequence() - before).isEqualTo(4);
    }

    @Test
    void keyIsOfATypeThatTheProductAllows() {
        policy(policy -> policy.withKeyTypes(Set.of(KeyType.RSA_2048)));

        assertRefused(RefusalCode.KEY_TYPE_NOT_ALLOWED, Csr.ofNewKey());
        assertRefused(RefusalCode.KEY_TYPE_NOT_ALLOWED, Csr.of(Csr.ec("secp521r1")));
    }

    /** Where the listeners for mutual TLS have BoringSSL, whose clients have none of Ed25519. */
    @Test
    void keyIsOfATypeThatDevicesSignInWith() throws Exception {
        DeviceCertificates ofBoringSsl = stage.certificates(CONFIG, SignInKeys.ALL_BUT_ED25519);
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        EnrolmentRequest request = request(device, Csr.of(keys).algorithm("Ed25519"));

        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> ofBoringSsl.enrolment().enrol(request))
                .withMessageContaining("allowed are RSA of 2048 bits")
                .withMessageContaining("tls.provider = jdk")
                .satisfies(
                        refused ->
                                assertThat(refused.code())
                                        .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED));
        policy(policy -> policy.withKeyTypes(Set.of(KeyType.ED25519)));
        assertCode(ofBoringSsl, request, RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertCode(ofBoringSsl, request(device, Csr.ofNewKey()), RefusalCode.KEY_TYPE_NOT_ALLOWED);

        assertThat(certificates.enrolment().enrol(request).certificate()).isNotNull();
    }

    /** Whoever did use an RSA or EC key is not told to. */
    @Test
    void ofOtherKeysNothingIsSaidOfThoseThatDevicesDoNotSignInWith() {
        DeviceCertificates ofBoringSsl = stage.certificates(CONFIG, SignInKeys.ALL_BUT_ED25519);
        policy(policy -> policy.withKeyTypes(Set.of(KeyType.EC_P256)));

        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> ofBoringSsl.enrolment().enrol(request(device, Csr.of(rsa))))
                .withMessageContaining("allowed are EC on P-256")
                .withMessageNotContaining("Ed25519")
                .satisfies(
                        refused ->
                                assertThat(refused.code())
                                        .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED));
    }

    @Test
    void aProductOfKeysThatNoDeviceSignsInWithIsNotAskedTooOftenEither() {
        DeviceCertificates ofBoringSsl =
                stage.certificates(CONFIG.withDeviceRequestsPerHour(1), SignInKeys.ALL_BUT_ED25519);
        policy(policy -> policy.withKeyTypes(Set.of(KeyType.ED25519)));

        assertCode(ofBoringSsl, request(device, Csr.ofNewKey()), RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertCode(ofBoringSsl, request(device, Csr.ofNewKey()), RefusalCode.RATE_LIMITED);
    }

    @Test
    void theLogSaysAtTheStartWhichProductsGetNone() {
        policy(policy -> policy.withKeyTypes(Set.of(KeyType.ED25519)));
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        Logger logger = (Logger) LoggerFactory.getLogger(ProductRules.class);
        logger.addAppender(lines);
        try {
            stage.certificates(CONFIG, SignInKeys.ALL);
            assertThat(lines.list).isEmpty();
            stage.certificates(CONFIG, SignInKeys.ALL_BUT_ED25519);
            assertThat(lines.list)
                    .singleElement()
                    .satisfies(
                            line ->
                                    assertThat(line.getFormattedMessage())
                                            .contains("productKey=" + PRODUCT));
        } finally {
            logger.detachAppender(lines);
        }
    }

    @Test
    void rsaKeyIsOfASizeThatIsAllowed() {
        assertRefused(RefusalCode.KEY_SIZE_NOT_ALLOWED, Csr.of(Csr.rsa(1024)));
    }

    @Test
    void rsaKeyIsNotWeak() throws Exception {
        BigInteger composite =
                ((RSAPublicKey) rsa.getPublic())
                        .getModulus()
                        .subtract(BigInteger.TWO)
                        .divide(BigInteger.valueOf(3))
                        .setBit(0)
                        .multiply(BigInteger.valueOf(3));
        RSAPublicKey weak =
                (RSAPublicKey)
                        KeyFactory.getInstance("RSA")
                                .generatePublic(
                                        new RSAPublicKeySpec(composite, BigInteger.valueOf(65537)));

        assertRefused(RefusalCode.KEY_WEAK, Csr.of(new KeyPair(weak, rsa.getPrivate())));
    }

    @Test
    void signatureIsOfAnAlgorithmThatIsAllowed() {
        assertRefused(RefusalCode.CSR_SIGALG, Csr.ofNewKey().algorithm("SHA512withECDSA"));
    }

    @Test
    void signatureIsMadeWithTheKeyOfTheRequest() {
        KeyPair one = Csr.ec("secp256r1");
        KeyPair other = Csr.ec("secp256r1");

        assertRefused(
                RefusalCode.CSR_SIGNATURE,
                Csr.of(new KeyPair(one.getPublic(), other.getPrivate())));
    }

    @Test
    void keyIsNotThatOfAnotherDevice() {
        KeyPair keys = Csr.ec("secp256r1");
        enrol(request(stage.device("other" + devices), Csr.of(keys)));

        assertRefused(RefusalCode.KEY_REUSED, Csr.of(keys));
    }

    @Test
    void keyWasNeverCompromised() {
        KeyPair keys = Csr.ec("secp256r1");
        Enrolled enrolled = enrol(Csr.of(keys));
        certificates.revocation().revoke(enrolled.id(), RevocationReason.KEY_COMPROMISE, "anna");

        assertRefused(RefusalCode.KEY_COMPROMISED, Csr.of(keys));
    }

    @Test
    void keyIsNotInUseUnlessTheProductAllowsThat() {
        KeyPair keys = Csr.ec("secp256r1");
        enrol(Csr.of(keys));
        assertRefused(RefusalCode.KEY_REUSED, Csr.of(keys));

        policy(policy -> policy.withSameKeyRenewal(Optional.of(true)));
        assertThat(enrol(Csr.of(keys)).certificate().keyHash()).isEqualTo(enrolledOf(keys));
    }

    private static io.muster.ca.KeyHash enrolledOf(KeyPair keys) {
        return io.muster.ca.KeyHash.of(keys.getPublic());
    }

    @Test
    void subjectIsTheDevice() {
        assertRefused(RefusalCode.SUBJECT_MISMATCH, Csr.ofNewKey().subject("CN=other"));
        assertRefused(
                RefusalCode.SUBJECT_MISMATCH,
                Csr.ofNewKey().subject("OU=other,CN=" + device.deviceKey()));
    }

    @Test
    void noExtensionsAreAskedForThatTheCertificateWillNotHave() {
        assertRefused(
                RefusalCode.EXTENSION_NOT_ALLOWED,
                Csr.ofNewKey().extension(Extension.basicConstraints, new BasicConstraints(true)));
    }

    @Test
    void noNamesAreAskedForThatAreNotTheDevices() {
        assertRefused(
                RefusalCode.SAN_NOT_ALLOWED,
                Csr.ofNewKey()
                        .extension(
                                Extension.subjectAlternativeName,
                                new GeneralNames(
                                        new GeneralName(GeneralName.dNSName, "hub.example"))));
    }

    @Test
    void lifetimeIsAllowed() {
        for (int days : new int[] {0, -1, 1096}) {
            assertRefused(
                    RefusalCode.VALIDITY_RANGE,
                    request(device, Csr.ofNewKey(), Wishes.NONE.withValidDays(Optional.of(days))));
        }
        policy(policy -> policy.withDays(Optional.empty(), Optional.of(3650)));
        // Longer than its issuer lives.
        assertRefused(
                RefusalCode.VALIDITY_RANGE,
                request(device, Csr.ofNewKey(), Wishes.NONE.withValidDays(Optional.of(3650))));
    }

    @Test
    void issuerIsThere() {
        DeviceCertificates withoutRsa =
                stage.certificates(
                        CONFIG,
                        new DeviceIssuers(
                                stage.authority.authority(),
                                Map.of(IssuerAlgorithm.EC, OwnAuthority.DEVICE_EC),
                                stage.authority.deviceProfile(),
                                null,
                                stage.clock));

        assertCode(
                withoutRsa, request(device, Csr.of(Csr.rsa(2048))), RefusalCode.ISSUER_UNAVAILABLE);
        assertThat(stage.count(certificates, device)).isZero();
    }

    @Test
    void renewedIsOnlyWhatIsGoodAndTheDevicesOwn() {
        Enrolled foreign = enrol(request(stage.device("foreign" + devices), Csr.ofNewKey()));
        Enrolled own = enrol(Csr.ofNewKey());
        certificates.revocation().revoke(own.id(), RevocationReason.UNSPECIFIED, "anna");

        for (Enrolled before : new Enrolled[] {foreign, own}) {
            assertRefused(
                    RefusalCode.NOT_RENEWABLE,
                    new EnrolmentRequest(
                            device,
                            Requester.operator("anna"),
                            Optional.of(EncodedRequest.of(Csr.ofNewKey().der())),
                            Optional.of(before.id()),
                            EnrolmentForm.OWN,
                            Wishes.NONE));
        }
    }

    @Test
    void theSameRequestBringsTheSameCertificateAlsoWhereThereIsNoRoomForMore() {
        Wishes wishes = Wishes.NONE.withRequestKey(Optional.of("one"));
        EnrolmentRequest request = request(device, Csr.ofNewKey(), wishes);
        Enrolled first = enrol(request);
        enrol(Csr.ofNewKey());

        assertThat(enrol(request)).isEqualTo(first);
        assertThat(stage.count(certificates, device)).isEqualTo(2);
    }
}
