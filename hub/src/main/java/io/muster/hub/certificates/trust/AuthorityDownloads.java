package io.muster.hub.certificates.trust;

import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.encoding.Printable;
import io.muster.auth.x509.source.Download;
import io.muster.ca.file.DurableFile;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.config.InvalidConfigException;
import io.muster.hub.config.certificates.CaSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the certificates of authorities that are on servers, again and again, on threads of its
 * own. What is pinned and can be used is kept in memory until there is another that is so, whatever
 * becomes of files; and in a folder, so that a restart needs no server. What comes from there is
 * judged as an answer is. Shared.
 */
final class AuthorityDownloads implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AuthorityDownloads.class);

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration RETRY_FIRST = Duration.ofSeconds(15);
    private static final Duration RETRY_MAX = Duration.ofMinutes(15);
    private static final int DOUBLINGS_MAX = 6;

    /** One that is slow keeps few others waiting. */
    private static final int THREADS_MAX = 4;

    private static final String FILE_END = ".pem";

    private final Path folder;
    private final Duration interval;
    private final ScheduledExecutorService threads;
    private final CountDownLatch firstLooks;
    private final Trial trial;
    private final Map<CaSource, byte[]> kept = new ConcurrentHashMap<>();
    private final Map<CaSource, String> failures = new ConcurrentHashMap<>();

    /** Judges what is to be kept, beside all else that is trusted. */
    @FunctionalInterface
    interface Trial {

        /**
         * Returns if these can be used.
         *
         * @param kept what addresses would have answered
         * @throws InvalidConfigException if not
         */
        void require(Function<CaSource, Optional<byte[]>> kept);
    }

    /**
     * Reads the folder, and begins at once; blocks.
     *
     * @param sources that are addresses
     * @param folder which it makes when there is something to keep
     * @param interval between two looks, at most
     */
    AuthorityDownloads(Collection<CaSource> sources, Path folder, Duration interval, Trial trial) {
        this.folder = folder;
        this.interval = interval;
        this.trial = trial;
        sources.forEach(this::readKept);
        forgetFormer(sources);
        this.firstLooks = new CountDownLatch(sources.size());
        this.threads =
                Executors.newScheduledThreadPool(
                        Math.max(1, Math.min(sources.size(), THREADS_MAX)),
                        task -> {
                            Thread thread = new Thread(task, "muster-authority-download");
                            thread.setDaemon(true);
                            return thread;
                        });
        if (!sources.isEmpty()) {
            var client = Download.newClient();
            for (CaSource source : sources) {
                Download download =
                        new Download(source.address(), client, TIMEOUT, AuthorityFiles.OCTETS_MAX);
                threads.execute(new Looks(source, download));
            }
        }
    }

    /** The looks at one address, one after the other. */
    private final class Looks implements Runnable {

        private final CaSource source;
        private final Download download;
        private int failed;
        private boolean isFirst = true;

        Looks(CaSource source, Download download) {
            this.source = source;
            this.download = download;
        }

        @Override
        public void run() {
            try {
                look();
                failed = 0;
                failures.remove(source);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            } catch (IOException | MalformedException | RuntimeException e) {
                failed++;
                failed(source, e);
            } finally {
                if (isFirst) {
                    isFirst = false;
                    firstLooks.countDown();
                }
                plan();
            }
        }

        private void look() throws IOException, InterruptedException, MalformedException {
            Optional<byte[]> before = kept(source);
            try {
                Optional<byte[]> answer = download.fetch(failed > 0 || before.isEmpty());
                if (answer.isPresent()) {
                    take(source, answer.get());
                }
            } catch (IOException | MalformedException | RuntimeException e) {
                keepDespite(e);
                throw e;
            }
            keep(source);
        }

        /** The folder may be all that a restart has then. */
        private void keepDespite(Exception failure) {
            try {
                keep(source);
            } catch (IOException | RuntimeException e) {
                failure.addSuppressed(e);
            }
        }

        private void plan() {
            long pause = pause().toMillis();
            // A little sooner or later, so that many hubs do not come together.
            long varied = pause * 3 / 4 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
            if (!threads.isShutdown()) {
                var unused = threads.schedule(this, varied, TimeUnit.MILLISECONDS);
            }
        }

        private Duration pause() {
            if (failed == 0) {
                return interval;
            }
            Duration pause = RETRY_FIRST.multipliedBy(1L << Math.min(failed - 1, DOUBLINGS_MAX));
            return shorter(shorter(pause, RETRY_MAX), interval);
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** One at a time, since each is judged beside the others. */
    private synchronized void take(CaSource source, byte[] octets) throws MalformedException {
        AuthorityFiles.requirePinned(source, octets);
        trial.require(asked -> asked.equals(source) ? Optional.of(octets) : kept(asked));
        kept.put(source, octets);
    }

    private void keep(CaSource source) throws IOException {
        Optional<byte[]> present = kept(source);
        if (present.isPresent()) {
            write(file(source), present.get());
        }
    }

    /** Also if somebody has removed it, or written something else there. */
    private static void write(Path file, byte[] octets) throws IOException {
        if (!has(file, octets)) {
            DurableFile.replace(file, octets);
            log.info("certificate of an authority is kept file={}", file);
        }
    }

    private static boolean has(Path file, byte[] octets) {
        try {
            return Files.exists(file) && Arrays.equals(AuthorityFiles.octets(file), octets);
        } catch (IOException unreadable) {
            return false;
        }
    }

    /**
     * What it has kept itself; or else, as when the operator has named one certificate more, the
     * last that another entry has kept, or one of before, and that is pinned here, too.
     */
    private void readKept(CaSource source) {
        Path own = file(source);
        if (Files.exists(own)) {
            try {
                take(source, AuthorityFiles.octets(own));
                return;
            } catch (IOException | MalformedException | RuntimeException e) {
                failed(source, e);
            }
        }
        for (Path other : files()) {
            try {
                take(source, AuthorityFiles.octets(other));
                return;
            } catch (IOException | MalformedException | RuntimeException e) {
                log.debug("not the certificate of address={} file={}", source, other, e);
            }
        }
    }

    /**
     * Deletes what entries of before have kept, which could be taken for what is good now. Not
     * while an entry has nothing: it may be among that, and wait for a list.
     */
    private void forgetFormer(Collection<CaSource> sources) {
        if (!kept.keySet().containsAll(sources)) {
            return;
        }
        try {
            Set<Path> present = new HashSet<>();
            for (CaSource source : sources) {
                keep(source);
                present.add(file(source));
            }
            for (Path file : files()) {
                if (!present.contains(file)) {
                    DurableFile.delete(file);
                }
            }
        } catch (IOException | RuntimeException e) {
            log.warn("certificates that former entries have kept stay folder={}", folder, e);
        }
    }

    /** The newest first. */
    private List<Path> files() {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(FILE_END))
                    .sorted(Comparator.comparing(AuthorityDownloads::written).reversed())
                    .toList();
        } catch (IOException | UncheckedIOException noneYet) {
            return List.of();
        }
    }

    private static FileTime written(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException gone) {
            return FileTime.fromMillis(0);
        }
    }

    /** Told once, as long as it is the same. */
    private void failed(CaSource source, Exception e) {
        String why =
                e instanceof MalformedException || e instanceof InvalidConfigException
                        ? String.valueOf(e.getMessage())
                        : e.toString();
        String shown = Printable.of(why);
        if (!shown.equals(failures.put(source, shown))) {
            log.warn(
                    "certificate of an authority was not fetched, tried again address={}"
                            + " detail=\"{}\"",
                    source,
                    shown);
        }
    }

    /** Of an entry alone: two may name one address, and certificates that both pin. */
    private Path file(CaSource source) {
        String named = source.place() + ' ' + text(source.pins()) + ' ' + text(source.pinsAbove());
        byte[] octets = named.getBytes(StandardCharsets.UTF_8);
        return folder.resolve(Sha256.of(octets).hex() + FILE_END);
    }

    private static String text(Set<Sha256> pins) {
        return pins.stream().map(Sha256::hex).sorted().collect(Collectors.joining(","));
    }

    /** What was fetched last that is pinned and can be used; never blocks. */
    Optional<byte[]> kept(CaSource source) {
        return Optional.ofNullable(kept.get(source));
    }

    /** Why the last look brought nothing; empty if it did. */
    Optional<String> failure(CaSource source) {
        return Optional.ofNullable(failures.get(source));
    }

    /** Waits until each was looked at once, but not longer than this. */
    void awaitFirstLooks(Duration time) throws InterruptedException {
        var unused = firstLooks.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
