package io.muster.hub.certificates.enrolment;

import static io.muster.hub.certificates.enrolment.EnrolmentStage.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Revocation;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.config.certificates.EnrolmentConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of certificates whose issuer is revoked, in the registry. */
class RevokedIssuersTest {

    private static EnrolmentStage stage;
    private static int devices;

    private DeviceCertificates certificates;

    @BeforeAll
    static void openStage(@TempDir Path folder) {
        stage = EnrolmentStage.open(folder);
    }

    @AfterAll
    static void closeStage() {
        stage.close();
    }

    @BeforeEach
    void open() {
        certificates = stage.certificates(EnrolmentConfig.DEFAULT);
        stage.events.clear();
    }

    @AfterEach
    void close() {
        certificates.close();
    }

    private CertificateId issue() {
        return issue(stage.device("i" + ++devices));
    }

    private CertificateId issue(DeviceId device) {
        return certificates.enrolment().enrol(request(device, Csr.ofNewKey())).id();
    }

    private static IssuerId active() {
        return stage.authority.hierarchy().activeId(OwnAuthority.DEVICE_EC);
    }

    private static IssuerId rollOver() {
        IssuerId next = stage.authority.generations().prepare(OwnAuthority.DEVICE_EC);
        stage.authority.generations().activate(next);
        return next;
    }

    private static void revoke(IssuerId issuer, RevocationReason reason) {
        stage.authority.generations().revoke(issuer, reason, "anna");
    }

    private static Optional<Revocation> revocation(CertificateId id) {
        return stage.certificates.find(id).orElseThrow().revocation();
    }

    private static long valid(IssuerId issuer) {
        return stage.certificates
                .countValid(stage.clock.instant())
                .getOrDefault(issuer.toString(), 0L);
    }

    @Test
    void theyAreRevokedAndThoseOfOthersStay() {
        CertificateId before = issue();
        IssuerId doomed = rollOver();
        CertificateId first = issue();
        CertificateId second = issue();
        assertThat(valid(doomed)).isEqualTo(2);

        revoke(doomed, RevocationReason.CA_COMPROMISE);

        await().until(() -> valid(doomed) == 0);
        await().until(() -> stage.events.contains("published 2"));
        assertThat(stage.events).containsSubsequence("shut out 2", "published 2");
        assertThat(revocation(first).orElseThrow().actor()).isEqualTo("anna");
        assertThat(revocation(second).orElseThrow().reason())
                .isEqualTo(RevocationReason.UNSPECIFIED.code());
        assertThat(revocation(before)).isEmpty();
        rollOver();
    }

    @Test
    void reasonsThatMeanTheSameForBothAreKept() {
        IssuerId doomed = rollOver();
        CertificateId id = issue();

        revoke(doomed, RevocationReason.CESSATION_OF_OPERATION);

        await().until(() -> valid(doomed) == 0);
        assertThat(revocation(id).orElseThrow().reason())
                .isEqualTo(RevocationReason.CESSATION_OF_OPERATION.code());
        rollOver();
    }

    @Test
    void whatAProcessLeavesTheNextOneRevokes() {
        IssuerId doomed = rollOver();
        CertificateId id = issue();
        certificates.close();
        revoke(doomed, RevocationReason.CA_COMPROMISE);
        assertThat(revocation(id)).isEmpty();

        certificates = stage.certificates(EnrolmentConfig.DEFAULT);

        await().until(() -> valid(doomed) == 0);
        assertThat(revocation(id)).isPresent();
        rollOver();
    }

    @Test
    void theyDoNotKeepTheirDevicesFromOthers() {
        IssuerId doomed = rollOver();
        DeviceId device = stage.device("full");
        for (int i = 0; i < EnrolmentConfig.DEFAULT.liveMax(); i++) {
            issue(device);
        }
        revoke(doomed, RevocationReason.CA_COMPROMISE);
        rollOver();
        await().until(() -> valid(doomed) == 0);

        assertThat(issue(device).issuer()).isEqualTo(active().toString());
    }

    @Test
    void whoIsConnectedComesFirst() {
        stage.devices.products().create(Optional.of("first"), settings -> settings);
        DeviceId away = stage.devices.createDevice("first", Optional.of("a")).id();
        DeviceId here = stage.devices.createDevice("first", Optional.of("b")).id();
        issue(away);
        stage.connected.add(issue(here));
        stage.connected.add(issue());

        assertThat(
                        certificates
                                .bulk()
                                .revokeAll("first", RevocationReason.UNSPECIFIED, "anna")
                                .revoked())
                .isEqualTo(2);

        assertThat(stage.events).containsExactly("shut out 1", "shut out 1", "published 2");
        assertThat(revocation(stage.connected.get(0))).isPresent();
        assertThat(revocation(stage.connected.get(1))).isEmpty();
    }
}
