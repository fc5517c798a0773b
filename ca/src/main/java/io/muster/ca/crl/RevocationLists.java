package io.muster.ca.crl;

import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.audit.AuditEvent;
import io.muster.ca.audit.AuditField;
import io.muster.ca.audit.AuditKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CRLs of one issuer: what is published, and what publishes the next one. Of each issuer there
 * is one in all processes, which has its folder and its numbers to itself. Shared by threads.
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
 *
 * <p>The folder must never be put back to an earlier state: it is what tells that the ledger was.
 * Backups leave it out; without it nothing starts until somebody decides so ({@link #startAnew}).
 */
public final class RevocationLists {

    private static final Logger log = LoggerFactory.getLogger(RevocationLists.class);

    private final CrlIssuer issuer;
    private final List<CrlPartition> partitions;
    private final AuditChain audit;

    /** Which could not be issued again when that was tried last: each is told of once. */
    private final Set<CrlPartition> failing = ConcurrentHashMap.newKeySet();

    private RevocationLists(CrlIssuer issuer, List<CrlPartition> partitions, AuditChain audit) {
        this.issuer = issuer;
        this.partitions = List.copyOf(partitions);
        this.audit = audit;
    }

    /**
     * Reads what was published, and publishes what is missing: of a new issuer one CRL for each
     * partition, after a crash those that lack a revocation. Where a CRL is there and the next one
     * cannot be issued now, since the key is elsewhere, that one is served as it is.
     *
     * @param folder of this issuer alone
     * @throws CrlRollbackException if the numbers are behind what is published, or what was
     *     published is gone
     * @throws CrlUnpublishedException if there is none for a partition and it cannot be published
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
        List<CrlPartition> partitions = partitions(issuer, revoked, numbers, folder, audit);
        try {
            folder.create(partitions.size());
        } catch (IOException e) {
            throw unpublished(issuer, e);
        }
        List<CrlPartition> missing = new ArrayList<>();
        for (CrlPartition partition : partitions) {
            if (partition.open()) {
                missing.add(partition);
            }
        }
        // Only when none of them is behind: what is published now cannot be taken back.
        int published = 0;
        for (CrlPartition partition : missing) {
            published += partition.publishMissing() ? 1 : 0;
        }
        tell(issuer, published, audit);
        return new RevocationLists(issuer, partitions, audit);
    }

    private static List<CrlPartition> partitions(
            CrlIssuer issuer,
            RevokedCertificates revoked,
            CrlNumbers numbers,
            CrlFolder folder,
            AuditChain audit) {
        List<CrlPartition> partitions = new ArrayList<>();
        for (int index = 0; index < issuer.partitions().count(); index++) {
            partitions.add(new CrlPartition(index, issuer, revoked, numbers, folder, audit));
        }
        return partitions;
    }

    /**
     * The last CRLs of an issuer whose key is destroyed: they are served as they are, whatever they
     * lack, and nothing is published.
     *
     * @return empty if there is none for a partition that can be read: there never will be one
     * @throws CrlRollbackException if the numbers are behind what is published
     */
    public static Optional<RevocationLists> openLast(
            CrlIssuer issuer,
            RevokedCertificates revoked,
            CrlNumbers numbers,
            Path folder,
            AuditChain audit) {
        CrlFolder files = new CrlFolder(folder, CrlFiles.DISK, issuer.reader());
        List<CrlPartition> partitions = partitions(issuer, revoked, numbers, files, audit);
        try {
            files.create(partitions.size());
            for (int index = 0; index < partitions.size(); index++) {
                if (files.open(index).newest().isEmpty()) {
                    return Optional.empty();
                }
            }
        } catch (IOException e) {
            throw unpublished(issuer, e);
        }
        partitions.forEach(CrlPartition::open);
        return Optional.of(new RevocationLists(issuer, partitions, audit));
    }

    /**
     * The same although published CRLs are lost, for whoever has decided to go on nevertheless: the
     * ledger must be the newest one that ever was, and its numbers above all that were published,
     * or certificates that were revoked are good again.
     */
    public static RevocationLists startAnew(
            CrlIssuer issuer,
            RevokedCertificates revoked,
            CrlNumbers numbers,
            Path folder,
            AuditChain audit) {
        CrlFolder files = new CrlFolder(folder, CrlFiles.DISK, issuer.reader());
        String detail = "CRLs begin anew where published ones are lost";
        log.warn("{} issuer=\"{}\" folder={}", detail, issuer.name(), folder);
        audit.append(
                AuditEvent.of(AuditKind.CRL)
                        .with(AuditField.ISSUER, issuer.name())
                        .with(AuditField.DETAIL, detail));
        try {
            files.create(issuer.partitions().count());
            for (int index = 0; index < issuer.partitions().count(); index++) {
                if (files.open(index).highest() == 0) {
                    files.begin(index);
                }
            }
        } catch (IOException e) {
            throw unpublished(issuer, e);
        }
        return open(issuer, revoked, numbers, files, audit);
    }

    /**
     * What was published, read before it is opened: for a ledger that was put back to an earlier
     * state and is to learn of it, without which nothing is opened. It publishes nothing.
     *
     * @return in the order of partitions; without those of which nothing was published
     */
    public static List<Published> readPublished(CrlIssuer issuer, Path folder) {
        CrlFolder files = new CrlFolder(folder, CrlFiles.DISK, issuer.reader());
        List<Published> all = new ArrayList<>();
        try {
            files.create(issuer.partitions().count());
            for (int index = 0; index < issuer.partitions().count(); index++) {
                CrlFolder.Found found = files.open(index);
                if (found.highest() > 0) {
                    List<CrlEntry> entries = found.newest().map(files::entries).orElse(List.of());
                    all.add(new Published(index, found.highest(), entries));
                }
            }
        } catch (IOException e) {
            throw unpublished(issuer, e);
        }
        return all;
    }

    /**
     * What was published for a partition.
     *
     * @param highest the highest number
     * @param entries of the newest CRL that can be read
     */
    public record Published(int partition, long highest, List<CrlEntry> entries) {

        /** Copies the list. */
        public Published {
            entries = List.copyOf(entries);
        }
    }

    /** One line for many lists; the head of the audit chain is thereby in the log, too. */
    private static void tell(CrlIssuer issuer, int lists, AuditChain audit) {
        if (lists > 0) {
            log.info(
                    "CRLs published issuer=\"{}\" count={} auditHead={}",
                    issuer.name(),
                    lists,
                    audit.head());
        }
    }

    private static CrlUnpublishedException unpublished(CrlIssuer issuer, IOException cause) {
        return new CrlUnpublishedException(
                "CRLs of " + issuer.name() + " cannot be published: " + cause, cause);
    }

    /** What is published for a partition: never nothing, once this is open. */
    public PublishedCrl published(int partition) {
        return partitions.get(partition).published();
    }

    /** What is published, in the order of partitions. */
    public List<PublishedCrl> published() {
        return partitions.stream().map(CrlPartition::published).toList();
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
        partitions.forEach(partition -> all.addAll(partition.forgotten()));
        return all;
    }

    /**
     * Publishes a CRL that holds what was revoked, durably, before this was called, unless the one
     * that is published does. Those who come while one is made share the next, or share that there
     * is none.
     *
     * @return the one that holds it; not if it had expired before
     * @throws CrlUnpublishedException if it cannot be published; it is on the next one that can
     * @throws CrlRollbackException if the ledger was put back meanwhile
     */
    public PublishedCrl publish(SerialNumber serial) {
        return partitions.get(issuer.partitions().of(serial)).publish();
    }

    /**
     * The same for many: one CRL for each partition that has some of them. One that cannot be
     * published keeps none of the others from it.
     *
     * @return in the order of partitions
     * @throws CrlUnpublishedException if one of them cannot be published; that of the others is
     *     suppressed in it
     */
    public List<PublishedCrl> publish(Collection<SerialNumber> serials) {
        Set<Integer> indexes = new TreeSet<>();
        serials.forEach(serial -> indexes.add(issuer.partitions().of(serial)));
        List<PublishedCrl> done = new ArrayList<>();
        List<RuntimeException> failed = new ArrayList<>();
        for (int index : indexes) {
            try {
                done.add(partitions.get(index).publish());
            } catch (RuntimeException e) {
                failed.add(e);
            }
        }
        if (!failed.isEmpty()) {
            RuntimeException first = failed.get(0);
            failed.subList(1, failed.size()).forEach(first::addSuppressed);
            throw first;
        }
        return done;
    }

    /** Whether something was to be published that could not be, and is not yet; from memory. */
    public boolean isIncomplete() {
        return partitions.stream().anyMatch(CrlPartition::isIncomplete);
    }

    /** When the first CRL becomes due to be issued again. */
    public Instant nextDue() {
        return partitions.stream().map(CrlPartition::due).min(Instant::compareTo).orElseThrow();
    }

    /**
     * Issues again what is due now, what is dated in the future, since the clock was put back, and
     * what somebody has asked for that could not be published. To be called when {@link #nextDue}
     * has come, and not less often than each some minutes, so that what failed is tried again.
     */
    public Reissued reissueDue() {
        List<PublishedCrl> done = new ArrayList<>();
        List<RuntimeException> failed = new ArrayList<>();
        for (CrlPartition partition : partitions) {
            try {
                partition.reissue().ifPresent(done::add);
                failing.remove(partition);
            } catch (RuntimeException e) {
                // One partition's trouble is not the others'.
                failed.add(e);
                tell(partition, e);
            }
        }
        tell(issuer, done.size(), audit);
        return new Reissued(done, failed);
    }

    private void tell(CrlPartition partition, RuntimeException why) {
        if (failing.add(partition)) {
            log.error(
                    "CRL not issued again, it is tried on issuer=\"{}\" partition={} goodUntil={}",
                    issuer.name(),
                    partition.published().partition(),
                    partition.published().nextUpdate(),
                    why);
        }
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
}
