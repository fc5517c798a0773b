package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.IssuerId;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.CrashPoints.Crash;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.IssuerAddresses;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.LedgerEntry.Status;
import io.muster.ca.ledger.Revocation;
import io.muster.ca.pki.Issuers;
import io.muster.ca.pki.OpenSsl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HierarchyTest {

    private static final IssuerId ROOT = new IssuerId("root", 1);
    private static final IssuerId DEVICES = new IssuerId("device-ec", 1);
    private static final IssuerId SERVERS = new IssuerId("server", 1);

    private final Path folder;
    private TestHierarchy test;

    HierarchyTest(@TempDir Path folder) {
        this.folder = folder;
        this.test = new TestHierarchy(folder.resolve("ca"), new MemoryKeys());
    }

    private void keepKeysInFiles() {
        test = new TestHierarchy(folder.resolve("ca"));
    }

    private Path file(String name) {
        return test.folder.resolve(name);
    }

    private static List<String> names(List<Path> files) {
        return files.stream().map(file -> file.getFileName().toString()).sorted().toList();
    }

    private List<String> files() throws Exception {
        try (var files = Files.list(test.folder)) {
            return names(files.toList());
        }
    }

    private static int certificatesIn(String pem) {
        return pem.split(Pattern.quote("-----BEGIN CERTIFICATE-----"), -1).length - 1;
    }

    @Test
    void theFirstStartMakesARootAndIssuersAndTheNextFindsThem() throws Exception {
        keepKeysInFiles();
        Hierarchy first = test.open();

        assertThat(files())
                .containsExactly(
                        "active.properties",
                        "device-ec-g1.crt",
                        "device-ec-g1.p12",
                        "device-ec-g1.properties",
                        "root-g1.crt",
                        "root-g1.p12",
                        "root-g1.properties",
                        "server-g1.crt",
                        "server-g1.p12",
                        "server-g1.properties");
        assertThat(first.certificates()).containsOnlyKeys(ROOT, DEVICES, SERVERS);
        assertThat(first.active("device-ec").kind()).isEqualTo(CertificateKind.DEVICE_ISSUING);
        assertThat(first.active("server").kind()).isEqualTo(CertificateKind.SERVER_ISSUING);
        assertThat(certificatesIn(first.bundle())).isEqualTo(3);
        assertThat(certificate(first, DEVICES).toJava().getSubjectX500Principal().getName())
                .isEqualTo("CN=Test Devices EC G1,O=Test Inc");

        Hierarchy second = test.open();
        assertThat(second.certificates()).isEqualTo(first.certificates());
        assertThat(second.bundle()).isEqualTo(first.bundle());
        assertThat(test.ledger.all()).hasSize(3);
    }

    /** A lost folder, or a second process that has the ledger and no keys. */
    @Test
    void noSecondAuthorityIsMadeUnderANameThatTheLedgerKnows() throws Exception {
        TestHierarchy first = new TestHierarchy(folder.resolve("first"), new MemoryKeys());
        first.open();
        TestHierarchy second = new TestHierarchy(folder.resolve("second"), new MemoryKeys());

        assertThatExceptionOfType(HierarchyUnusableException.class)
                .isThrownBy(() -> second.open(TestHierarchy.SETTINGS, second.keys, first.ledger))
                .withMessageContaining("knows authority root-g1")
                .withMessageContaining(second.folder.toString());

        assertThat(first.ledger.all()).hasSize(3);
        assertThat(second.keys.holds("root-g1")).isFalse();
    }

    @Test
    void theFirstStartGoesOnWhereverItHasEnded() throws Exception {
        for (int step = 0; ; step++) {
            TestHierarchy crashing =
                    new TestHierarchy(folder.resolve("crash" + step), new MemoryKeys());
            CrashPoints points = new CrashPoints(step);
            try {
                crashing.open(
                        TestHierarchy.SETTINGS,
                        points.around(crashing.keys),
                        points.around(crashing.ledger));
                assertThat(step).isGreaterThan(20);
                return;
            } catch (Crash ended) {
                assertGoesOn(crashing);
            }
        }
    }

    private static void assertGoesOn(TestHierarchy crashed) {
        crashed.clock.advance(Duration.ofSeconds(1));

        Hierarchy hierarchy = crashed.open();

        assertThat(hierarchy.certificates()).containsOnlyKeys(ROOT, DEVICES, SERVERS);
        List<IssuedCertificate> valid =
                crashed.ledger.all().stream()
                        .filter(entry -> entry.status() == Status.VALID)
                        .map(LedgerEntry::certificate)
                        .toList();
        assertThat(valid).containsExactlyInAnyOrderElementsOf(hierarchy.certificates().values());
    }

    @Test
    void severalIssuersOfDevicesStandSideBySide() throws Exception {
        test.open();
        HierarchySettings withRsa =
                TestHierarchy.SETTINGS.with(
                        new AuthoritySettings(
                                "device-rsa",
                                CertificateKind.DEVICE_ISSUING,
                                KeyKind.RSA_2048,
                                Duration.ofDays(1000),
                                "Test Devices RSA"));

        Hierarchy hierarchy = test.open(withRsa, test.keys, test.ledger);
        CertificateAuthority authority =
                new CertificateAuthority(
                        hierarchy, test.issuance(test.ledger), test.ledger, test.clock);

        LedgerEntry byRsa = authority.issue("device-rsa", Orders.device("d1"));
        LedgerEntry byCurve = authority.issue("device-ec", Orders.device("d1"));
        assertThat(byRsa.requireCertificate().toJava().getSigAlgName()).isEqualTo("SHA256withRSA");
        assertThat(byCurve.requireCertificate().toJava().getSigAlgName())
                .isEqualTo("SHA256withECDSA");
    }

    @Test
    void theRootsKeyMayBeElsewhereForAllThatDoesNotNeedIt() throws Exception {
        keepKeysInFiles();
        test.open();
        Path safe = folder.resolve("safe.p12");
        Files.move(file("root-g1.p12"), safe);

        Hierarchy hierarchy = test.open();
        CertificateAuthority authority =
                new CertificateAuthority(
                        hierarchy, test.issuance(test.ledger), test.ledger, test.clock);
        assertThat(authority.issue("device-ec", Orders.device("d1")).status())
                .isEqualTo(Status.VALID);
        assertThat(certificatesIn(hierarchy.bundle())).isEqualTo(3);
        assertRootIsAskedFor(hierarchy::root);
        assertRootIsAskedFor(() -> hierarchy.prepareNext("device-ec"));
        assertRootIsAskedFor(() -> hierarchy.prepareNext("root"));
        assertThat(files()).doesNotContain("device-ec-g2.p12", "root-g2.p12");

        Files.move(safe, file("root-g1.p12"));
        assertThat(hierarchy.prepareNext("device-ec")).hasToString("device-ec-g2");
    }

    private static void assertRootIsAskedFor(Runnable act) {
        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(act::run)
                .withMessageContaining("key root-g1 is not here")
                .withMessageContaining("bring it back");
    }

    @Test
    void anIssuerWithoutItsKeyIssuesNothingAndSaysSo() throws Exception {
        keepKeysInFiles();
        test.open();
        Files.delete(file("device-ec-g1.p12"));

        Hierarchy hierarchy = test.open();

        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> hierarchy.active("device-ec"))
                .withMessageContaining("key of issuer device-ec-g1 is not here");
        assertThat(hierarchy.active("server").id()).isEqualTo(SERVERS);
        assertThat(hierarchy.issuers()).hasSize(1);
    }

    @Test
    void theNextGenerationIssuesWhenItIsToldTo() throws Exception {
        Hierarchy hierarchy = test.open();
        CertificateAuthority authority =
                new CertificateAuthority(
                        hierarchy, test.issuance(test.ledger), test.ledger, test.clock);
        LedgerEntry before = authority.issue("device-ec", Orders.device("d1"));

        IssuerId next = hierarchy.prepareNext("device-ec");

        assertThat(next).hasToString("device-ec-g2");
        assertThat(hierarchy.prepareNext("device-ec")).isEqualTo(next);
        assertThat(hierarchy.active("device-ec").id()).isEqualTo(DEVICES);
        assertThat(certificatesIn(hierarchy.bundle())).isEqualTo(4);

        hierarchy.activate(next);
        assertThat(authority.issue("device-ec", Orders.device("d2")).id().issuer()).isEqualTo(next);
        // The one before is there for revocation lists.
        assertThat(hierarchy.issuer(DEVICES)).isPresent();
        assertThat(certificate(hierarchy, next).toJava().getSubjectX500Principal())
                .hasToString("CN=Test Devices EC G2, O=Test Inc");
        before.requireCertificate().toJava().verify(publicKey(hierarchy, DEVICES));

        assertThat(test.open().active("device-ec").id()).isEqualTo(next);
        hierarchy.activate(DEVICES);
        assertThat(test.open().active("device-ec").id()).isEqualTo(DEVICES);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> hierarchy.activate(next.next()))
                .withMessageContaining(
                        "there are [device-ec-g1, device-ec-g2, root-g1, server-g1]");
    }

    private static IssuedCertificate certificate(Hierarchy hierarchy, IssuerId id) {
        return Objects.requireNonNull(hierarchy.certificates().get(id));
    }

    private static PublicKey publicKey(Hierarchy hierarchy, IssuerId id) {
        return certificate(hierarchy, id).toJava().getPublicKey();
    }

    @Test
    void rootsSignEachOther() throws Exception {
        Hierarchy hierarchy = test.open();

        IssuerId next = hierarchy.prepareNext("root");

        assertThat(next).hasToString("root-g2");
        assertThat(files()).contains("root-g2.by.root-g1.crt", "root-g1.by.root-g2.crt");
        assertThat(hierarchy.crossCertificates()).hasSize(2);
        assertThat(certificatesIn(hierarchy.bundle())).isEqualTo(6);
        assertThat(hierarchy.prepareNext("root")).isEqualTo(next);
        assertThat(test.ledger.all()).hasSize(6);

        hierarchy.activate(next);
        assertThat(hierarchy.root().id()).isEqualTo(next);
        hierarchy.activate(hierarchy.prepareNext("server"));
        test.open();
        certificate(hierarchy, new IssuerId("server", 2))
                .toJava()
                .verify(publicKey(hierarchy, next));
    }

    @Test
    void aRootsRolloverGoesOnWhereverItHasEnded() throws Exception {
        for (int step = 0; ; step++) {
            TestHierarchy crashing =
                    new TestHierarchy(folder.resolve("crash" + step), new MemoryKeys());
            crashing.open();
            CrashPoints points = new CrashPoints(step);
            Hierarchy hierarchy =
                    crashing.open(
                            TestHierarchy.SETTINGS,
                            points.around(crashing.keys),
                            points.around(crashing.ledger));
            try {
                hierarchy.prepareNext("root");
                assertThat(step).isGreaterThan(18);
                return;
            } catch (Crash ended) {
                crashing.clock.advance(Duration.ofSeconds(1));
                Hierarchy next = crashing.open();
                assertThat(next.prepareNext("root")).hasToString("root-g2");
                assertThat(next.crossCertificates()).hasSize(2);
                assertThat(next.certificates()).hasSize(4);
            }
        }
    }

    @Test
    void openSslFindsAWayByEitherRoot() throws Exception {
        Hierarchy hierarchy = test.open();
        CertificateAuthority authority =
                new CertificateAuthority(
                        hierarchy, test.issuance(test.ledger), test.ledger, test.clock);
        LedgerEntry old = authority.issue("device-ec", Orders.device("d1"));
        hierarchy.activate(hierarchy.prepareNext("root"));
        hierarchy.activate(hierarchy.prepareNext("device-ec"));
        LedgerEntry young = authority.issue("device-ec", Orders.device("d2"));

        for (String root : List.of("root-g1", "root-g2")) {
            for (LedgerEntry device : List.of(old, young)) {
                assertVerified(root, besides(hierarchy), device);
            }
        }
    }

    /** All that is in the bundle besides roots that sign themselves. */
    private static String besides(Hierarchy hierarchy) {
        return Stream.concat(
                        hierarchy.crossCertificates().stream(),
                        hierarchy.issuers().stream().map(Issuer::certificate))
                .map(IssuedCertificate::pem)
                .collect(Collectors.joining());
    }

    private void assertVerified(String root, String besides, LedgerEntry device) throws Exception {
        Path leaf =
                Files.writeString(folder.resolve("leaf.crt"), device.requireCertificate().pem());
        Path others = Files.writeString(folder.resolve("others.crt"), besides);
        OpenSsl.Answer result =
                new OpenSsl(folder)
                        .run(
                                "verify",
                                "-x509_strict",
                                "-purpose",
                                "sslclient",
                                "-attime",
                                String.valueOf(Issuers.NOW.getEpochSecond()),
                                "-CAfile",
                                file(root + ".crt").toString(),
                                "-untrusted",
                                others.toString(),
                                leaf.toString());
        assertThat(result.exitCode()).as(root + ": " + result.output()).isZero();
    }

    @Test
    void whatHasExpiredIsNotInTheBundle() throws Exception {
        Hierarchy hierarchy = test.open();

        test.clock.advance(Duration.ofDays(6 * 365));

        assertThat(certificatesIn(hierarchy.bundle())).isEqualTo(1);
        assertThat(test.open().certificates()).hasSize(3);
    }

    @Test
    void whereAGenerationPublishesStaysWhateverIsSaidForTheNext() throws Exception {
        Hierarchy before = test.open();
        HierarchySettings moved =
                new HierarchySettings(
                        "Test Inc",
                        TestHierarchy.SETTINGS.root(),
                        TestHierarchy.SETTINGS.issuing(),
                        new PublicAddresses("http://other.example", 4, "http://other.example/o"));

        Hierarchy after = test.open(moved, test.keys, test.ledger);

        assertThat(after.active("device-ec").addresses())
                .isEqualTo(before.active("device-ec").addresses());
        after.activate(after.prepareNext("device-ec"));
        assertThat(after.active("device-ec").addresses())
                .isEqualTo(
                        new IssuerAddresses(
                                CrlPartitions.ofUserCertificates(
                                        4, "http://other.example/crl/device-ec-g2/"),
                                "http://other.example/ca/device-ec-g2.crt",
                                "http://other.example/o"));
        assertThat(test.open().active("device-ec").addresses().lists().count()).isEqualTo(4);

        Files.delete(file("device-ec-g1.properties"));
        assertUnusable("device-ec-g1.properties", "where device-ec-g1 publishes");
        Files.writeString(file("device-ec-g1.properties"), "lists=64\n");
        assertUnusable("device-ec-g1.properties", "there is no line list-address=");
    }

    @Test
    void whichGenerationIssuesIsNotGuessed() throws Exception {
        Hierarchy hierarchy = test.open();
        Files.delete(file("active.properties"));
        assertThat(test.open().active("device-ec").id()).isEqualTo(DEVICES);

        hierarchy.activate(hierarchy.prepareNext("device-ec"));
        String active = Files.readString(file("active.properties"));
        Files.delete(file("active.properties"));
        assertUnusable("active.properties", "device-ec", "[device-ec-g1, device-ec-g2]");
        Files.writeString(file("active.properties"), active.replace("ec=2", "ec=0"));
        assertUnusable("active.properties", "a generation");
        Files.writeString(file("active.properties"), active.replace("ec=2", "ec=3"));
        assertUnusable("device-ec-g3");
    }

    @Test
    void aRevokedIssuerSignsListsOnlyAndIsTrustedByNobody() throws Exception {
        Hierarchy hierarchy = test.open();
        CertificateAuthority authority =
                new CertificateAuthority(
                        hierarchy, test.issuance(test.ledger), test.ledger, test.clock);

        authority.revokeAuthority(DEVICES, RevocationReason.CA_COMPROMISE, "operator");

        for (Hierarchy one : List.of(hierarchy, test.open())) {
            assertThatExceptionOfType(RequestRefusedException.class)
                    .isThrownBy(() -> one.active("device-ec"))
                    .withMessageContaining("device-ec-g1 is revoked");
            assertThat(certificatesIn(one.bundle())).isEqualTo(2);
            assertThat(one.bundle()).doesNotContain(certificate(one, DEVICES).pem());
            assertThat(one.issuer(DEVICES)).isPresent();
            assertThat(one.active("server").id()).isEqualTo(SERVERS);
            assertThatIllegalArgumentException().isThrownBy(() -> one.activate(DEVICES));
        }
        hierarchy.activate(hierarchy.prepareNext("device-ec"));
        assertThat(authority.issue("device-ec", Orders.device("d1")).status())
                .isEqualTo(Status.VALID);
    }

    @Test
    void aRevokedRootSignsNothingAndTheNextIsNotSignedByIt() throws Exception {
        Hierarchy hierarchy = test.open();
        test.ledger.revoke(
                new CertificateId(ROOT, certificate(hierarchy, ROOT).serial()),
                new Revocation(test.clock.instant(), RevocationReason.CA_COMPROMISE, "operator"));
        hierarchy.reload();

        assertThatExceptionOfType(HierarchyUnusableException.class)
                .isThrownBy(() -> hierarchy.prepareNext("device-ec"))
                .withMessageContaining("root root-g1 is revoked");
        IssuerId next = hierarchy.prepareNext("root");
        assertThat(hierarchy.crossCertificates()).isEmpty();
        hierarchy.activate(next);
        assertThat(hierarchy.prepareNext("device-ec")).hasToString("device-ec-g2");
    }

    @Test
    void draftsThatAProcessLeftAreDeletedAtTheStart() throws Exception {
        test.open();
        Files.writeString(file("server-g2.p12.17.new"), "x");

        test.open();

        assertThat(file("server-g2.p12.17.new")).doesNotExist();
    }

    @Test
    void damagedAndForeignFilesAreNamed() throws Exception {
        Hierarchy hierarchy = test.open();
        String ours = Files.readString(file("device-ec-g1.crt"));

        Files.writeString(file("device-ec-g1.crt"), ours.substring(0, 300));
        assertUnusable("device-ec-g1.crt", "no certificate");

        Files.writeString(file("device-ec-g1.crt"), certificate(hierarchy, SERVERS).pem());
        assertUnusable("device-ec-g1.crt", "another key");

        Issuer stranger = Issuers.below(CertificateKind.DEVICE_ISSUING, KeyKind.EC_P256, null);
        Files.writeString(file("device-ec-g1.crt"), stranger.certificate().pem());
        assertUnusable("device-ec-g1.crt", "no root of ours");

        Files.writeString(file("device-ec-g1.crt"), ours);
        Files.writeString(file("active.properties"), "device-ec=x\n");
        assertUnusable("active.properties", "a generation");
        Files.delete(file("active.properties"));

        Files.writeString(file("extra.crt"), ours);
        assertUnusable("extra.crt", "not named after an authority");
        Files.delete(file("extra.crt"));

        assertThat(test.open().certificates()).hasSize(3);
    }

    private void assertUnusable(String... words) {
        assertThatExceptionOfType(HierarchyUnusableException.class)
                .isThrownBy(() -> test.open())
                .satisfies(unusable -> assertThat(unusable.getMessage()).contains(words));
    }

    @Test
    void settingsThatDoNotFitTogetherAreRefused() {
        AuthoritySettings root = TestHierarchy.SETTINGS.root();
        AuthoritySettings server = TestHierarchy.SETTINGS.issuing().get(1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TestHierarchy.SETTINGS.with(server))
                .withMessageContaining("one name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TestHierarchy.SETTINGS.with(root))
                .withMessageContaining("second root");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new AuthoritySettings(
                                        "a",
                                        CertificateKind.DEVICE,
                                        KeyKind.EC_P256,
                                        Duration.ofDays(1),
                                        "A"));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new AuthoritySettings(
                                        "a",
                                        CertificateKind.ROOT,
                                        KeyKind.EC_P256,
                                        Duration.ofDays(1),
                                        "A"))
                .withMessageContaining("ROOT: keys are");
    }
}
