package io.muster.hub.certificates.enrolment;

import static io.muster.hub.certificates.enrolment.EnrolmentStage.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.muster.ca.RevocationReason;
import io.muster.ca.key.KeyKind;
import io.muster.ca.request.EncodedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.authority.OperatorOrder;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.revocation.BulkOutcome;
import io.muster.hub.certificates.revocation.RevocationOutcome;
import io.muster.hub.certificates.revocation.Supersession;
import io.muster.hub.config.certificates.EnrolmentConfig;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows a revocation, in which order, and what a failure changes. */
class RevocationFlowTest {

    private static EnrolmentStage stage;
    private static DeviceCertificates certificates;
    private static int devices;

    private DeviceId device;

    @BeforeAll
    static void open(@TempDir Path folder) {
        stage = EnrolmentStage.open(folder);
        certificates =
                stage.certificates(
                        new EnrolmentConfig(
                                3,
                                365,
                                1095,
                                Duration.ofDays(400),
                                true,
                                60,
                                2000,
                                Duration.ofSeconds(2)));
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @BeforeEach
    void createDevice() {
        device = stage.device("d" + ++devices);
        stage.events.clear();
        stage.closing = CompletableFuture.completedFuture(null);
        stage.listsFailure = Optional.empty();
        stage.hasLists = true;
    }

    private CertificateId issue(Csr csr) {
        return certificates.enrolment().enrol(request(device, csr)).id();
    }

    /** By means of another one. */
    private CertificateId renew(CertificateId by, Csr csr) {
        return certificates
                .enrolment()
                .enrol(
                        EnrolmentRequest.of(
                                device,
                                Requester.device(device, by),
                                EncodedRequest.of(csr.der()),
                                Wishes.NONE))
                .id();
    }

    private RevocationOutcome revoke(CertificateId id, RevocationReason reason) {
        return certificates.revocation().revoke(id, reason, "anna");
    }

    private static CertificateStatus status(CertificateId id) {
        return stage.certificates.find(id).orElseThrow().status();
    }

    @Test
    void whatIsRevokedIsShutOutAndThenComesOntoAList() {
        CertificateId id = issue(Csr.ofNewKey());

        RevocationOutcome outcome = revoke(id, RevocationReason.SUPERSEDED);

        assertThat(stage.events).containsExactly("shut out 1", "published 1");
        assertThat(outcome.crlNumber()).isPresent();
        assertThat(outcome.connectionsClosed()).isTrue();
        assertThat(status(id)).isEqualTo(CertificateStatus.REVOKED);
    }

    @Test
    void repeatedItTellsTheSame() {
        CertificateId id = issue(Csr.ofNewKey());
        RevocationOutcome first = revoke(id, RevocationReason.SUPERSEDED);

        assertThat(revoke(id, RevocationReason.PRIVILEGE_WITHDRAWN)).isEqualTo(first);
    }

    @Test
    void aListThatCannotBePublishedUndoesNothing() {
        CertificateId id = issue(Csr.ofNewKey());
        stage.listsFailure = Optional.of(new IllegalStateException("the disk is full"));

        RevocationOutcome outcome = revoke(id, RevocationReason.UNSPECIFIED);

        assertThat(outcome.crlNumber()).isEqualTo(OptionalLong.empty());
        assertThat(outcome.connectionsClosed()).isTrue();
        assertThat(status(id)).isEqualTo(CertificateStatus.REVOKED);
        stage.listsFailure = Optional.empty();
        assertThat(revoke(id, RevocationReason.UNSPECIFIED).crlNumber()).isPresent();
    }

    @Test
    void connectionsOfWhichNobodyKnowsThatTheyAreClosedKeepItFromNothing() {
        CertificateId id = issue(Csr.ofNewKey());
        stage.closing = CompletableFuture.failedFuture(new IllegalStateException("a loop is gone"));

        RevocationOutcome outcome = revoke(id, RevocationReason.UNSPECIFIED);

        assertThat(outcome.connectionsClosed()).isFalse();
        assertThat(outcome.crlNumber()).isPresent();
    }

    @Test
    void aCompromisedKeyTakesAlongWhatWasGotByIt() {
        KeyPair keys = Csr.ec("secp256r1");
        CertificateId first = issue(Csr.of(keys));
        CertificateId renewed = renew(first, Csr.ofNewKey());
        CertificateId beside = issue(Csr.ofNewKey());

        revoke(first, RevocationReason.KEY_COMPROMISE);

        assertThat(status(renewed)).isEqualTo(CertificateStatus.REVOKED);
        assertThat(status(beside)).isEqualTo(CertificateStatus.VALID);
        assertThat(stage.events).containsExactly("shut out 1", "shut out 2", "published 2");
    }

    @Test
    void aCompromisedKeyOfAnotherAuthorityTakesAlongWhatWasGotByItHere() {
        CertificateId external =
                CertificateId.external(Sha256.of(new byte[] {1}), BigInteger.valueOf(devices));
        Instant now = stage.clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Reservation bound =
                new Reservation(
                        external,
                        CertificateKind.EXTERNAL,
                        new Owner.Device(device),
                        Sha256.of(external.toString().getBytes(StandardCharsets.US_ASCII)),
                        new Validity(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1))),
                        new IssuanceRequest("anna", now, Optional.empty()),
                        Optional.empty());
        assertThat(stage.certificates.bind(Map.of(bound, Sha256.of(new byte[] {2})), 5)).isEmpty();
        CertificateId got = renew(external, Csr.ofNewKey());

        revoke(external, RevocationReason.KEY_COMPROMISE);

        assertThat(status(external)).isEqualTo(CertificateStatus.REVOKED);
        assertThat(status(got)).isEqualTo(CertificateStatus.REVOKED);
    }

    @Test
    void oneOfAServerIsRevokedAsThoseOfDevicesAre() {
        OperatorOrder order =
                OperatorOrder.forServer(stage.authority, List.of("hub2.example"), Optional.empty());
        long serial =
                order.issue(KeyKind.EC_P256, KeyKind.EC_P256.generate(new SecureRandom()))
                        .certificate()
                        .serial()
                        .value();
        CertificateId id = new CertificateId("server-g1", "%016x".formatted(serial));

        RevocationOutcome outcome = revoke(id, RevocationReason.KEY_COMPROMISE);

        assertThat(status(id)).isEqualTo(CertificateStatus.REVOKED);
        assertThat(outcome.crlNumber()).isPresent();
    }

    @Test
    void reasonsOfAuthoritiesAreNoneOfDevices() {
        CertificateId id = issue(Csr.ofNewKey());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> revoke(id, RevocationReason.CA_COMPROMISE));
        assertThat(status(id)).isEqualTo(CertificateStatus.VALID);
    }

    @Test
    void whatWasGotBeforeOthersHadTheKeyStays() {
        CertificateId first = issue(Csr.ofNewKey());
        CertificateId before = renew(first, Csr.ofNewKey());
        stage.pass(Duration.ofHours(1));
        Instant since = stage.clock.instant();
        CertificateId after = renew(first, Csr.ofNewKey());

        certificates.revocation().revoke(first, RevocationReason.KEY_COMPROMISE, since, "anna");

        assertThat(status(before)).isEqualTo(CertificateStatus.VALID);
        assertThat(status(after)).isEqualTo(CertificateStatus.REVOKED);
    }

    @Test
    void whatIsNoDevicesIsRevokedElsewhere() {
        stage.authority
                .hierarchy()
                .certificates()
                .forEach(
                        (issuer, certificate) -> {
                            String signer =
                                    issuer.authority().equals("root")
                                            ? issuer.toString()
                                            : "root-g1";
                            CertificateId id =
                                    new CertificateId(signer, certificate.serial().toString());
                            assertThatIllegalArgumentException()
                                    .isThrownBy(() -> revoke(id, RevocationReason.UNSPECIFIED))
                                    .withMessageContaining("authority/" + issuer);
                            assertThat(status(id)).isEqualTo(CertificateStatus.VALID);
                        });
        assertThat(stage.events).isEmpty();
        assertThat(status(issue(Csr.ofNewKey()))).isEqualTo(CertificateStatus.VALID);
    }

    @Test
    void whatThereIsNotIsNotRevoked() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () ->
                                revoke(
                                        new CertificateId("device-ec-g1", "0000000000000001"),
                                        RevocationReason.UNSPECIFIED));
    }

    @Test
    void allOfAProductAreRevokedWithOneListForMany() {
        stage.devices.products().create(Optional.of("bulk"), settings -> settings);
        for (int i = 0; i < 5; i++) {
            DeviceId one = stage.devices.createDevice("bulk", Optional.of("b" + i)).id();
            certificates.enrolment().enrol(request(one, Csr.ofNewKey()));
        }

        BulkOutcome outcome =
                certificates.bulk().revokeAll("bulk", RevocationReason.UNSPECIFIED, "anna");

        assertThat(outcome).isEqualTo(new BulkOutcome(5, true, true, true));
        assertThat(stage.events).containsExactly("shut out 5", "published 5");
    }

    @Test
    void whatOneRunCouldNotPublishTheNextOneDoes() {
        stage.devices.products().create(Optional.of("full"), settings -> settings);
        DeviceId one = stage.devices.createDevice("full", Optional.of("f")).id();
        CertificateId id = certificates.enrolment().enrol(request(one, Csr.ofNewKey())).id();
        stage.listsFailure = Optional.of(new IllegalStateException("the disk is full"));
        BulkOutcome first =
                certificates.bulk().revokeAll("full", RevocationReason.UNSPECIFIED, "anna");
        assertThat(first.done()).isTrue();
        assertThat(first.published()).isFalse();

        stage.listsFailure = Optional.empty();
        BulkOutcome second =
                certificates.bulk().revokeAll("full", RevocationReason.UNSPECIFIED, "anna");

        assertThat(second).isEqualTo(new BulkOutcome(0, true, true, true));
        assertThat(stage.events).endsWith("published 1");
        assertThat(revoke(id, RevocationReason.UNSPECIFIED).crlNumber()).isPresent();
    }

    @Test
    void whatCanComeOntoNoListAnyMoreIsNotTriedAgain() {
        CertificateId id = issue(Csr.ofNewKey());
        stage.hasLists = false;
        assertThat(revoke(id, RevocationReason.UNSPECIFIED).crlNumber()).isEmpty();

        assertThat(
                        certificates
                                .revocation()
                                .revokeAll(device, RevocationReason.UNSPECIFIED, "anna"))
                .isEqualTo(new BulkOutcome(0, true, true, true));

        assertThat(stage.events).containsExactly("shut out 1", "published 1");
    }

    @Test
    void aRunForAnotherReasonIsAnother() {
        stage.devices.products().create(Optional.of("twice"), settings -> settings);
        DeviceId one = stage.devices.createDevice("twice", Optional.of("t")).id();
        KeyPair keys = Csr.ec("secp256r1");
        CertificateId id = certificates.enrolment().enrol(request(one, Csr.of(keys))).id();

        certificates.bulk().revokeAll("twice", RevocationReason.UNSPECIFIED, "anna");
        certificates.bulk().revokeAll("twice", RevocationReason.KEY_COMPROMISE, "anna");

        assertThat(stage.certificates.find(id).orElseThrow().revocation().orElseThrow().reason())
                .isEqualTo(RevocationReason.KEY_COMPROMISE.code());
    }

    @Test
    void theCertificatesOfADeletedDeviceAreShutOut() {
        CertificateId id = issue(Csr.ofNewKey());

        stage.devices.deleteDevice(device, OptionalLong.empty());

        assertThat(stage.events).contains("shut out 1");
        assertThat(status(id)).isEqualTo(CertificateStatus.REVOKED);
        await().until(() -> stage.events.contains("published 1"));
    }

    @Test
    void aCertificateIsSupersededSomeTimeAfterItsSuccessorWasUsed() {
        CertificateId old = issue(Csr.ofNewKey());
        CertificateId next = renew(old, Csr.ofNewKey());
        Supersession supersession =
                new Supersession(
                        stage.certificates,
                        certificates.revocation(),
                        Duration.ofHours(24),
                        stage.clock);
        supersession.look();
        assertThat(status(old)).isEqualTo(CertificateStatus.VALID);

        stage.certificates.markUsed(Set.of(next), stage.clock.instant());
        stage.pass(Duration.ofHours(23));
        supersession.look();
        assertThat(status(old)).isEqualTo(CertificateStatus.VALID);
        stage.pass(Duration.ofHours(2));
        supersession.look();

        assertThat(status(old)).isEqualTo(CertificateStatus.REVOKED);
        assertThat(stage.certificates.find(old).orElseThrow().revocation().orElseThrow().reason())
                .isEqualTo(RevocationReason.SUPERSEDED.code());
        assertThat(status(next)).isEqualTo(CertificateStatus.VALID);
        supersession.close();
    }
}
