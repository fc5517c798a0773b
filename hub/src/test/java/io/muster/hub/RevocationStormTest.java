package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TlsFleet;
import io.muster.hub.certificates.TlsFleet.Member;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Of many who are connected with certificates of the hub's own authority some are revoked: these
 * are out, and soon. {@code -Dstorm.staying=10000} and {@code -Dstorm.kicked} have more of them.
 */
class RevocationStormTest {

    private static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final int STAYING = Integer.getInteger("storm.staying", 2_000);

    /** So many that each list has some. */
    private static final int KICKED = Integer.getInteger("storm.kicked", 300);

    private static final int TOGETHER = 16;
    private static final Duration WITHIN = Duration.ofSeconds(1);

    @Test
    void exactlyThoseOfARevokedProductAreOutWithinASecond(@TempDir Path folder) {
        try (CertifiedHub hub = CertifiedHub.start(folder)) {
            Map<String, Issued> kicked = enrol(hub, "kicked", KICKED);
            Map<String, Issued> staying = enrol(hub, "staying", STAYING);
            Map<String, Issued> all = new HashMap<>(kicked);
            all.putAll(staying);
            try (TlsFleet fleet = new TlsFleet(hub.address("mtls"), all)) {
                Map<String, Member> members = fleet.connect();
                long called = System.nanoTime();
                revoke(hub, "kicked");
                requireOut(members, kicked.keySet(), called);
                assertThat(staying.keySet())
                        .allMatch(name -> Objects.requireNonNull(members.get(name)).isThere());
            }
            assertThat(entriesOfLists(hub)).isEqualTo(KICKED);
        }
    }

    private static Map<String, Issued> enrol(CertifiedHub hub, String product, int count) {
        List<String> keys = IntStream.range(0, count).mapToObj(i -> product + i).toList();
        hub.ask("POST", "/api/v1/products", Map.of("productKey", product, "name", product));
        int status =
                hub.running()
                        .operator()
                        .post(
                                "/api/v1/products/" + product + "/import",
                                "text/csv",
                                "deviceKey\n" + String.join("\n", keys) + "\n")
                        .status();
        assertThat(status).isEqualTo(201);
        ExecutorService callers = Executors.newFixedThreadPool(TOGETHER);
        try {
            Map<String, CompletableFuture<Issued>> issued = new HashMap<>();
            for (String key : keys) {
                issued.put(
                        key,
                        CompletableFuture.supplyAsync(() -> issued(hub, product, key), callers));
            }
            return issued.entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().join()));
        } finally {
            callers.shutdown();
        }
    }

    private static Issued issued(CertifiedHub hub, String product, String key) {
        KeyPair keys = TestPki.ec();
        JsonNode answer =
                hub.ask(
                        "POST",
                        "/api/v1/products/" + product + "/devices/" + key + "/certificates",
                        Map.of("csr", TestPki.csr(keys)));
        return new Issued(TestPki.certificate(answer.path("certificate").asText()), keys);
    }

    private static void revoke(CertifiedHub hub, String product) {
        JsonNode answer =
                hub.ask("POST", "/api/v1/products/" + product + "/certificates/revoke", Map.of());
        assertThat(answer.path("revoked").asInt()).isEqualTo(KICKED);
    }

    private static void requireOut(
            Map<String, Member> members, Collection<String> names, long called) {
        Duration last = Duration.ZERO;
        for (String name : names) {
            Member member = Objects.requireNonNull(members.get(name));
            Duration after = Duration.ofNanos(member.closedAt() - called);
            assertThat(after).as(name).isLessThan(WITHIN);
            assertThat(member.reason()).isEqualTo(ADMINISTRATIVE_ACTION);
            last = after.compareTo(last) > 0 ? after : last;
        }
        System.out.printf(
                "%d of %d revoked, the last was out after %d ms%n",
                names.size(), members.size(), last.toMillis());
    }

    private static int entriesOfLists(CertifiedHub hub) {
        JsonNode authorities = hub.ask("GET", "/api/v1/certificates/authorities", Map.of());
        return StreamSupport.stream(authorities.path("items").spliterator(), false)
                .flatMap(each -> StreamSupport.stream(each.path("lists").spliterator(), false))
                .mapToInt(list -> list.path("entries").asInt())
                .sum();
    }
}
