package io.muster.ca.crl;

import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.audit.AuditEvent;
import io.muster.ca.audit.AuditField;
import io.muster.ca.audit.AuditHead;
import io.muster.ca.audit.AuditKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CRLs of one issuer: what is published, and what publishes the next one. Shared by threads.
 * {@link #published(int)} and {@link #contains} answer from memory; all else blocks: it reads what
 * is revoked, signs, and waits for the disk.
 *
 * <p>A CRL takes these steps, and a crash between any two of them leaves the one before in force:
 * what is revoked is read; a number is taken, durably; the CRL is signed; written to {@code
 * crl.<number>.tmp} and forced to the disk; read back and checked; renamed; the folder is forced;
 * then it takes the place of the one before in memory.
 *
 * <p>What is on a CRL stays on the next ones until it has expired, also if the ledger does not know
 * of it: so a ledger that was put back to an earlier state cannot make a certificate good again.
 * {@link #forgotten} tells of those.
 */
public final class RevocationLists {

    private static final Logger log = LoggerFactory.getLogger(RevocationLists.class);

    private final CrlIssuer issuer;
    private final RevokedCertificates revoked;
    private final CrlNumbers numbers;
    private final CrlFolder folder;
    private final AuditChain audit;
    private final List<Turn> turns;

    private RevocationLists(
            CrlIssuer issuer,
            RevokedCertificates revoked,
            CrlNumbers numbers,
            CrlFolder folder,
            AuditChain audit) {
        this.issuer = issuer;
        this.revoked = revoked;
        this.numbers = numbers;
        this.folder = folder;
        this.audit = audit;
        List<Turn> all = new ArrayList<>();
        for (int partition = 0; partition < issuer.partitions().count(); partition++) {
            all.add(new Turn());
        }
        this.turns = List.copyOf(all);
    }

    /**
     * Reads what was published, and publishes what is missing: of a new issuer one CRL for each
     * partition, after a crash those that lack a revocation.
     *
     * @param folder of this issuer alone
     * @throws CrlRollbackException if the numbers are behind what is published
     * @throws CrlUnpublishedException if something is missing and cannot be published
     */
    public static RevocationLists open(
            CrlIssuer issuer,
            RevokedCertificates revoked,
            CrlNumbers numbers,
            Path folder,
            AuditChain audit) {
        CrlFolder files = new CrlFolder(folder, CrlFiles.DISK, issuer.reader());
        return open(issuer, revoked, numbers, files, audit);
    }

    static RevocationLists open(
            CrlIssuer issuer,
            RevokedCertificates revoked,
            CrlNumbers numbers,
            CrlFolder folder,
            AuditChain audit) {
        RevocationLists lists = new RevocationLists(issuer, revoked, numbers, folder, audit);
        lists.create();
        Set<Integer> missing = new TreeSet<>();
        for (int partition = 0; partition < lists.turns.size(); partition++) {
            if (lists.read(partition)) {
                missing.add(partition);
            }
        }
        // Only when none of them is behind: what is published now cannot be taken back.
        missing.forEach(lists::publish);
        return lists;
    }

    private void create() {
        try {
            folder.create(turns.size());
        } catch (IOException e) {
            throw unpublished(0, e);
        }
    }

    /** Whether there is nothing fit to be served, or not all is on it. */
    private boolean read(int partition) {
        CrlFolder.Found found;
        try {
            found = folder.open(partition);
        } catch (IOException e) {
            throw unpublished(partition, e);
        }
        long last = numbers.last(partition);
        if (last < found.highest()) {
            throw rollback(partition, last + 1, found.highest());
        }
        if (found.newest().isEmpty()) {
            return true;
        }
        PublishedCrl crl = found.newest().get();
        turns.get(partition).current.set(crl);
        Plan plan = plan(partition, crl);
        if (!plan.forgotten.isEmpty()) {
            log.warn(
                    "revoked certificates that the ledger does not know, they stay revoked"
                            + " issuer=\"{}\" partition={} count={}",
                    issuer.name(),
                    partition,
                    plan.forgotten.size());
        }
        return found.lacksLast() || !plan.entries.keySet().stream().allMatch(crl::contains);
    }

    private CrlRollbackException rollback(int partition, long next, long published) {
        return new CrlRollbackException(
                ("the next CRL of %s, partition %d, would have number %d, but %s is published: the"
                                + " ledger was put back to an earlier state. Put back the newest"
                                + " one, or set its number to %d and enter what is revoked on that"
                                + " CRL; until then nothing is issued")
                        .formatted(
                                issuer.name(),
                                partition,
                                next,
                                folder.file(partition, published),
                                published));
    }

    /** What is published for a partition: never nothing, once this is open. */
    public PublishedCrl published(int partition) {
        PublishedCrl crl = turns.get(partition).current.get();
        if (crl == null) {
            throw new IllegalStateException("partition " + partition + " is not open yet");
        }
        return crl;
    }

    /** What is published, in the order of partitions. */
    public List<PublishedCrl> published() {
        List<PublishedCrl> all = new ArrayList<>();
        for (int partition = 0; partition < turns.size(); partition++) {
            all.add(published(partition));
        }
        return all;
    }

    /** Whether the published CRL says that a certificate is revoked, whatever else is known. */
    public boolean contains(SerialNumber serial) {
        return published(issuer.partitions().of(serial)).contains(serial);
    }

    /**
     * What is on published CRLs and not known to the ledger as revoked: it was put back to an
     * earlier state. These must be entered there, and be refused from the start.
     */
    public List<CrlEntry> forgotten() {
        List<CrlEntry> all = new ArrayList<>();
        for (PublishedCrl crl : published()) {
            all.addAll(plan(crl.partition(), crl).forgotten);
        }
        return all;
    }

    /**
     * Publishes a CRL that holds what was revoked, durably, before this was called. Those who come
     * while one is made share the next.
     *
     * @return the one that holds it; not if it had expired before
     * @throws CrlUnpublishedException if it cannot be published; it is on the next one that can
     * @throws CrlRollbackException if the ledger was put back meanwhile
     */
    public PublishedCrl publish(SerialNumber serial) {
        return publish(issuer.partitions().of(serial));
    }

    /**
     * The same for many: one CRL for each partition that has some of them.
     *
     * @return in the order of partitions
     */
    public List<PublishedCrl> publish(Collection<SerialNumber> serials) {
        Set<Integer> partitions = new TreeSet<>();
        serials.forEach(serial -> partitions.add(issuer.partitions().of(serial)));
        List<PublishedCrl> all = new ArrayList<>();
        partitions.forEach(partition -> all.add(publish(partition)));
        return all;
    }

    private PublishedCrl publish(int partition) {
        Turn turn = turns.get(partition);
        long mine = turn.asked.incrementAndGet();
        turn.lock.lock();
        try {
            if (turn.answered < mine) {
                publishNow(partition, turn);
            }
            return published(partition);
        } finally {
            turn.lock.unlock();
        }
    }

    /** When the first CRL becomes due to be issued again. */
    public Instant nextDue() {
        return published().stream().map(this::due).min(Instant::compareTo).orElseThrow();
    }

    private Instant due(PublishedCrl crl) {
        return crl.thisUpdate().plus(CrlTimes.SKEW).plus(issuer.times().reissueAfter());
    }

    /**
     * Issues again what is due now, and what is dated in the future, since the clock was put back.
     * To be called when {@link #nextDue} has come, and not less often than each some minutes, so
     * that what failed is tried again.
     */
    public Reissued reissueDue() {
        List<PublishedCrl> done = new ArrayList<>();
        List<RuntimeException> failed = new ArrayList<>();
        for (int partition = 0; partition < turns.size(); partition++) {
            try {
                reissue(partition, done);
            } catch (RuntimeException e) {
                // One partition's trouble is not the others'.
                failed.add(e);
                log.error(
                        "CRL not issued again issuer=\"{}\" partition={} goodUntil={}",
                        issuer.name(),
                        partition,
                        published(partition).nextUpdate(),
                        e);
            }
        }
        return new Reissued(done, failed);
    }

    private void reissue(int partition, List<PublishedCrl> done) {
        Turn turn = turns.get(partition);
        turn.lock.lock();
        try {
            PublishedCrl crl = published(partition);
            Instant now = issuer.now();
            if (!now.isBefore(due(crl)) || now.isBefore(crl.thisUpdate())) {
                publishNow(partition, turn);
                done.add(published(partition));
            }
        } finally {
            turn.lock.unlock();
        }
    }

    /** With the lock of the turn. */
    private void publishNow(int partition, Turn turn) {
        PublishedCrl before = turn.current.get();
        long upTo = turn.asked.get();
        PublishedCrl crl;
        try {
            crl = issue(partition, before);
        } catch (CrlRollbackException e) {
            throw e;
        } catch (IOException | CrlDamagedException | RuntimeException e) {
            throw unpublished(partition, e);
        }
        turn.current.set(crl);
        turn.answered = upTo;
        folder.tidy(partition, before == null ? crl.number() : before.number());
        record(crl);
    }

    private PublishedCrl issue(int partition, @Nullable PublishedCrl before)
            throws IOException, CrlDamagedException {
        Collection<CrlEntry> entries = plan(partition, before).entries.values();
        long number = numbers.next(partition);
        if (before != null && number <= before.number()) {
            throw rollback(partition, number, before.number());
        }
        byte[] encoded = issuer.issue(partition, number, entries);
        return folder.publish(partition, number, encoded, entries);
    }

    private CrlUnpublishedException unpublished(int partition, Exception cause) {
        return new CrlUnpublishedException(
                "the CRL of %s, partition %d, cannot be published: %s"
                        .formatted(issuer.name(), partition, cause.getMessage()),
                cause);
    }

    private void record(PublishedCrl crl) {
        AuditHead head =
                audit.append(
                        AuditEvent.of(AuditKind.CRL)
                                .with(AuditField.ISSUER, issuer.name())
                                .with(AuditField.PARTITION, crl.partition())
                                .with(AuditField.NUMBER, crl.number())
                                .with(AuditField.ENTRIES, crl.entries())
                                .with(AuditField.NOT_BEFORE, crl.thisUpdate())
                                .with(AuditField.NOT_AFTER, crl.nextUpdate())
                                .with(AuditField.SHA256, crl.sha256()));
        log.info(
                "CRL published issuer=\"{}\" partition={} number={} entries={} bytes={} auditHead={}",
                issuer.name(),
                crl.partition(),
                crl.number(),
                crl.entries(),
                crl.length(),
                head);
    }

    /**
     * What the next CRL holds. What expired before the one that is published was issued has been on
     * a CRL of after its expiry, and leaves (RFC 5280, 3.3); by the earlier of two clocks, since a
     * clock that was wrong once must make nothing good again.
     */
    private Plan plan(int partition, @Nullable PublishedCrl before) {
        Map<SerialNumber, CrlEntry> entries = new TreeMap<>();
        for (RevokedCertificate one : revoked.expiringFrom(partition, since(before))) {
            entries.put(one.serial(), one.entry());
        }
        Set<SerialNumber> left = new HashSet<>();
        for (long serial : before == null ? new long[0] : before.serials()) {
            left.add(new SerialNumber(serial));
        }
        left.removeAll(entries.keySet());
        if (before == null || left.isEmpty()) {
            return new Plan(entries, List.of());
        }
        left.removeAll(revoked.known(Collections.unmodifiableSet(left)));
        List<CrlEntry> forgotten = new ArrayList<>();
        for (CrlEntry entry : left.isEmpty() ? List.<CrlEntry>of() : folder.entries(before)) {
            if (left.contains(entry.serial())) {
                forgotten.add(entry);
                entries.put(entry.serial(), entry);
            }
        }
        return new Plan(entries, forgotten);
    }

    private Instant since(@Nullable PublishedCrl before) {
        if (before == null) {
            return Instant.EPOCH;
        }
        Instant now = issuer.now().minus(CrlTimes.SKEW);
        return before.thisUpdate().isBefore(now) ? before.thisUpdate() : now;
    }

    /**
     * What {@link #reissueDue} did.
     *
     * @param published what was due and is issued
     * @param failed why others are not: an alarm; those before them are good until their time
     */
    public record Reissued(List<PublishedCrl> published, List<RuntimeException> failed) {

        /** Copies the lists. */
        public Reissued {
            published = List.copyOf(published);
            failed = List.copyOf(failed);
        }
    }

    /** What the next CRL holds; and what of that only the one before told. */
    private record Plan(Map<SerialNumber, CrlEntry> entries, List<CrlEntry> forgotten) {}

    /** Who may publish for a partition. */
    private static final class Turn {

        final ReentrantLock lock = new ReentrantLock();
        final AtomicReference<@Nullable PublishedCrl> current = new AtomicReference<>();

        /** How many asked for a CRL: counted before they wait. */
        final AtomicLong asked = new AtomicLong();

        /** How many of those the current CRL is an answer to; with the lock. */
        long answered;
    }
}
