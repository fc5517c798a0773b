package io.muster.hub.certificates.authority;

import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.CertificateOrder;
import io.muster.ca.authority.PublicAddresses;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.ProviderKey;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.certificates.ledger.Names;
import io.muster.hub.certificates.ledger.RegistryCrls;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.config.certificates.AuthorityConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * An authority with its files and a registry of SQLite in a folder. As a program of its own it
 * issues, revokes and publishes until it is killed, and prints a line for each thing that is
 * answered:
 *
 * <pre>
 * READY
 * ISSUED server-g1/0123456789abcdef FINGERPRINT
 * REVOKED server-g1/0123456789abcdef
 * PUBLISHED server-g1/0123456789abcdef NUMBER
 * </pre>
 */
public final class AuthorityStage implements AutoCloseable {

    private static final Owner OWNER = new Owner.Server("crash");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final RegistryDatabase database;
    private final OwnAuthority authority;

    /** Opens what is there, or makes it; in the time of the machine. */
    AuthorityStage(Path folder) throws IOException {
        this(folder, Clock.systemUTC());
    }

    /** The same at another time. */
    AuthorityStage(Path folder, Clock clock) throws IOException {
        database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofSeconds(10)),
                        SecretCipher.load(folder.resolve("secret.key")));
        try {
            authority = OwnAuthority.open(setup(folder), records(), clock);
        } catch (IOException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private AuthorityRecords records() {
        CertificateRevocations revocations = new CertificateRevocations(database);
        return new AuthorityRecords(
                new RegistryLedger(new CertificateRegistry(database), revocations),
                new RegistryCrls(revocations));
    }

    /** With elliptic curves only, which are quick. */
    public static AuthoritySetup setup(Path folder) {
        AuthorityConfig usual = AuthorityConfig.DEFAULT;
        return new AuthoritySetup(
                folder.resolve("ca"),
                new AuthorityConfig(
                        true,
                        "Example",
                        Optional.empty(),
                        usual.storage(),
                        new AuthorityConfig.Keys(
                                KeyKind.EC_P384, KeyKind.EC_P256, KeyKind.EC_P256, KeyKind.EC_P256),
                        new AuthorityConfig.Lists(2, CrlTimes.DEFAULT),
                        usual.lives(),
                        usual.server()),
                new PublicAddresses("http://hub.example", 2, null));
    }

    OwnAuthority authority() {
        return authority;
    }

    LedgerEntry issue() {
        KeyPair pair = KeyKind.EC_P256.generate(RANDOM);
        Duration life = Duration.ofDays(30);
        IssuanceProfile profile =
                IssuanceProfile.of(CertificateKind.SERVER)
                        .withKeys(Set.of(KeyKind.EC_P256))
                        .withLife(life, life);
        return authority
                .authority()
                .issue(
                        OwnAuthority.SERVER,
                        CertificateOrder.ofOwnKey(
                                profile,
                                Subject.server(List.of("crash.example"), "Example"),
                                ProviderKey.of("crash", pair),
                                OWNER,
                                "crash"));
    }

    @Override
    public void close() {
        authority.close();
        database.close();
    }

    /** Works until it is killed; says what it has done. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        AuthorityStage stage = new AuthorityStage(Path.of(arguments[0]));
        out.println("READY");
        BlockingQueue<LedgerEntry> issued = new LinkedBlockingQueue<>();
        for (int i = 0; i < 2; i++) {
            new Thread(() -> issueAll(stage, issued, out)).start();
        }
        new Thread(() -> revokeAll(stage, issued, out)).start();
    }

    private static void issueAll(
            AuthorityStage stage, BlockingQueue<LedgerEntry> issued, PrintStream out) {
        while (true) {
            LedgerEntry entry = stage.issue();
            String fingerprint = entry.requireCertificate().fingerprint();
            out.println("ISSUED " + Names.registered(entry.id()) + " " + fingerprint);
            issued.add(entry);
        }
    }

    /** Each third one. */
    private static void revokeAll(
            AuthorityStage stage, BlockingQueue<LedgerEntry> issued, PrintStream out) {
        try {
            while (true) {
                LedgerEntry entry = issued.take();
                if (entry.id().serial().value() % 3 == 0) {
                    revoke(stage, entry, out);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void revoke(AuthorityStage stage, LedgerEntry entry, PrintStream out) {
        CertificateId id = Names.registered(entry.id());
        stage.authority.authority().revoke(entry.id(), RevocationReason.SUPERSEDED, "crash");
        out.println("REVOKED " + id);
        Long number = stage.authority.lists().publish(List.of(id)).get(id);
        if (number != null) {
            out.println("PUBLISHED " + id + " " + number);
        }
    }
}
