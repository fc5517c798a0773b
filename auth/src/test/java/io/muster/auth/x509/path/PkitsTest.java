package io.muster.auth.x509.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The cases of the NIST's PKITS about paths and lists, where the property {@code pkits.dir} says:
 * nothing that is invalid is let in, and what is valid is, but for {@link #STRICTER}.
 */
class PkitsTest {

    private static final Instant NOW = Instant.parse("2012-01-01T00:00:00Z");

    private static final String DSA = "KEY_NOT_ALLOWED: keys of DSA are not taken";
    private static final String ANOTHER_SIGNS =
            "KEY_USAGE: who issues certificates signs the lists of them too, with the same key";
    private static final String TWO_KEYS =
            "REVOCATION_STALE: the lists are signed with another key of the same name; another key"
                    + " has another name";
    private static final String SOME_REASONS =
            "REVOCATION_STALE: lists for some reasons only are not taken";
    private static final String INDIRECT =
            "REVOCATION_STALE: lists with entries of other issuers are not taken";
    private static final String DELTAS =
            "NOT_COVERED: lists of changes are not read, and where they are announced a complete"
                    + " list does not say all";

    /** What PKITS calls valid and is refused, with the cause and why that is right. */
    private static final Map<String, String> STRICTER =
            Map.ofEntries(
                    Map.entry("4.1.4", DSA),
                    Map.entry("4.1.5", DSA),
                    Map.entry("4.4.19", ANOTHER_SIGNS),
                    Map.entry("4.5.1", TWO_KEYS),
                    Map.entry("4.5.4", TWO_KEYS),
                    Map.entry("4.5.6", TWO_KEYS),
                    Map.entry("4.6.15", TWO_KEYS),
                    Map.entry("4.6.17", TWO_KEYS),
                    Map.entry("4.14.18", SOME_REASONS),
                    Map.entry("4.14.19", SOME_REASONS),
                    Map.entry("4.14.22", INDIRECT),
                    Map.entry("4.14.24", ANOTHER_SIGNS),
                    Map.entry("4.14.25", ANOTHER_SIGNS),
                    Map.entry("4.14.28", INDIRECT),
                    Map.entry("4.14.29", INDIRECT),
                    Map.entry("4.14.30", ANOTHER_SIGNS),
                    Map.entry("4.14.33", INDIRECT),
                    Map.entry("4.15.2", DELTAS),
                    Map.entry("4.15.5", DELTAS),
                    Map.entry("4.15.7", DELTAS),
                    Map.entry("4.15.8", DELTAS));

    private static Path folder = Path.of(".");
    private static List<Case> cases = List.of();

    private record Case(
            String id, boolean isValid, String anchor, List<String> path, List<String> crls) {

        static Case of(String line) {
            String[] columns = line.split("\t", -1);
            return new Case(
                    columns[0],
                    columns[2].equals("valid"),
                    columns[3],
                    names(columns[4]),
                    names(columns[6]));
        }

        private static List<String> names(String column) {
            return Arrays.stream(column.split(",")).filter(name -> !name.isEmpty()).toList();
        }
    }

    @BeforeAll
    static void readCases() throws IOException {
        String property = System.getProperty("pkits.dir", "");
        assumeTrue(!property.isEmpty(), "-Dpkits.dir=... names the folder of PKITS");
        folder = Path.of(property);
        cases =
                Files.readAllLines(folder.resolve("cases.tsv")).stream()
                        .filter(line -> !line.startsWith("#") && !line.isBlank())
                        .map(Case::of)
                        .toList();
    }

    @Test
    void letsInNothingThatIsInvalid() {
        assertThat(cases).hasSize(123);
        List<String> letIn =
                cases.stream()
                        .filter(test -> !test.isValid() && refusal(test).isEmpty())
                        .map(Case::id)
                        .toList();

        assertThat(letIn).isEmpty();
    }

    @Test
    void letsInWhatIsValidButForOurStricterRules() {
        Map<String, String> refused = new TreeMap<>();
        for (Case test : cases) {
            Optional<CertificateRefusedException> refusal =
                    test.isValid() ? refusal(test) : Optional.empty();
            refusal.ifPresent(
                    e -> refused.put(test.id(), e.refusal().name() + ": " + e.getMessage()));
        }
        Map<String, String> causes = new HashMap<>();
        refused.forEach((id, text) -> causes.put(id, cause(text)));
        Map<String, String> expected = new HashMap<>();
        STRICTER.forEach((id, text) -> expected.put(id, cause(text)));

        assertThat(causes).as("%s", refused).isEqualTo(expected);
    }

    private static String cause(String text) {
        return text.substring(0, text.indexOf(':'));
    }

    private static Optional<CertificateRefusedException> refusal(Case test) {
        try {
            List<X509Certificate> below = new ArrayList<>();
            for (String name : test.path()) {
                below.add(certificate(name));
            }
            CertificatePath.of(
                            certificate(test.anchor()),
                            below,
                            (issuer, subject) -> revocations(test, issuer, subject),
                            NOW)
                    .requireStanding(NOW, FreshnessPolicy.STRICT);
            return Optional.empty();
        } catch (CertificateRefusedException e) {
            return Optional.of(e);
        } catch (MalformedException e) {
            return Optional.of(
                    new CertificateRefusedException(
                            RefusalCause.MALFORMED, String.valueOf(e.getMessage()), e));
        }
    }

    /** All lists are offered to each partition that the certificate names, and to that of all. */
    private static IssuerRevocations revocations(
            Case test, X509Certificate issuer, X509Certificate subject) {
        List<Optional<DistributionPointName>> points = new ArrayList<>();
        points.add(Optional.empty());
        try {
            DistributionPointName.of(subject).forEach(name -> points.add(Optional.of(name)));
        } catch (MalformedException e) {
            fail(e);
        }
        IssuerRevocations revocations =
                IssuerRevocations.of(issuer, Clock.fixed(NOW, ZoneOffset.UTC))
                        .withPartitions(
                                points,
                                subject.getBasicConstraints() < 0
                                        ? CrlScope.END_ENTITY
                                        : CrlScope.AUTHORITY,
                                false);
        for (CrlPartition partition : revocations.partitions()) {
            for (String name : test.crls()) {
                offer(partition, read("crls", name + ".crl"));
            }
        }
        return revocations;
    }

    private static void offer(CrlPartition partition, byte[] list) {
        try {
            partition.accept(list);
        } catch (CrlRefusedException e) {
            assertThat(e.failure()).isNotNull();
        }
    }

    private static X509Certificate certificate(String name) throws MalformedException {
        return Certificates.parse(read("certs", name + ".crt"));
    }

    private static byte[] read(String kind, String name) {
        try {
            return Files.readAllBytes(folder.resolve(kind).resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
