package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.audit.AuditChainBrokenException;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.authority.CertificateAuthority;
import io.muster.ca.authority.GenerationState;
import io.muster.ca.authority.Hierarchy;
import io.muster.ca.authority.Issuance;
import io.muster.ca.crl.CrlRollbackException;
import io.muster.ca.file.DurableFile;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.key.KeyKind;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.hub.certificates.ledger.Names;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The hub's own certificate authority: a root, two issuers of devices (one with a key of elliptic
 * curves, one with RSA) and one of servers, their revocation lists and the audit chain. The first
 * start makes them. Shared by threads; what issues, revokes or publishes blocks, and belongs on no
 * event loop.
 *
 * <p>Which generations there are is changed by {@link #generations}.
 */
public final class OwnAuthority implements AutoCloseable {

    /** The name of the root in files and addresses. */
    public static final String ROOT = "root";

    /** The issuer of devices whose key is one of elliptic curves: EnOS calls it ECC. */
    public static final String DEVICE_EC = "device-ec";

    /** The issuer of devices whose key is RSA. */
    public static final String DEVICE_RSA = "device-rsa";

    /** The issuer of servers. */
    public static final String SERVER = "server";

    private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

    /** Longer than anybody waits for a certificate. */
    private static final Duration UNFINISHED = Duration.ofMinutes(10);

    private final AuthoritySetup setup;
    private final AuthorityRecords records;
    private final AuditChain audit;
    private final Hierarchy hierarchy;
    private final CertificateAuthority authority;
    private final AuthorityLists lists;
    private final ListTimer timer;
    private final Generations generations;
    private final IssuerAlarms alarms;
    private final AuditedRevocations audited;

    private OwnAuthority(
            AuthoritySetup setup,
            AuthorityRecords records,
            AuditChain audit,
            CertificateAuthority authority,
            AuthorityLists lists,
            Clock clock) {
        this.setup = setup;
        this.records = records;
        this.audit = audit;
        this.hierarchy = authority.hierarchy();
        this.authority = authority;
        this.lists = lists;
        this.timer = new ListTimer(lists, setup.config().lists().times());
        this.generations = new Generations(this, clock);
        this.alarms = new IssuerAlarms(hierarchy, setup, clock);
        this.audited = new AuditedRevocations(setup.audit(), records, new AuthorityAudit(audit));
    }

    /**
     * Opens the authority, or makes it. Blocks: keys are made, and each list is signed and written.
     * What a process had begun to issue when it ended is revoked, and stands on the lists.
     *
     * @throws IllegalStateException if the registry is behind what is published, the audit chain is
     *     broken, or a key is missing: what, and what mends it
     * @throws IOException if files cannot be written
     */
    public static OwnAuthority open(AuthoritySetup setup, AuthorityRecords records, Clock clock)
            throws IOException {
        boolean first = Files.notExists(setup.certificates());
        if (first) {
            requireClock(clock);
            setup.warnOfAddress();
        }
        makeFolder(setup.folder());
        if (!first && !AuditChain.isBegun(setup.audit())) {
            throw lostAudit(setup.audit());
        }
        AuditChain audit = openAudit(setup.audit(), clock);
        try {
            SecureRandom random = new SecureRandom();
            Issuance issuance =
                    new Issuance(records.certificates(), new AuthorityAudit(audit), random, clock);
            Hierarchy hierarchy =
                    Hierarchy.open(
                            setup.certificates(),
                            setup.hierarchy(),
                            setup.keys(random),
                            issuance,
                            clock);
            CertificateAuthority authority =
                    new CertificateAuthority(hierarchy, issuance, records.certificates(), clock);
            authority.abandonReserved(clock.instant());
            AuthorityLists lists = openLists(setup, hierarchy, records, audit, clock);
            // What became due while no hub ran is not to be served, if it can be helped.
            lists.reissueDue();
            setup.compare(hierarchy);
            OwnAuthority own = new OwnAuthority(setup, records, audit, authority, lists, clock);
            own.writeBundle();
            own.audited.complete(own.issuers());
            return own;
        } catch (RuntimeException | IOException | Error e) {
            audit.close();
            throw e;
        }
    }

    /** Boards without a clock of their own begin in 1970 until they are told the time. */
    static void requireClock(Clock clock) {
        if (clock.instant().isBefore(EARLIEST)) {
            throw new IllegalStateException(
                    "the clock of this machine says "
                            + clock.instant()
                            + ": an authority that is made now will have expired when it is right."
                            + " Start when the clock is set");
        }
    }

    private static void makeFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix) {
            Files.createDirectories(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(folder);
        }
    }

    private static AuditChain openAudit(Path folder, Clock clock) {
        try {
            return AuditChain.open(folder, clock);
        } catch (AuditChainBrokenException e) {
            throw brokenAudit(folder, e);
        }
    }

    static IllegalStateException lostAudit(Path folder) {
        return new IllegalStateException(
                "there are certificates of the authority, but no audit chain in "
                        + folder
                        + ": somebody took it. Put that folder back as it was, or begin another"
                        + " with './muster ca restore --new-audit'");
    }

    static IllegalStateException brokenAudit(Path folder, AuditChainBrokenException why) {
        return new IllegalStateException(
                "the audit chain of the certificate authority is broken: "
                        + why.getMessage()
                        + "; put the folder "
                        + folder
                        + " back as it was, or begin another with './muster ca restore"
                        + " --new-audit'",
                why);
    }

    private static AuthorityLists openLists(
            AuthoritySetup setup,
            Hierarchy hierarchy,
            AuthorityRecords records,
            AuditChain audit,
            Clock clock) {
        try {
            return AuthorityLists.open(hierarchy, setup, records, audit, clock);
        } catch (CrlRollbackException e) {
            throw new IllegalStateException(
                    e.getMessage()
                            + ". './muster ca restore' takes over what is on published lists;"
                            + " where they are lost, see its --new-lists",
                    e);
        }
    }

    /** Begins to issue lists again when they are due, and to show itself. */
    public void start(CertificateMetrics metrics, Clock clock) {
        WatchedAuthority watched = new WatchedAuthority(this, metrics, clock);
        watched.show();
        timer.start(
                metrics,
                () -> {
                    watched.show();
                    alarms.lookForKeys();
                    abandonUnfinished(clock);
                    lookAtAudit();
                });
    }

    /** What could not be written there is missing until the next start. */
    void lookAtAudit() {
        if (audit.alarm().isPresent()) {
            return;
        }
        try {
            audited.look(issuers());
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    /**
     * What was reserved so long ago, and is not recorded, of that nobody knows whether it was: it
     * is revoked, so that it counts as none of the device's certificates any more.
     */
    private void abandonUnfinished(Clock clock) {
        List<CertificateId> abandoned =
                authority.abandonReserved(clock.instant().minus(UNFINISHED));
        if (!abandoned.isEmpty()) {
            lists.publish(abandoned.stream().map(Names::registered).toList());
        }
    }

    /** Issues and revokes. */
    public CertificateAuthority authority() {
        return authority;
    }

    /** Its issuers and roots. */
    public Hierarchy hierarchy() {
        return hierarchy;
    }

    /** Its lists, and who publishes them. */
    public AuthorityLists lists() {
        return lists;
    }

    /** Where it is written what it does. */
    public AuditChain audit() {
        return audit;
    }

    /** The folder with all of its files. */
    public Path folder() {
        return setup.folder();
    }

    /** The file with what others are to trust, in PEM. */
    public Path bundleFile() {
        return setup.folder().resolve("bundle.pem");
    }

    /** Writes that file. */
    void writeBundle() {
        try {
            DurableFile.replace(
                    bundleFile(), hierarchy.bundle().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException unwritable) {
            throw new IllegalStateException(
                    "file " + bundleFile() + " cannot be written: " + unwritable, unwritable);
        }
    }

    /** What operators do with its generations. */
    public Generations generations() {
        return generations;
    }

    /** As configured. */
    public AuthorityConfig config() {
        return setup.config();
    }

    AuthoritySetup setup() {
        return setup;
    }

    AuthorityRecords records() {
        return records;
    }

    /**
     * The issuer that is asked for devices with a word of EnOS, whatever the case of its letters.
     *
     * @param word {@code RSA} or {@code ECC}
     * @return its name, such as {@link #DEVICE_RSA}; empty if it is another word
     */
    public static Optional<String> deviceIssuer(String word) {
        if (word.equalsIgnoreCase("RSA")) {
            return Optional.of(DEVICE_RSA);
        }
        return word.equalsIgnoreCase("ECC") ? Optional.of(DEVICE_EC) : Optional.empty();
    }

    /** The issuer of devices with such keys: like signs like, so that one algorithm is enough. */
    public static String deviceIssuer(KeyKind key) {
        return switch (key) {
            case RSA_2048, RSA_3072, RSA_4096 -> DEVICE_RSA;
            case EC_P256, EC_P384, ED25519 -> DEVICE_EC;
        };
    }

    /** What certificates of devices may be like here; products may narrow it. */
    public IssuanceProfile deviceProfile() {
        return IssuanceProfile.of(CertificateKind.DEVICE);
    }

    /**
     * The certificates of the issuers of devices, of all generations that are neither revoked nor
     * retired.
     */
    public Set<X509Certificate> deviceIssuers() {
        return certificates(Set.of(DEVICE_EC, DEVICE_RSA));
    }

    /** The certificates of the roots, of all generations. */
    public Set<X509Certificate> roots() {
        return certificates(Set.of(ROOT));
    }

    private Set<X509Certificate> certificates(Set<String> names) {
        return hierarchy.certificates().entrySet().stream()
                .filter(each -> names.contains(each.getKey().authority()))
                .filter(each -> isTaken(hierarchy.stateOf(each.getKey())))
                .map(Map.Entry::getValue)
                .map(certificate -> certificate.toJava())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isTaken(GenerationState state) {
        return state != GenerationState.REVOKED && state != GenerationState.RETIRED;
    }

    /** What is written down of a certificate. Blocks. */
    Optional<LedgerEntry> find(CertificateId id) {
        return records.certificates().find(id);
    }

    /** The generation of an issuer that issues now. */
    IssuerId activeId(String name) {
        return hierarchy.activeId(name);
    }

    /** The certificate of a root or an issuer. */
    public IssuedCertificate certificate(IssuerId id) {
        IssuedCertificate found = hierarchy.certificates().get(id);
        if (found == null) {
            throw new IllegalArgumentException("there is no issuer " + id);
        }
        return found;
    }

    /** All issuers and roots, of all generations. */
    public List<IssuerId> issuers() {
        return List.copyOf(hierarchy.certificates().keySet());
    }

    /** What somebody must see to about lists: a sentence; empty if all is well. */
    public Optional<String> alarm() {
        return lists.alarm();
    }

    /** What keeps it from issuing, now or soon: sentences; empty if all is well. */
    public Optional<String> issuerAlarm() {
        return alarms.alarm();
    }

    /** From when on what an authority usually issues would be valid for longer than itself. */
    Instant rollOverBefore(String name) {
        return alarms.rollOverBefore(name);
    }

    /** Issues and publishes nothing any more. */
    @Override
    public void close() {
        timer.close();
        audit.close();
    }
}
