package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.IssuerId;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.crl.CrlIssuer;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.crl.CrlUnpublishedException;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.crl.RevocationLists;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.SigningKey;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.view.LedgerCrlNumbers;
import io.muster.ca.ledger.view.LedgerRevocations;
import io.muster.ca.ocsp.CertificateState;
import io.muster.ca.ocsp.OcspIssuer;
import io.muster.ca.ocsp.OcspResponder;
import io.muster.ca.ocsp.OcspSigner;
import io.muster.ca.pki.Issuers;
import io.muster.ca.pki.OpenSsl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bouncycastle.cert.X509CertificateHolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What openssl makes of the whole: what was issued, against the lists that were published. */
class AuthorityOpenSslTest {

    private static final IssuerId ROOT = new IssuerId("root", 1);
    private static final IssuerId DEVICES = new IssuerId("device-ec", 1);
    private static final IssuerId SERVERS = new IssuerId("server", 1);

    private final Path folder;
    private final OpenSsl openssl;
    private final MemoryKeys keys = new MemoryKeys();
    private final TestHierarchy test;
    private final Hierarchy hierarchy;
    private final CertificateAuthority authority;
    private final AuditChain audit;
    private final Map<IssuerId, RevocationLists> lists = new TreeMap<>(Hierarchy.ORDER);
    private final Map<IssuerId, LedgerRevocations> revocations = new TreeMap<>(Hierarchy.ORDER);

    AuthorityOpenSslTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        this.openssl = new OpenSsl(folder);
        this.test = new TestHierarchy(folder.resolve("ca"), keys);
        HierarchySettings settings =
                new HierarchySettings(
                        "Test Inc",
                        TestHierarchy.SETTINGS.root(),
                        TestHierarchy.SETTINGS.issuing(),
                        new PublicAddresses("http://hub.example", 3, null));
        this.hierarchy = test.open(settings, keys, test.ledger);
        this.authority =
                new CertificateAuthority(
                        hierarchy, test.issuance(test.ledger), test.ledger, test.clock);
        this.audit = AuditChain.open(folder.resolve("audit"), test.clock);
        List.of(ROOT, DEVICES, SERVERS).forEach(this::openLists);
    }

    private void openLists(IssuerId id) {
        boolean isRoot = id.authority().equals("root");
        CrlIssuer issuer =
                hierarchy.crlIssuer(id, isRoot ? CrlTimes.OFFLINE_ROOT : CrlTimes.DEFAULT);
        LedgerRevocations revoked = revocations.computeIfAbsent(id, this::revocations);
        lists.put(
                id,
                RevocationLists.open(
                        issuer,
                        revoked,
                        new LedgerCrlNumbers(test.ledger, id),
                        folder.resolve("crl").resolve(id.toString()),
                        audit));
    }

    private LedgerRevocations revocations(IssuerId id) {
        CrlPartitions partitions =
                hierarchy
                        .issuer(id)
                        .map(issuer -> issuer.addresses().lists())
                        .orElse(CrlPartitions.complete("http://hub.example/root.crl"));
        return new LedgerRevocations(test.ledger, id, partitions);
    }

    @AfterEach
    void end() {
        audit.close();
    }

    @Test
    void whatIsIssuedIsGoodUntilItIsOnItsList() {
        List<LedgerEntry> devices = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            devices.add(authority.issue("device-ec", Orders.device("d" + i)));
        }
        LedgerEntry server = authority.issue("server", Orders.server());
        devices.forEach(this::assertGood);
        assertThat(verify(ROOT, "sslserver", server).output()).contains("leaf.pem: OK");

        for (LedgerEntry device : devices.subList(0, 3)) {
            authority.revoke(device.id(), RevocationReason.SUPERSEDED, "operator");
        }
        list(DEVICES).publish(devices.stream().map(device -> device.id().serial()).toList());
        authority.revoke(server.id(), RevocationReason.KEY_COMPROMISE, "operator");
        list(SERVERS).publish(server.id().serial());

        devices.subList(0, 3).forEach(device -> assertRevoked("sslclient", device, 0));
        devices.subList(3, 6).forEach(this::assertGood);
        assertRevoked("sslserver", server, 0);
    }

    @Test
    void aRevokedIssuerTakesItsCertificatesWithIt() {
        LedgerEntry device = authority.issue("device-ec", Orders.device("d1"));
        CertificateId issuer = new CertificateId(ROOT, certificate(DEVICES).serial());

        authority.revokeAuthority(DEVICES, RevocationReason.CA_COMPROMISE, "operator");
        list(ROOT).publish(issuer.serial());

        assertRevoked("sslclient", device, 1);
    }

    @Test
    void theListsOfTheNextGenerationsFitWhicheverRootIsTrusted() {
        hierarchy.activate(hierarchy.prepareNext("root"));
        hierarchy.activate(hierarchy.prepareNext("device-ec"));
        LedgerEntry device = authority.issue("device-ec", Orders.device("d1"));
        openLists(ROOT.next());
        openLists(DEVICES.next());

        assertThat(verify(ROOT.next(), "sslclient", device).output()).contains("leaf.pem: OK");
        assertThat(verify(ROOT, "sslclient", device).output()).contains("leaf.pem: OK");
    }

    @Test
    void theListOfARootWhoseKeyIsElsewhereIsServedAndTheNextComesWithTheKey() {
        keys.take("root-g1");
        openLists(ROOT);
        CertificateId issuer = new CertificateId(ROOT, certificate(DEVICES).serial());
        authority.revokeAuthority(DEVICES, RevocationReason.CA_COMPROMISE, "operator");
        assertThatExceptionOfType(CrlUnpublishedException.class)
                .isThrownBy(() -> list(ROOT).publish(issuer.serial()))
                .withMessageContaining("key root-g1 is not here");
        assertThat(list(ROOT).published(0).contains(issuer.serial())).isFalse();

        keys.bringBack("root-g1");

        assertThat(list(ROOT).reissueDue().published())
                .singleElement()
                .matches(crl -> crl.contains(issuer.serial()));
    }

    @Test
    void itTakesTheAnswersOfAResponderThatHasItsCertificateFromUs() throws Exception {
        LedgerEntry device = authority.issue("device-ec", Orders.device("d1"));
        SigningKey key = Issuers.key(KeyKind.EC_P256);
        LedgerEntry responder =
                authority.issue(
                        "device-ec",
                        CertificateOrder.ofOwnKey(
                                IssuanceProfile.of(CertificateKind.OCSP_SIGNER),
                                Subject.authority("Test OCSP", "Test"),
                                key,
                                new Owner.Server("ocsp"),
                                "operator"));
        assertThat(responder.reservation().validity().life()).isEqualTo(Duration.ofDays(30));
        X509CertificateHolder issuer = certificate(DEVICES).holder();
        OcspSigner signer =
                OcspSigner.delegated(issuer, responder.requireCertificate().holder(), key);
        OcspResponder answers =
                new OcspResponder(
                        List.of(new OcspIssuer(issuer, signer, serial -> CertificateState.GOOD)),
                        OcspResponder.DEFAULT_LIFETIME,
                        test.clock);
        openssl.writeCertificates("root.pem", certificate(ROOT).holder());
        openssl.writeCertificates("issuer.pem", issuer);
        openssl.writeCertificates("leaf.pem", device.requireCertificate().holder());
        openssl.run("ocsp", "-issuer", "issuer.pem", "-cert", "leaf.pem", "-reqout", "req.der");

        openssl.write("resp.der", answers.answer(openssl.read("req.der")).encoded());

        assertThat(
                        openssl.run(
                                        "ocsp",
                                        "-issuer",
                                        "issuer.pem",
                                        "-cert",
                                        "leaf.pem",
                                        "-CAfile",
                                        "root.pem",
                                        "-verify_other",
                                        "issuer.pem",
                                        "-attime",
                                        at(),
                                        "-no_nonce",
                                        "-respin",
                                        "resp.der")
                                .output())
                .contains("Response verify OK");
    }

    private void assertGood(LedgerEntry device) {
        OpenSsl.Answer answer = verify(ROOT, "sslclient", device);
        assertThat(answer.exitCode()).as(answer.output()).isZero();
    }

    private void assertRevoked(String purpose, LedgerEntry leaf, int depth) {
        OpenSsl.Answer answer = verify(ROOT, purpose, leaf);
        assertThat(answer.exitCode()).isNotZero();
        assertThat(answer.output()).contains("at " + depth + " depth lookup: certificate revoked");
    }

    /** Against all lists that are published, with one root trusted. */
    private OpenSsl.Answer verify(IssuerId root, String purpose, LedgerEntry leaf) {
        openssl.writeCertificates("root.pem", certificate(root).holder());
        openssl.writeCertificates(
                "others.pem",
                Stream.concat(
                                hierarchy.issuers().stream().map(Issuer::certificate),
                                hierarchy.crossCertificates().stream())
                        .map(IssuedCertificate::holder)
                        .toArray(X509CertificateHolder[]::new));
        openssl.writeCertificates("leaf.pem", leaf.requireCertificate().holder());
        openssl.writeCrls(
                "crls.pem",
                lists.values().stream()
                        .flatMap(one -> one.published().stream())
                        .map(PublishedCrl::encoded)
                        .toArray(byte[][]::new));
        return openssl.run(
                "verify",
                "-x509_strict",
                "-crl_check_all",
                "-attime",
                at(),
                "-purpose",
                purpose,
                "-CAfile",
                "root.pem",
                "-untrusted",
                "others.pem",
                "-CRLfile",
                "crls.pem",
                "leaf.pem");
    }

    private static String at() {
        return String.valueOf(Issuers.NOW.getEpochSecond());
    }

    private IssuedCertificate certificate(IssuerId id) {
        return Objects.requireNonNull(hierarchy.certificates().get(id));
    }

    private RevocationLists list(IssuerId id) {
        return Objects.requireNonNull(lists.get(id));
    }
}
