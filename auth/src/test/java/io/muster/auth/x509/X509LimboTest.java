package io.muster.auth.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.path.CertificatePath;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The cases of x509-limbo (C2SP) about paths and revocation lists, in the file that the property
 * {@code limbo.file} names: each is judged as it is there, but for what the resource {@code
 * limbo/deviations.txt} says, and why.
 */
class X509LimboTest {

    /**
     * What they are about. Those of BetterTLS, of which the file has some thousand, are about names
     * of servers and how one searches for a path, which is given here.
     */
    private static final Set<String> AREAS =
            Set.of("crl", "cve", "pathlen", "pathological", "rfc5280", "webpki");

    private static final List<String> NAMES_OF_SERVERS = List.of("webpki::san::", "webpki::cn::");

    /** As many as the file had when this was written. */
    private static final int CASES_MIN = 150;

    private static final String UNKNOWN = "UNKNOWN_ISSUER";

    private static List<JsonNode> cases = List.of();

    /** Of those that say no time. */
    private static Instant now = Instant.EPOCH;

    @BeforeAll
    static void readCases() throws IOException {
        String property = System.getProperty("limbo.file", "");
        assumeTrue(!property.isEmpty(), "-Dlimbo.file=... names the file of x509-limbo");
        now = Instant.now();
        JsonNode root = new ObjectMapper().readTree(Path.of(property).toFile());
        List<JsonNode> all = new ArrayList<>();
        (root.isArray() ? root : root.path("testcases")).forEach(all::add);
        cases = all.stream().filter(X509LimboTest::isOurs).toList();
    }

    /** Names of servers are nothing that anybody asks of a client's certificate. */
    private static boolean isOurs(JsonNode test) {
        String id = test.path("id").asText();
        assertThat(id).contains("::");
        return AREAS.contains(id.substring(0, id.indexOf("::")))
                && NAMES_OF_SERVERS.stream().noneMatch(id::startsWith);
    }

    @Test
    void isJudgedAsThereButWhereWeSayWhyNot() throws IOException {
        assertThat(cases).hasSizeGreaterThanOrEqualTo(CASES_MIN);
        Map<String, String> found = new TreeMap<>();
        for (JsonNode test : cases) {
            Optional<String> refusal = refusal(test);
            boolean isGood = test.path("expected_result").asText().equals("SUCCESS");
            if (isGood == refusal.isPresent()) {
                found.put(test.path("id").asText(), refusal.orElse("ACCEPTED"));
            }
        }
        Map<String, String> causes = new TreeMap<>();
        found.forEach((id, told) -> causes.put(id, told.split(" ", 2)[0]));

        assertThat(causes).as("%s", found).isEqualTo(deviations());
    }

    /** Of the cases of this file. */
    private static Map<String, String> deviations() throws IOException {
        Set<String> ids =
                cases.stream()
                        .map(test -> test.path("id").asText())
                        .collect(Collectors.toUnmodifiableSet());
        try (InputStream table =
                Objects.requireNonNull(
                        X509LimboTest.class.getResourceAsStream("/limbo/deviations.txt"))) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" \\| ", 3))
                    .filter(columns -> ids.contains(columns[0]))
                    .collect(
                            Collectors.toMap(
                                    columns -> columns[0],
                                    columns -> columns[1],
                                    (one, other) -> {
                                        throw new IllegalStateException("a case stands twice");
                                    },
                                    TreeMap::new));
        }
    }

    /** Whether there is a path from a root; if not, why the last one that was tried is none. */
    private static Optional<String> refusal(JsonNode test) {
        String told = UNKNOWN;
        for (JsonNode root : test.path("trusted_certs")) {
            for (List<JsonNode> order : orders(list(test.path("untrusted_intermediates")))) {
                Optional<String> refusal = refusal(test, root, order);
                if (refusal.isEmpty()) {
                    return refusal;
                }
                told = told.startsWith(UNKNOWN) ? refusal.get() : told;
            }
        }
        return Optional.of(told);
    }

    private static List<JsonNode> list(JsonNode nodes) {
        List<JsonNode> list = new ArrayList<>();
        nodes.forEach(list::add);
        return list;
    }

    /**
     * Our clients send their path in order, and nothing else; so all that can be sent of some is
     * tried. Of many, which no path that we take is made of, their own order and the opposite.
     */
    private static List<List<JsonNode>> orders(List<JsonNode> all) {
        List<List<JsonNode>> orders = new ArrayList<>(List.of(List.of()));
        if (all.size() > 4) {
            List<JsonNode> reversed = new ArrayList<>(all);
            Collections.reverse(reversed);
            orders.add(all);
            orders.add(reversed);
            return orders;
        }
        for (JsonNode first : all) {
            List<JsonNode> rest = new ArrayList<>(all);
            rest.remove(first);
            for (List<JsonNode> order : orders(rest)) {
                List<JsonNode> one = new ArrayList<>(List.of(first));
                one.addAll(order);
                orders.add(one);
            }
        }
        return orders;
    }

    private static Optional<String> refusal(
            JsonNode test, JsonNode root, List<JsonNode> intermediates) {
        Instant at = time(test);
        try {
            List<X509Certificate> below = new ArrayList<>();
            for (JsonNode each : intermediates) {
                below.add(Certificates.parse(der(each)));
            }
            X509Certificate leaf = Certificates.parse(der(test.path("peer_certificate")));
            requireLeaf(test, leaf);
            below.add(leaf);
            CertificatePath path =
                    CertificatePath.of(
                            Certificates.parse(der(root)),
                            below,
                            (issuer, subject) -> revocations(test, issuer, subject, at),
                            at);
            if (!test.path("crls").isEmpty()) {
                path.requireStanding(at, FreshnessPolicy.STRICT);
            }
            return Optional.empty();
        } catch (CertificateRefusedException e) {
            return Optional.of(e.refusal().name() + " " + e.getMessage());
        } catch (MalformedException e) {
            return Optional.of("MALFORMED " + e.getMessage());
        }
    }

    /** That one of a server is for servers is the one thing that is not held against it. */
    private static void requireLeaf(JsonNode test, X509Certificate leaf)
            throws CertificateRefusedException {
        try {
            ClientRules.require(leaf);
        } catch (CertificateRefusedException e) {
            boolean isForServers =
                    test.path("validation_kind").asText().equals("SERVER")
                            && e.refusal() == RefusalCause.EXTENDED_KEY_USAGE
                            && isForServers(leaf);
            if (!isForServers) {
                throw e;
            }
        }
    }

    private static boolean isForServers(X509Certificate leaf) {
        try {
            List<String> purposes = leaf.getExtendedKeyUsage();
            return purposes != null && purposes.equals(List.of("1.3.6.1.5.5.7.3.1"));
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    private static Instant time(JsonNode test) {
        String time = test.path("validation_time").asText("");
        return time.isEmpty() || time.equals("null") ? now : OffsetDateTime.parse(time).toInstant();
    }

    private static IssuerRevocations revocations(
            JsonNode test, X509Certificate issuer, X509Certificate subject, Instant at) {
        IssuerRevocations nobody = IssuerRevocations.of(issuer, Clock.fixed(at, ZoneOffset.UTC));
        if (test.path("crls").isEmpty()) {
            return nobody;
        }
        IssuerRevocations revocations =
                nobody.withPartitions(
                        List.of(Optional.empty()),
                        subject.getBasicConstraints() < 0
                                ? CrlScope.END_ENTITY
                                : CrlScope.AUTHORITY,
                        false);
        for (CrlPartition partition : revocations.partitions()) {
            for (JsonNode crl : test.path("crls")) {
                try {
                    partition.accept(der(crl));
                } catch (CrlRefusedException e) {
                    assertThat(e.failure()).isNotNull();
                }
            }
        }
        return revocations;
    }

    private static byte[] der(JsonNode pem) {
        return Base64.getMimeDecoder().decode(pem.asText().replaceAll("-----[A-Z0-9 ]+-----", ""));
    }
}
