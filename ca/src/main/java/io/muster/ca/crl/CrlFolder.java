package io.muster.ca.crl;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The published CRLs of an issuer on the disk: a folder for each partition, and in it {@code
 * crl.<number>}, the newest and the one before. What has another name was never published; {@code
 * crl.none} stands there until something is. Shared by threads, of which each has a partition to
 * itself; blocks.
 */
final class CrlFolder {

    private static final Logger log = LoggerFactory.getLogger(CrlFolder.class);

    private static final Pattern NAME = Pattern.compile("crl\\.(\\d{1,18})(\\.damaged)?");
    private static final String DRAFT = ".tmp";
    private static final String DAMAGED = ".damaged";

    /** Stands in the folder of a partition until the first CRL is published. */
    private static final String NONE = "crl.none";

    private final Path path;
    private final CrlFiles files;
    private final CrlReader reader;

    CrlFolder(Path path, CrlFiles files, CrlReader reader) {
        this.path = path;
        this.files = files;
        this.reader = reader;
    }

    /** Makes what is not there yet. */
    void create(int partitions) throws IOException {
        for (int partition = 0; partition < partitions; partition++) {
            files.createFolder(folder(partition));
        }
        files.forceFolder(path);
    }

    /**
     * What was published last. A file that is damaged is put aside, and its number counts
     * nevertheless; a draft that a crash left is taken away.
     */
    Found open(int partition) throws IOException {
        Path folder = folder(partition);
        Optional<PublishedCrl> newest = Optional.empty();
        TreeSet<Long> numbers = new TreeSet<>();
        long highest = 0;
        boolean begun = false;
        for (String name : files.list(folder)) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches()) {
                long number = Long.parseLong(matcher.group(1));
                highest = Math.max(highest, number);
                if (matcher.group(2) == null) {
                    numbers.add(number);
                }
            } else if (name.equals(NONE)) {
                begun = true;
            } else if (name.endsWith(DRAFT)) {
                files.delete(folder.resolve(name));
            }
        }
        for (long number : numbers.descendingSet()) {
            if (newest.isEmpty()) {
                newest = read(partition, number);
            }
        }
        if (begun && highest > 0) {
            files.delete(folder.resolve(NONE));
        }
        return new Found(newest, highest, begun);
    }

    /** Makes it durable that nothing was ever published for a partition. */
    void begin(int partition) throws IOException {
        Path file = folder(partition).resolve(NONE);
        files.write(file, new byte[0]);
        files.force(file);
        files.forceFolder(folder(partition));
    }

    private Optional<PublishedCrl> read(int partition, long number) throws IOException {
        Path file = file(partition, number);
        try {
            return Optional.of(numbered(number, reader.read(partition, files.read(file))));
        } catch (CrlDamagedException e) {
            log.error(
                    "published CRL is damaged, put aside, another will be issued file={} cause=\"{}\"",
                    file,
                    e.getMessage());
            files.move(file, file.resolveSibling(file.getFileName() + DAMAGED));
            files.forceFolder(folder(partition));
            return Optional.empty();
        }
    }

    private static PublishedCrl numbered(long number, PublishedCrl crl) throws CrlDamagedException {
        if (crl.number() != number) {
            throw new CrlDamagedException(
                    "its number is %d, not %d".formatted(crl.number(), number));
        }
        return crl;
    }

    /**
     * Publishes a CRL. When this returns it is durable and checked; when it does not, the one
     * before is still the newest.
     *
     * @param expected what must be on it, as it is written there, and nothing else
     */
    PublishedCrl publish(int partition, long number, byte[] encoded, Collection<CrlEntry> expected)
            throws IOException, CrlDamagedException {
        Path file = file(partition, number);
        Path draft = file.resolveSibling(file.getFileName() + DRAFT);
        try {
            PublishedCrl crl = check(partition, number, draft, encoded, expected);
            files.move(draft, file);
            files.forceFolder(folder(partition));
            return crl;
        } catch (IOException | CrlDamagedException | RuntimeException e) {
            deleteDraft(draft);
            throw e;
        }
    }

    private PublishedCrl check(
            int partition, long number, Path draft, byte[] encoded, Collection<CrlEntry> expected)
            throws IOException, CrlDamagedException {
        files.write(draft, encoded);
        files.force(draft);
        PublishedCrl crl = numbered(number, reader.read(partition, files.read(draft)));
        if (!new HashSet<>(entries(crl)).equals(new HashSet<>(expected))) {
            throw new CrlDamagedException("it does not hold just what is revoked, when and why");
        }
        return crl;
    }

    private void deleteDraft(Path draft) {
        try {
            files.delete(draft);
        } catch (IOException e) {
            log.warn("draft of a CRL not deleted, the next start does file={}", draft, e);
        }
    }

    /** Deletes CRLs older than this, which nobody will ask for any more. */
    void tidy(int partition, long oldest) {
        try {
            for (String name : files.list(folder(partition))) {
                Matcher matcher = NAME.matcher(name);
                boolean old =
                        matcher.matches()
                                && matcher.group(2) == null
                                && Long.parseLong(matcher.group(1)) < oldest;
                if (old || name.equals(NONE)) {
                    files.delete(folder(partition).resolve(name));
                }
            }
        } catch (IOException e) {
            log.warn("old CRLs not deleted folder={}", folder(partition), e);
        }
    }

    /** What stands on a CRL of this folder. */
    List<CrlEntry> entries(PublishedCrl crl) {
        return reader.entries(crl);
    }

    Path file(int partition, long number) {
        return folder(partition).resolve("crl." + number);
    }

    Path folder(int partition) {
        return path.resolve(Integer.toString(partition));
    }

    /**
     * What is there of a partition.
     *
     * @param newest the last one published that can be read
     * @param highest the highest number that was published; 0 if none
     * @param isBegun whether it says that none was ever
     */
    record Found(Optional<PublishedCrl> newest, long highest, boolean isBegun) {

        /** Whether the last one published cannot be read any more, or there was none. */
        boolean lacksLast() {
            return newest.isEmpty() || newest.get().number() < highest;
        }
    }
}
