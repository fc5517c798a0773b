package io.muster.hub.certificates.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.broker.net.tls.ServerCertificate;
import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import io.muster.ca.authority.PublicAddresses;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.key.KeyKind;
import io.muster.ca.ledger.CertificateLedger.Outcome;
import io.muster.ca.ledger.IssuanceRequest;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Reservation;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.hub.OpenRegistry;
import io.muster.hub.certificates.authority.AuthorityRestore.Anew;
import io.muster.hub.certificates.ledger.Names;
import io.muster.hub.certificates.ledger.RegistryCrls;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hub's authority over a registry, through starts and stops, while a clock goes on. */
class OwnAuthorityTest {

    private static final IssuerId SERVERS = new IssuerId(OwnAuthority.SERVER, 1);

    /** An authority that was started once: to make one takes longer than most of what is tested. */
    private static Path made;

    private final Path folder;
    private final MovingClock clock = new MovingClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private OpenRegistry registry;
    private @Nullable OwnAuthority open;

    OwnAuthorityTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeAll
    static void make(@TempDir Path temporary) throws IOException {
        OwnAuthorityTest first = new OwnAuthorityTest(temporary);
        first.registry = first.registry();
        first.server(first.start());
        first.close();
        made = temporary;
    }

    @BeforeEach
    void openRegistry() throws IOException {
        try (Stream<Path> files = Files.walk(made)) {
            for (Path file : files.toList()) {
                Path copy = folder.resolve(made.relativize(file).toString());
                if (Files.notExists(copy)) {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        registry = registry();
    }

    private OpenRegistry registry() throws IOException {
        return new OpenRegistry(folder, Duration.ofSeconds(10), clock, Ticker.systemTicker());
    }

    @AfterEach
    void close() {
        stop();
        registry.close();
    }

    private void stop() {
        if (open != null) {
            open.close();
            open = null;
        }
    }

    private OwnAuthority start() throws IOException {
        return start(config());
    }

    private OwnAuthority start(AuthorityConfig config) throws IOException {
        stop();
        OwnAuthority authority = OwnAuthority.open(setup(config), records(), clock);
        open = authority;
        return authority;
    }

    private AuthoritySetup setup(AuthorityConfig config) {
        return new AuthoritySetup(
                folder.resolve("ca"),
                config,
                new PublicAddresses("http://hub.example:8080", 2, null));
    }

    private AuthorityRecords records() {
        CertificateRevocations revocations = new CertificateRevocations(registry.database);
        return new AuthorityRecords(
                new RegistryLedger(new CertificateRegistry(registry.database), revocations),
                new RegistryCrls(revocations));
    }

    /** With elliptic curves only, which are quick. */
    private static AuthorityConfig config(String... names) {
        AuthorityConfig usual = AuthorityConfig.DEFAULT;
        return new AuthorityConfig(
                true,
                "Example",
                Optional.empty(),
                usual.storage(),
                new AuthorityConfig.Keys(
                        KeyKind.EC_P384, KeyKind.EC_P256, KeyKind.EC_P256, KeyKind.EC_P256),
                new AuthorityConfig.Lists(2, CrlTimes.DEFAULT),
                usual.lives(),
                new AuthorityConfig.Server(
                        names.length == 0 ? List.of("hub.example", "192.0.2.1") : List.of(names),
                        List.of(KeyKind.EC_P256),
                        Duration.ofDays(90)));
    }

    private ServerCertificates server(OwnAuthority authority) {
        return ServerCertificates.open(authority, clock);
    }

    private static X509Certificate own(ServerCertificates server) {
        return server.current().get(0).chain().get(0);
    }

    private static io.muster.ca.ledger.CertificateId id(BigInteger serial) {
        return new io.muster.ca.ledger.CertificateId(
                SERVERS, new SerialNumber(serial.longValueExact()));
    }

    private static LedgerEntry.Status status(OwnAuthority authority, X509Certificate certificate) {
        return authority.find(id(certificate.getSerialNumber())).orElseThrow().status();
    }

    private static CertificateId revoke(OwnAuthority authority, X509Certificate certificate) {
        io.muster.ca.ledger.CertificateId id = id(certificate.getSerialNumber());
        assertThat(authority.authority().revoke(id, RevocationReason.SUPERSEDED, "test"))
                .isPresent();
        return Names.registered(id);
    }

    @Test
    void isMadeOnceAndFoundAgain() throws IOException {
        OwnAuthority first = start();
        String bundle = first.hierarchy().bundle();
        X509Certificate shown = own(server(first));
        assertThat(first.issuers()).hasSize(4);

        OwnAuthority again = start();
        assertThat(again.hierarchy().bundle()).isEqualTo(bundle);
        assertThat(own(server(again))).isEqualTo(shown);
        assertThat(again.deviceIssuers()).hasSize(2);
        assertThat(again.roots()).hasSize(1);
    }

    @Test
    void listsArePublishedBeforeTheFirstCertificateIsIssued() throws IOException {
        OwnAuthority authority = start();
        assertThat(authority.lists().issuers()).hasSize(4);
        for (IssuerId issuer : authority.issuers()) {
            boolean device = issuer.authority().startsWith("device");
            assertThat(authority.lists().published(issuer)).hasSize(device ? 2 : 1);
        }
    }

    @Test
    void tellsTheNumberOfTheListOnWhichEachRevokedOneStands() throws IOException {
        OwnAuthority authority = start();
        CertificateId revoked = revoke(authority, own(server(authority)));
        CertificateId unknown = new CertificateId("another-g1", "00000000000000ff");

        Map<CertificateId, Long> numbers = authority.lists().publish(List.of(revoked, unknown));

        assertThat(numbers).containsExactly(Map.entry(revoked, 2L));
        assertThat(authority.lists().published(SERVERS, 0))
                .hasValueSatisfying(
                        list ->
                                assertThat(list.contains(SerialNumber.parse(revoked.serial())))
                                        .isTrue());
        assertThat(authority.lists().publish(List.of(revoked))).isEqualTo(numbers);
    }

    @Test
    void aRevocationThatACrashKeptFromItsListIsOnItAfterTheStart() throws IOException {
        OwnAuthority authority = start();
        CertificateId revoked = revoke(authority, own(server(authority)));
        // Nothing is published: as if the process had ended here.
        OwnAuthority again = start();
        assertThat(again.lists().published(SERVERS, 0))
                .hasValueSatisfying(
                        list ->
                                assertThat(list.contains(SerialNumber.parse(revoked.serial())))
                                        .isTrue());
    }

    @Test
    void listsAreIssuedAgainWhenTheyAreDue() throws IOException {
        OwnAuthority authority = start();
        authority.start(new CertificateMetrics(meters), clock);
        assertThat(authority.lists().reissueDue()).isZero();
        assertThat(authority.lists().published(SERVERS, 0).orElseThrow().number()).isEqualTo(1);
        clock.move(Duration.ofMinutes(61));
        assertThat(authority.lists().reissueDue()).isZero();
        assertThat(authority.lists().published(SERVERS, 0).orElseThrow().number()).isEqualTo(2);
        assertThat(authority.lists().published(new IssuerId("root", 1), 0).orElseThrow().number())
                .isEqualTo(1);
        assertThat(authority.lists().alarm()).isEmpty();
    }

    @Test
    void listsThatCannotBeIssuedAgainAreAnAlarmWhenHalfOfTheirTimeIsOver() throws IOException {
        OwnAuthority authority = start();
        Path root = folder.resolve("ca/keys/root-g1.p12");
        Files.move(root, folder.resolve("elsewhere.p12"));
        clock.move(Duration.ofDays(89));
        assertThat(authority.lists().reissueDue()).isZero();
        assertThat(authority.lists().alarm()).isEmpty();
        clock.move(Duration.ofDays(2));
        assertThat(authority.lists().reissueDue()).isEqualTo(1);
        assertThat(authority.lists().alarm()).hasValue("revocation lists are not renewed: root-g1");

        Files.move(folder.resolve("elsewhere.p12"), root);
        assertThat(authority.lists().reissueDue()).isZero();
        assertThat(authority.lists().alarm()).isEmpty();
    }

    @Test
    void whatBecameDueWhileNoHubRanIsNotServed() throws IOException {
        start();
        stop();
        clock.move(Duration.ofDays(3));
        OwnAuthority authority = start();
        assertThat(authority.alarm()).isEmpty();
        assertThat(authority.lists().published(SERVERS, 0).orElseThrow().nextUpdate())
                .isEqualTo(clock.instant().plus(Duration.ofDays(1)));
    }

    @Test
    void aPasswordThatIsLostIsNotReplacedByAnother() throws IOException {
        start();
        Path password = folder.resolve("ca/password");
        Files.delete(password);
        assertThatThrownBy(this::start)
                .hasMessageContaining("password file " + password + " is missing");
        assertThat(password).doesNotExist();
    }

    @Test
    void listsThatAreLostKeepItFromStartingUntilTheyAreBegunAnew() throws IOException {
        OwnAuthority authority = start();
        CertificateId revoked = revoke(authority, own(server(authority)));
        authority.lists().publish(List.of(revoked));
        stop();
        Files.move(folder.resolve("ca/crl/server-g1"), folder.resolve("elsewhere"));
        assertThatThrownBy(this::start).hasMessageContaining("--new-lists");

        AuthorityRestore.run(setup(config()), records(), clock, new Anew(false, false));
        assertThatThrownBy(this::start).hasMessageContaining("--new-lists");
        AuthorityRestore.run(setup(config()), records(), clock, new Anew(false, true));
        assertThat(start().lists().published(SERVERS, 0))
                .hasValueSatisfying(
                        list -> {
                            assertThat(list.number()).isGreaterThan(2);
                            assertThat(list.contains(SerialNumber.parse(revoked.serial())))
                                    .isTrue();
                        });
    }

    @Test
    void listsThatAreLostOfOneWhoseKeyIsDestroyedKeepNothingFromStarting() throws IOException {
        Generations generations = start().generations();
        generations.activate(generations.prepare("device-ec"));
        IssuerId gone = new IssuerId("device-ec", 1);
        generations.retire(gone);
        generations.destroy(gone, false);
        assertThat(start().lists().published(gone)).hasSize(2);
        stop();
        Files.move(folder.resolve("ca/crl"), folder.resolve("elsewhere"));

        AuthorityRestore.run(setup(config()), records(), clock, new Anew(false, true));
        OwnAuthority again = start();

        assertThat(again.lists().published(gone)).isEmpty();
        assertThat(again.lists().published(SERVERS)).hasSize(1);
        assertThat(again.lists().reissueDue()).isZero();
        assertThat(again.generations().find(gone).lists()).isEmpty();
    }

    @Test
    void anAuditChainThatWasChangedKeepsItFromStartingUntilAnotherIsBegun() throws IOException {
        start();
        stop();
        Path chain = folder.resolve("ca/audit/audit.000000000001.jsonl");
        Files.writeString(chain, Files.readString(chain).replaceFirst("root-g1", "root-g9"));
        assertThatThrownBy(this::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("--new-audit");
        AuthorityRestore.run(setup(config()), records(), clock, new Anew(true, false));
        assertThat(start().issuers()).hasSize(4);
    }

    @Test
    void theKeyOfAnIssuerThatIsNotHereIsAnAlarm() throws IOException {
        start();
        Files.move(folder.resolve("ca/keys/device-ec-g1.p12"), folder.resolve("elsewhere.p12"));
        assertThat(start().issuerAlarm())
                .hasValue("issuer device-ec-g1 issues nothing: its key is not here");
    }

    @Test
    void startsWithoutTheKeyOfTheRoot() throws IOException {
        start();
        Files.move(folder.resolve("ca/keys/root-g1.p12"), folder.resolve("elsewhere.p12"));
        assertThat(own(server(start())).getIssuerX500Principal().getName())
                .isEqualTo("CN=Muster Servers G1,O=Example");
    }

    @Test
    void doesNotStartOnARegistryThatForgotRevocationsAndSaysWhatMendsIt() throws IOException {
        OwnAuthority authority = start();
        ServerCertificates server = server(authority);
        stop();
        registry.close();
        Path backup = Files.copy(folder.resolve("registry.db"), folder.resolve("backup.db"));
        registry = registry();
        authority = start();
        CertificateId revoked = revoke(authority, own(server));
        authority.lists().publish(List.of(revoked));
        stop();
        registry.close();
        Files.move(backup, folder.resolve("registry.db"), StandardCopyOption.REPLACE_EXISTING);
        registry = registry();

        assertThatThrownBy(this::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "the next CRL of O=Example,CN=Muster Servers G1", "'./muster ca restore'");
    }

    @Test
    void theServersCertificateIsRenewedInTheLastThirdOfItsLife() throws IOException {
        OwnAuthority authority = start();
        ServerCertificates server = server(authority);
        List<ServerCertificate> shown = server.current();
        AtomicInteger renewals = new AtomicInteger();
        clock.move(Duration.ofDays(59));
        server.look(renewals::incrementAndGet);
        assertThat(server.current()).isEqualTo(shown);
        clock.move(Duration.ofDays(2));
        server.look(renewals::incrementAndGet);
        assertThat(renewals).hasValue(1);
        assertThat(server.current()).hasSize(1).doesNotContainAnyElementsOf(shown);
        assertThat(status(authority, shown.get(0).chain().get(0)))
                .isEqualTo(LedgerEntry.Status.REVOKED);
        assertThat(server.notAfter())
                .isEqualTo(clock.instant().plus(Duration.ofDays(90)).minusSeconds(300));
        assertThat(server.alarm()).isEmpty();
    }

    @Test
    void theServersCertificateStaysWhereWhatIsNewCannotBeShown() throws IOException {
        ServerCertificates server = server(start());
        List<ServerCertificate> shown = server.current();
        clock.move(Duration.ofDays(61));
        server.look(
                () -> {
                    throw new IllegalArgumentException("it cannot be used");
                });
        assertThat(server.current()).isEqualTo(shown);
        assertThat(server.alarm())
                .hasValueSatisfying(text -> assertThat(text).contains("it cannot be used"));
        AtomicInteger renewals = new AtomicInteger();
        server.look(renewals::incrementAndGet);
        assertThat(renewals).hasValue(1);
        assertThat(server.alarm()).isEmpty();
    }

    @Test
    void anotherIsIssuedWhenTheHubIsCalledOtherwise() throws Exception {
        X509Certificate before = own(server(start()));
        X509Certificate same = own(server(start(config("192.0.2.1", "hub.example"))));
        assertThat(same).isEqualTo(before);
        OwnAuthority called = start(config("other.example", "2001:db8::1"));
        X509Certificate after = own(server(called));
        assertThat(after).isNotEqualTo(before);
        assertThat(status(called, before)).isEqualTo(LedgerEntry.Status.REVOKED);
        assertThat(status(called, after)).isEqualTo(LedgerEntry.Status.VALID);
        assertThat(called.lists().published(SERVERS, 0).orElseThrow().entries()).isEqualTo(1);
        assertThat(Objects.requireNonNull(after.getSubjectAlternativeNames()))
                .extracting(name -> String.valueOf(name.get(1)))
                .containsExactly("other.example", "2001:db8:0:0:0:0:0:1");
        assertThat(own(server(start(config("other.example", "2001:DB8:0::1"))))).isEqualTo(after);
    }

    @Test
    void anotherIsIssuedWhenItIsRevoked() throws IOException {
        OwnAuthority authority = start();
        ServerCertificates server = server(authority);
        X509Certificate before = own(server);
        revoke(authority, before);
        server.look(() -> {});
        assertThat(own(server)).isNotEqualTo(before);
    }

    @Test
    void aDamagedFileIsReplaced() throws IOException {
        OwnAuthority authority = start();
        X509Certificate before = own(server(authority));
        Path file = folder.resolve("ca/server/ec-p256.pem");
        Files.writeString(file, Files.readString(file).substring(0, 300));
        assertThat(own(server(authority))).isNotEqualTo(before);
    }

    @Test
    void aCertificateThatIsNotRenewedIsShownUntilItExpires() throws IOException {
        OwnAuthority authority = start();
        X509Certificate before = own(server(authority));
        Files.move(folder.resolve("ca/keys/server-g1.p12"), folder.resolve("elsewhere.p12"));
        authority = start();
        clock.move(Duration.ofDays(61));
        ServerCertificates server = server(authority);
        assertThat(own(server)).isEqualTo(before);
        assertThat(server.alarm())
                .hasValueSatisfying(text -> assertThat(text).contains("EC_P256", "server-g1"));
        clock.move(Duration.ofDays(30));
        OwnAuthority later = authority;
        assertThatThrownBy(() -> server(later)).hasMessageContaining("server-g1");
    }

    @Test
    void whatWasReservedWhenAProcessEndedStandsOnAList() throws IOException {
        start();
        SerialNumber taken = new SerialNumber(4711);
        Reservation reservation =
                new Reservation(
                        new io.muster.ca.ledger.CertificateId(SERVERS, taken),
                        CertificateKind.SERVER,
                        new Owner.Server("hub"),
                        new KeyHash("ab".repeat(32)),
                        Validity.from(clock.instant(), Duration.ofDays(1)),
                        new IssuanceRequest("test", clock.instant(), null),
                        null);
        assertThat(records().certificates().reserve(reservation, 2)).isEqualTo(Outcome.RESERVED);
        clock.move(Duration.ofMinutes(1));
        assertThat(start().lists().published(SERVERS, 0).orElseThrow().contains(taken)).isTrue();
    }

    @Test
    void theTimerTellsWhatFails() throws IOException {
        AuthorityConfig usual = config();
        OwnAuthority authority =
                start(
                        new AuthorityConfig(
                                true,
                                usual.organization(),
                                usual.publicAddress(),
                                usual.storage(),
                                usual.keys(),
                                new AuthorityConfig.Lists(
                                        2,
                                        new CrlTimes(Duration.ofSeconds(4), Duration.ofSeconds(1))),
                                usual.lives(),
                                usual.server()));
        authority.start(new CertificateMetrics(meters), clock);
        Files.move(folder.resolve("ca/keys/root-g1.p12"), folder.resolve("elsewhere.p12"));
        clock.move(Duration.ofDays(91));
        await().untilAsserted(
                        () ->
                                assertThat(authority.alarm())
                                        .hasValue("revocation lists are not renewed: root-g1"));
        assertThat(meters.counter("muster.crl.publications.failed").count()).isPositive();
        assertThat(authority.lists().published(SERVERS, 0).orElseThrow().number()).isGreaterThan(1);
    }
}
