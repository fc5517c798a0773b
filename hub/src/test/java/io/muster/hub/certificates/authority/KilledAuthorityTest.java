package io.muster.hub.certificates.authority;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.ledger.Names;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process with an authority is killed at any moment, again and again, on the same folder, until
 * it was at least once while it started. {@code -Dcrash.rounds=500} does so more often than is
 * quick, {@code -Dcrash.seed} at the same moments.
 */
class KilledAuthorityTest {

    private static final int ROUNDS = Integer.getInteger("crash.rounds", 2);

    /** It takes about as long to start. */
    private static final int START_MILLIS = 2000;

    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
    private static final Pattern AUDITED =
            Pattern.compile(
                    "\"kind\":\"issuance\".*\"issuer\":\"([^\"]+)\".*\"serial\":\"([^\"]+)\"");

    private final Path folder;
    private final Random random = new Random(SEED);

    /** What was answered, by all processes. */
    private final Map<CertificateId, String> issued = new HashMap<>();

    private final Set<CertificateId> revoked = new HashSet<>();

    /** Of those the ones of this round. */
    private final Set<CertificateId> recent = new HashSet<>();

    /** The highest number of each list that somebody has seen. */
    private final Map<String, Long> numbers = new HashMap<>();

    KilledAuthorityTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void nothingThatWasAnsweredIsForgottenWhenItIsKilled() throws Exception {
        new AuthorityStage(folder).close();
        int startsKilled = 0;
        for (int round = 0; round < ROUNDS || startsKilled == 0; round++) {
            List<String> told = runAndKill(round);
            startsKilled += told.isEmpty() ? 1 : 0;
            told.forEach(this::remember);
            look(round, round >= ROUNDS - 1);
            recent.clear();
        }
        assertThat(issued).isNotEmpty();
        System.out.printf(
                "killed %d times, %d of them at the start, seed=%d issued=%d revoked=%d%n",
                ROUNDS, startsKilled, SEED, issued.size(), revoked.size());
    }

    /** Every other one is killed at some moment of its start, the others while they work. */
    private List<String> runAndKill(int round) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xshare:auto",
                                "-cp",
                                classPath(),
                                AuthorityStage.class.getName(),
                                folder.toString())
                        .redirectError(folder.resolve("errors.txt").toFile())
                        .start();
        CompletableFuture<Void> enough = new CompletableFuture<>();
        int lines = 5 + random.nextInt(40);
        CompletableFuture<String> output =
                CompletableFuture.supplyAsync(() -> read(process.getInputStream(), lines, enough));
        try {
            boolean isStarting = round % 2 == 1;
            if (!isStarting) {
                enough.get(60, TimeUnit.SECONDS);
            }
            int millis = random.nextInt(isStarting ? START_MILLIS : 20);
            assertThat(process.waitFor(millis, TimeUnit.MILLISECONDS))
                    .as("it has ended before it was killed")
                    .isFalse();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(folder.resolve("errors.txt")).content().doesNotContain("Exception");
        String told = output.get(10, TimeUnit.SECONDS);
        return told.substring(0, told.lastIndexOf('\n') + 1).lines().toList();
    }

    private static String classPath() {
        return System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private static String read(InputStream from, int lines, CompletableFuture<Void> enough) {
        StringBuilder all = new StringBuilder();
        byte[] some = new byte[8192];
        try (from) {
            for (int length = from.read(some); length >= 0; length = from.read(some)) {
                all.append(new String(some, 0, length, StandardCharsets.US_ASCII));
                if (all.chars().filter(c -> c == '\n').count() >= lines) {
                    enough.complete(null);
                }
            }
        } catch (IOException killed) {
            // What has come until then counts.
        }
        enough.completeExceptionally(new IllegalStateException("ended before it was killed"));
        return all.toString();
    }

    private void remember(String line) {
        String[] words = line.split(" ", -1);
        if (words.length < 2) {
            return;
        }
        CertificateId id = CertificateId.parse(words[1]);
        recent.add(id);
        switch (words[0]) {
            case "ISSUED" -> assertThat(issued.put(id, words[2])).as("%s twice", id).isNull();
            case "REVOKED" -> revoked.add(id);
            case "PUBLISHED" -> numbers.merge(id.issuer(), Long.valueOf(words[2]), Math::max);
            default -> {}
        }
    }

    /**
     * Looks at what there is now.
     *
     * @param all also at what earlier rounds have done
     */
    private void look(int round, boolean all) throws Exception {
        try (AuthorityStage stage = new AuthorityStage(folder)) {
            OwnAuthority authority = stage.authority();
            authority.audit().verifySealed();
            for (CertificateId id : all ? issued.keySet() : recent) {
                LedgerEntry entry = authority.find(Names.issued(id)).orElseThrow();
                assertThat(entry.requireCertificate().fingerprint()).isEqualTo(issued.get(id));
                if (revoked.contains(id)) {
                    assertThat(entry.status()).isEqualTo(LedgerEntry.Status.REVOKED);
                    assertThat(isOnAList(authority, id)).as("%s is on a list", id).isTrue();
                }
            }
            List<CertificateId> signed = audited();
            int from = all ? 0 : Math.max(0, signed.size() - 1000);
            for (CertificateId id : signed.subList(from, signed.size())) {
                assertThat(authority.find(Names.issued(id)).orElseThrow().status())
                        .as("%s, which was signed", id)
                        .isNotEqualTo(LedgerEntry.Status.RESERVED);
            }
            for (IssuerId issuer : authority.issuers()) {
                for (PublishedCrl crl : authority.lists().published(issuer)) {
                    assertThat(crl.number())
                            .as("round %d, list %d of %s", round, crl.partition(), issuer)
                            .isGreaterThanOrEqualTo(last(issuer, crl));
                    numbers.put(issuer + "/" + crl.partition(), crl.number());
                }
            }
            // The next number is one that no list has had.
            LedgerEntry entry = stage.issue();
            CertificateId id = Names.registered(entry.id());
            issued.put(id, entry.requireCertificate().fingerprint());
            authority.authority().revoke(entry.id(), RevocationReason.SUPERSEDED, "look");
            revoked.add(id);
            long before = authority.lists().published(entry.id().issuer()).get(0).number();
            assertThat(authority.lists().publish(List.of(id))).containsEntry(id, before + 1);
        }
    }

    private long last(IssuerId issuer, PublishedCrl crl) {
        // Servers have one list, so what was answered is of that one.
        long told =
                issuer.authority().equals("server")
                        ? numbers.getOrDefault(issuer.toString(), 0L)
                        : 0;
        return Math.max(told, numbers.getOrDefault(issuer + "/" + crl.partition(), 0L));
    }

    private static boolean isOnAList(OwnAuthority authority, CertificateId id) {
        return authority.lists().published(IssuerId.parse(id.issuer())).stream()
                .anyMatch(crl -> crl.contains(SerialNumber.parse(id.serial())));
    }

    /** What the audit chain knows as signed. */
    private List<CertificateId> audited() throws IOException {
        List<CertificateId> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder.resolve("ca/audit"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Matcher found =
                        AUDITED.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
                while (found.find()) {
                    all.add(new CertificateId(found.group(1), found.group(2)));
                }
            }
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(4);
        return all;
    }
}
