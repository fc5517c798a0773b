package io.muster.ca.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit chain of the authority, in a folder that one process holds at a time. Shared by
 * threads. It blocks: writing waits for the disk, and writers that come together wait once.
 *
 * <p>What {@link #append} returned from is found after any crash. When the chain is opened, all of
 * it is looked at: the file that grows record by record, the sealed ones byte by byte, some hundred
 * megabytes in a second. {@link #verifySealed} looks at those once more, in any thread.
 */
public final class AuditChain implements AuditLog, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AuditChain.class);

    /** Some 50,000 records: what is checked while a start waits for it. */
    static final long SEGMENT_BYTES = 16L << 20;

    private final AuditFolder folder;
    private final Clock clock;
    private final long segmentBytes;
    private final FileChannel lock;
    private final AuditHeadFile headFile;

    /** Held while the disk is waited for; taken before {@link #writing}. */
    private final Object forcing = new Object();

    /** Held while bytes are added, and what follows is changed. */
    private final Object writing = new Object();

    private final MessageDigest digest = AuditRecord.sha256();
    private @Nullable AuditFile file;
    private AuditHead head;
    private AuditHead durable;
    private @Nullable IOException failure;

    private AuditChain(
            AuditFolder folder, Clock clock, long segmentBytes, FileChannel lock, AuditHead head)
            throws IOException {
        this.folder = folder;
        this.clock = clock;
        this.segmentBytes = segmentBytes;
        this.lock = lock;
        this.headFile = new AuditHeadFile(folder.headFile());
        this.head = head;
        this.durable = head;
    }

    /**
     * Opens the chain in a folder, or begins one there.
     *
     * @throws AuditChainBrokenException if it is not as it was written
     * @throws AuditUnwritableException if another process holds it, or it cannot be read or written
     */
    public static AuditChain open(Path folder, Clock clock) throws AuditChainBrokenException {
        return open(folder, clock, SEGMENT_BYTES);
    }

    static AuditChain open(Path folder, Clock clock, long segmentBytes)
            throws AuditChainBrokenException {
        return open(new AuditFolder(folder), clock, segmentBytes, Optional.empty());
    }

    /**
     * Puts a broken chain aside, where nothing touches it any more, and begins another, whose first
     * record says what was found. For whoever has decided to go on nevertheless.
     */
    public static AuditChain startAnew(Path folder, Clock clock, AuditChainBrokenException why)
            throws AuditChainBrokenException {
        return open(new AuditFolder(folder), clock, SEGMENT_BYTES, Optional.of(why));
    }

    private static AuditChain open(
            AuditFolder folder,
            Clock clock,
            long segmentBytes,
            Optional<AuditChainBrokenException> why)
            throws AuditChainBrokenException {
        FileChannel lock = lock(folder);
        boolean isOpen = false;
        try {
            AuditEvent first = AuditEvent.of(AuditKind.CHAIN);
            if (why.isPresent()) {
                Path aside = folder.setAside(clock.instant());
                log.error("broken audit chain put aside folder={}", aside, why.get());
                first =
                        first.with(AuditField.FILE, AuditFolder.name(aside))
                                .with(AuditField.DETAIL, String.valueOf(why.get().getMessage()));
            }
            AuditHead acknowledged = acknowledged(folder);
            AuditOpening.Found found = new AuditOpening(folder, acknowledged).look();
            AuditChain chain = new AuditChain(folder, clock, segmentBytes, lock, found.head());
            chain.begin(found, first);
            isOpen = true;
            return chain;
        } catch (IOException e) {
            throw unopened(folder, e);
        } finally {
            if (!isOpen) {
                closeQuietly(lock);
            }
        }
    }

    private static AuditUnwritableException unopened(AuditFolder folder, IOException cause) {
        return new AuditUnwritableException(
                "audit chain in %s cannot be opened: %s".formatted(folder.path(), cause), cause);
    }

    private static FileChannel lock(AuditFolder folder) {
        try {
            Files.createDirectories(folder.path());
            return lock(folder.lockFile());
        } catch (IOException e) {
            throw unopened(folder, e);
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = null;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            // The same as if another one held it.
        }
        if (held == null) {
            channel.close();
            throw new IOException(path + " is held by another process");
        }
        return channel;
    }

    private static void closeQuietly(FileChannel lock) {
        try {
            lock.close();
        } catch (IOException e) {
            log.warn("lock of the audit chain not closed", e);
        }
    }

    /** Before there is any record the head file says so: without one, somebody took it. */
    private static AuditHead acknowledged(AuditFolder folder)
            throws IOException, AuditChainBrokenException {
        try (AuditHeadFile file = new AuditHeadFile(folder.headFile())) {
            Optional<AuditHead> head = file.read();
            if (head.isPresent()) {
                return head.get();
            }
            if (!folder.files().isEmpty()) {
                throw new AuditChainBrokenException(
                        "%s is missing or damaged: it says where the chain ends"
                                .formatted(folder.headFile()));
            }
            file.write(AuditHead.NONE);
            file.force();
            folder.force();
            return AuditHead.NONE;
        }
    }

    private void begin(AuditOpening.Found found, AuditEvent first) throws IOException {
        if (found.file().isPresent()) {
            file = found.file().get();
        } else {
            beginFile(first);
        }
        if (found.repair().isPresent()) {
            write(found.repair().get());
        }
        usable().force();
        headFile.write(head);
        headFile.force();
        durable = head;
    }

    @Override
    public AuditHead append(AuditEvent... events) {
        AuditHead mine = write(events);
        force(mine);
        return mine;
    }

    @Override
    public void note(AuditEvent event) {
        write(event);
    }

    /**
     * Why nothing can be recorded any more, and so nothing is issued, until it is opened again;
     * empty while all is well.
     */
    public Optional<String> alarm() {
        synchronized (writing) {
            return failure == null
                    ? Optional.empty()
                    : Optional.of(
                            "audit chain in %s is out of use since: %s"
                                    .formatted(folder.path(), failure));
        }
    }

    /**
     * Whether one was begun in a folder, whatever became of it since: where one was and is not any
     * more, somebody took it.
     */
    public static boolean isBegun(Path folder) {
        return new AuditFolder(folder).headFile().exists();
    }

    /** The last record, durable or not. */
    public AuditHead head() {
        synchronized (writing) {
            return head;
        }
    }

    private AuditHead write(AuditEvent... events) {
        synchronized (writing) {
            AuditFile to = usable();
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            AuditHead last = head;
            for (AuditEvent event : events) {
                byte[] line = AuditRecord.encode(last, clock.instant(), event);
                last = AuditRecord.head(last.sequence() + 1, digest, line);
                lines.writeBytes(line);
            }
            try {
                to.write(lines.toByteArray());
            } catch (IOException e) {
                throw unwritable(to, e);
            }
            head = last;
            return last;
        }
    }

    private AuditFile usable() {
        if (failure != null) {
            throw new AuditUnwritableException(
                    "audit chain in %s is out of use since: %s".formatted(folder.path(), failure),
                    failure);
        }
        if (file == null) {
            throw new IllegalStateException("audit chain in " + folder.path() + " is closed");
        }
        return file;
    }

    private static AuditUnwritableException unwritable(AuditFile file, IOException cause) {
        return new AuditUnwritableException(
                "%s cannot be written: %s".formatted(file.path(), cause), cause);
    }

    /** Who waited for the disk for others finds that out when its turn comes. */
    private void force(AuditHead mine) {
        synchronized (forcing) {
            if (durable.sequence() >= mine.sequence()) {
                return;
            }
            AuditFile to;
            AuditHead upTo;
            synchronized (writing) {
                to = usable();
                upTo = head;
            }
            try {
                to.force();
                headFile.write(upTo);
                // An older one would let records go that were acknowledged.
                headFile.force();
            } catch (IOException e) {
                // What an fsync has failed for, the next one does not tell of.
                fail(e);
                throw unwritable(to, e);
            }
            durable = upTo;
            if (to.length() >= segmentBytes) {
                seal();
            }
        }
    }

    private void fail(IOException e) {
        synchronized (writing) {
            failure = e;
        }
    }

    /** Goes on in another file. Where that cannot be made, this one grows on. */
    private void seal() {
        synchronized (writing) {
            AuditFile sealed = usable();
            try {
                sealed.force();
                headFile.write(head);
                headFile.force();
                durable = head;
                beginFile(
                        AuditEvent.of(AuditKind.SEGMENT)
                                .with(AuditField.SHA256, sealed.sha256())
                                .with(AuditField.BYTES, sealed.length())
                                .with(AuditField.FILE, AuditFolder.name(sealed.path())));
                sealed.close();
                headFile.write(head);
                headFile.force();
                durable = head;
            } catch (IOException e) {
                log.error("audit file not sealed, it grows on file={}", sealed.path(), e);
                if (Files.exists(folder.file(head.sequence() + 1))) {
                    failure = e;
                }
            }
        }
    }

    private void beginFile(AuditEvent first) throws IOException {
        Path path = folder.file(head.sequence() + 1);
        AuditFile next = new AuditFile(path, 0, AuditRecord.sha256());
        byte[] line = AuditRecord.encode(head, clock.instant(), first);
        try {
            next.write(line);
            next.force();
            folder.force();
        } catch (IOException e) {
            next.close();
            Files.deleteIfExists(path);
            throw e;
        }
        head = AuditRecord.head(head.sequence() + 1, digest, line);
        file = next;
    }

    /**
     * Looks at all bytes of all sealed files: some hundred megabytes in a second.
     *
     * @throws AuditChainBrokenException if one is not as it was sealed
     */
    public void verifySealed() throws AuditChainBrokenException {
        try {
            folder.checkSealed(folder.files());
        } catch (IOException e) {
            throw new UncheckedIOException("audit chain cannot be read: " + e, e);
        }
    }

    /** Makes durable what was noted, and lets another process have the chain. */
    @Override
    public void close() {
        synchronized (forcing) {
            synchronized (writing) {
                AuditFile last = file;
                if (last == null) {
                    return;
                }
                file = null;
                try (lock;
                        headFile;
                        last) {
                    if (failure == null) {
                        last.force();
                        headFile.write(head);
                        headFile.force();
                    }
                } catch (IOException e) {
                    throw unwritable(last, e);
                }
            }
        }
    }
}
