package io.muster.ca.crl;

import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.audit.AuditEvent;
import io.muster.ca.audit.AuditField;
import io.muster.ca.audit.AuditHead;
import io.muster.ca.audit.AuditKind;
import io.muster.ca.audit.AuditUnwritableException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of an issuer: the CRL that is published, and what publishes the next one. Shared by
 * threads, of which one publishes at a time, for all who have asked by then; it blocks, but for
 * {@link #published}.
 */
final class CrlPartition {

    private static final Logger log = LoggerFactory.getLogger(CrlPartition.class);

    private final int index;
    private final CrlIssuer issuer;
    private final RevokedCertificates revoked;
    private final CrlNumbers numbers;
    private final CrlFolder folder;
    private final AuditChain audit;

    /** Of whoever publishes. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable PublishedCrl current;

    /** Where the audit chain ended with the current CRL; with the lock. */
    private @Nullable AuditHead auditHead;

    /** How many asked for a CRL: counted before they wait. */
    private final AtomicLong asked = new AtomicLong();

    /** How many of those the current CRL is an answer to; written with the lock. */
    private volatile long answered;

    /** How many of those were told that there is none; written with the lock. */
    private volatile long refused;

    /** What they were told; with the lock. */
    private @Nullable CrlUnpublishedException failure;

    CrlPartition(
            int index,
            CrlIssuer issuer,
            RevokedCertificates revoked,
            CrlNumbers numbers,
            CrlFolder folder,
            AuditChain audit) {
        this.index = index;
        this.issuer = issuer;
        this.revoked = revoked;
        this.numbers = numbers;
        this.folder = folder;
        this.audit = audit;
    }

    /**
     * Reads what was published. It publishes nothing yet, as that cannot be taken back and another
     * partition may be behind.
     *
     * @return whether there is nothing fit to be served, or not all is on it
     */
    boolean open() {
        CrlFolder.Found found;
        try {
            found = folder.open(index);
        } catch (IOException e) {
            throw unpublished(e);
        }
        long last = numbers.last(index);
        if (last < found.highest()) {
            throw rollback(last + 1, found.highest());
        }
        if (found.newest().isEmpty()) {
            begin(found, last);
            return true;
        }
        PublishedCrl crl = found.newest().get();
        current = crl;
        Plan plan = plan(crl);
        if (!plan.forgotten.isEmpty()) {
            log.warn(
                    "revoked certificates that the ledger does not know, they stay revoked"
                            + " issuer=\"{}\" partition={} count={}",
                    issuer.name(),
                    index,
                    plan.forgotten.size());
        }
        return found.lacksLast() || !plan.entries.keySet().stream().allMatch(crl::contains);
    }

    /** Before the first number is taken the folder says so: without that, somebody emptied it. */
    private void begin(CrlFolder.Found found, long last) {
        if (found.highest() > 0 || found.isBegun()) {
            return;
        }
        if (last > 0) {
            throw lost(last);
        }
        try {
            folder.begin(index);
        } catch (IOException e) {
            throw unpublished(e);
        }
    }

    /**
     * Publishes after a start what is missing. If that does not work now, what is there is served,
     * and {@link #reissue} tries again.
     *
     * @return whether it is published
     */
    boolean publishMissing() {
        asked.incrementAndGet();
        lock.lock();
        try {
            publishNow(true);
            return true;
        } catch (CrlUnpublishedException e) {
            PublishedCrl crl = current;
            if (crl == null) {
                throw e;
            }
            log.error(
                    "CRL is not complete and none can be issued now, it is served issuer=\"{}\""
                            + " partition={} number={} goodUntil={}",
                    issuer.name(),
                    index,
                    crl.number(),
                    crl.nextUpdate(),
                    e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** What is published: never nothing, once all are open. */
    PublishedCrl published() {
        PublishedCrl crl = current;
        if (crl == null) {
            throw new IllegalStateException("partition " + index + " is not open yet");
        }
        return crl;
    }

    /** What only the published CRL knows to be revoked. */
    List<CrlEntry> forgotten() {
        return plan(published()).forgotten;
    }

    /** Whether somebody was told that there is none, and there still is none. */
    boolean isIncomplete() {
        return refused > answered;
    }

    /** The CRL that holds what was revoked before this was called. */
    PublishedCrl publish() {
        long mine = asked.incrementAndGet();
        lock.lock();
        try {
            if (answered >= mine) {
                return published();
            }
            CrlUnpublishedException shared = failure;
            if (shared != null && refused >= mine) {
                throw new CrlUnpublishedException(String.valueOf(shared.getMessage()), shared);
            }
            PublishedCrl before = current;
            PublishedCrl crl = publishNow(false);
            if (crl != before) {
                log.info("{}", inWords(crl));
            }
            return crl;
        } finally {
            lock.unlock();
        }
    }

    /** When it is to be issued again without need. */
    Instant due() {
        return published().thisUpdate().plus(CrlTimes.SKEW).plus(issuer.times().reissueAfter());
    }

    private boolean isDue() {
        Instant now = issuer.now();
        return !now.isBefore(due()) || now.isBefore(published().thisUpdate());
    }

    /** Issues it again if that is due, or if somebody has asked and was not answered. */
    Optional<PublishedCrl> reissue() {
        lock.lock();
        try {
            PublishedCrl before = published();
            if (!isDue() && answered >= asked.get()) {
                return Optional.empty();
            }
            return Optional.of(publishNow(false)).filter(crl -> crl != before);
        } finally {
            lock.unlock();
        }
    }

    /**
     * With the lock.
     *
     * @param always also if the one that is published says the same and is not due
     */
    private PublishedCrl publishNow(boolean always) {
        PublishedCrl before = current;
        long upTo = asked.get();
        PublishedCrl crl;
        try {
            Collection<CrlEntry> entries = plan(before).entries.values();
            boolean same = before != null && !always && !isDue() && tells(before, entries);
            crl = same ? published() : issue(before, entries);
        } catch (CrlRollbackException e) {
            throw e;
        } catch (IOException | CrlDamagedException | RuntimeException e) {
            CrlUnpublishedException unpublished = unpublished(e);
            refused = upTo;
            failure = unpublished;
            throw unpublished;
        }
        answered = upTo;
        failure = null;
        if (crl != before) {
            current = crl;
            folder.tidy(index, before == null ? crl.number() : before.number());
            record(crl);
        }
        return crl;
    }

    /** Whether just that stands on a CRL, with these times and reasons. */
    private boolean tells(PublishedCrl crl, Collection<CrlEntry> entries) {
        return crl.entries() == entries.size()
                && entries.stream().allMatch(entry -> crl.contains(entry.serial()))
                && new HashSet<>(folder.entries(crl))
                        .equals(
                                entries.stream()
                                        .map(issuer::asWritten)
                                        .collect(Collectors.toSet()));
    }

    private PublishedCrl issue(@Nullable PublishedCrl before, Collection<CrlEntry> entries)
            throws IOException, CrlDamagedException {
        // Without the key no number is taken that nothing would have.
        issuer.requireKey();
        long number = numbers.next(index);
        if (before != null && number <= before.number()) {
            throw rollback(number, before.number());
        }
        List<CrlEntry> written = entries.stream().map(issuer::asWritten).toList();
        byte[] encoded = issuer.issue(index, number, written);
        return folder.publish(index, number, encoded, written);
    }

    /**
     * What the next CRL holds. What expired before the one that is published was issued has been on
     * a CRL of after its expiry, and leaves (RFC 5280, 3.3); by the earlier of two clocks, since a
     * clock that was wrong once must make nothing good again.
     */
    private Plan plan(@Nullable PublishedCrl before) {
        Map<SerialNumber, CrlEntry> entries = new TreeMap<>();
        for (RevokedCertificate one : revoked.expiringFrom(index, since(before))) {
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

    /** It is published, whether or not that can be recorded. */
    private void record(PublishedCrl crl) {
        try {
            auditHead = audit.append(event(crl));
            log.debug("{}", inWords(crl));
        } catch (AuditUnwritableException e) {
            log.error("{}, but that is not in the audit chain", inWords(crl), e);
        }
    }

    private AuditEvent event(PublishedCrl crl) {
        return AuditEvent.of(AuditKind.CRL)
                .with(AuditField.ISSUER, issuer.name())
                .with(AuditField.PARTITION, crl.partition())
                .with(AuditField.NUMBER, crl.number())
                .with(AuditField.ENTRIES, crl.entries())
                .with(AuditField.NOT_BEFORE, crl.thisUpdate())
                .with(AuditField.NOT_AFTER, crl.nextUpdate())
                .with(AuditField.SHA256, crl.sha256());
    }

    private String inWords(PublishedCrl crl) {
        return "CRL published issuer=\"%s\" partition=%d number=%d entries=%d bytes=%d auditHead=%s"
                .formatted(
                        issuer.name(),
                        crl.partition(),
                        crl.number(),
                        crl.entries(),
                        crl.length(),
                        auditHead);
    }

    private CrlUnpublishedException unpublished(Exception cause) {
        return new CrlUnpublishedException(
                "the CRL of %s, partition %d, cannot be published: %s"
                        .formatted(issuer.name(), index, cause.getMessage()),
                cause);
    }

    private CrlRollbackException rollback(long next, long published) {
        return new CrlRollbackException(
                ("the next CRL of %s, partition %d, would have number %d, but %s is published: the"
                                + " ledger was put back to an earlier state. Put back the newest"
                                + " one, or set its number to %d and enter what is revoked on that"
                                + " CRL; until then nothing is issued")
                        .formatted(
                                issuer.name(),
                                index,
                                next,
                                folder.file(index, published),
                                published));
    }

    private CrlRollbackException lost(long last) {
        return new CrlRollbackException(
                ("CRL %d of %s, partition %d, or an earlier one was published, but there is none in"
                                + " %s: what was revoked on the lists that were there cannot be"
                                + " told. Put back this folder as it was last, never an older copy;"
                                + " until then nothing is issued")
                        .formatted(last, issuer.name(), index, folder.folder(index)));
    }

    /** What the next CRL holds; and what of that only the one before told. */
    private record Plan(Map<SerialNumber, CrlEntry> entries, List<CrlEntry> forgotten) {}
}
