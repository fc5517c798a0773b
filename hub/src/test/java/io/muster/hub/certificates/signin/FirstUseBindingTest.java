package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.trust.TrustedAuthority;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FirstUseBindingTest {

    private static final Authority AUTHORITY = new Authority("first use");
    private static final int LIVE_MAX = 7;

    /** What was bound together, in the order of transactions; each takes a permit. */
    private final List<Map<Reservation, Sha256>> written = new CopyOnWriteArrayList<>();

    private final List<Integer> liveMax = new CopyOnWriteArrayList<>();
    private final Semaphore permits = new Semaphore(0);
    private FirstUseBinding binding = within(Duration.ofSeconds(30));

    private FirstUseBinding within(Duration deadline) {
        return new FirstUseBinding(this::bind, LIVE_MAX, deadline, Clock.systemUTC());
    }

    private Map<CertificateId, CertificateRefusal> bind(
            Map<Reservation, Sha256> fingerprints, int max) {
        permits.acquireUninterruptibly();
        boolean isKnown =
                written.stream()
                        .flatMap(each -> each.keySet().stream())
                        .map(Reservation::id)
                        .anyMatch(id -> fingerprints.keySet().iterator().next().id().equals(id));
        written.add(Map.copyOf(fingerprints));
        liveMax.add(max);
        return isKnown
                ? Map.of(
                        fingerprints.keySet().iterator().next().id(),
                        CertificateRefusal.CERTIFICATE_KNOWN)
                : Map.of();
    }

    @AfterEach
    void close() {
        permits.release(1_000);
        binding.close();
    }

    private static Issued issued() {
        return AUTHORITY.issue(Wanted.of("CN=first"));
    }

    private CompletableFuture<Optional<CertificateRefusal>> bind(Issued issued, String device) {
        CertificateId id =
                CertificateId.of(
                        TrustedAuthority.externalIssuer(
                                AUTHORITY.certificate().getSubjectX500Principal()),
                        issued.certificate().getSerialNumber());
        return binding.bind(id, issued.certificate(), new DeviceId("demo", device))
                .toCompletableFuture();
    }

    private void awaitFirstAtTheRegistry() {
        await().until(permits::hasQueuedThreads);
    }

    @Test
    void thoseWhoComeMeanwhileAreBoundTogether() {
        List<CompletableFuture<Optional<CertificateRefusal>>> all = new ArrayList<>();
        all.add(bind(issued(), "d0"));
        awaitFirstAtTheRegistry();
        IntStream.rangeClosed(1, 50).forEach(i -> all.add(bind(issued(), "d" + i)));
        permits.release(1_000);

        assertThat(all).allMatch(each -> each.join().isEmpty());
        assertThat(written.stream().map(Map::size)).containsExactly(1, 50);
        assertThat(liveMax).as("as the setting says").containsOnly(LIVE_MAX);
    }

    @Test
    void nothingIsBoundForWhoDoesNotWaitAnyMore() {
        binding.close();
        binding = within(Duration.ofMillis(100));
        CompletableFuture<Optional<CertificateRefusal>> first = bind(issued(), "d0");
        awaitFirstAtTheRegistry();
        CompletableFuture<Optional<CertificateRefusal>> late = bind(issued(), "d1");
        assertThatThrownBy(late::join).hasCauseInstanceOf(RegistryUnavailableException.class);
        assertThatThrownBy(first::join).hasCauseInstanceOf(RegistryUnavailableException.class);
        permits.release(1_000);
        // Whoever comes now waits behind them, and is bound.
        await().until(() -> isBound(bind(issued(), "d2")));
        assertThat(
                        written.stream()
                                .flatMap(each -> each.keySet().stream())
                                .map(each -> each.owner().toString()))
                .contains("device/demo/d0", "device/demo/d2")
                .doesNotContain("device/demo/d1");
    }

    private static boolean isBound(CompletableFuture<Optional<CertificateRefusal>> answer) {
        return answer.handle((refusal, failure) -> failure == null).join();
    }

    @Test
    void ofSeveralForOneCertificateTheFirstHasItAndTheSameDeviceIsNoOther() {
        CompletableFuture<Optional<CertificateRefusal>> before = bind(issued(), "d0");
        awaitFirstAtTheRegistry();
        Issued contested = issued();
        CompletableFuture<Optional<CertificateRefusal>> first = bind(contested, "d1");
        CompletableFuture<Optional<CertificateRefusal>> again = bind(contested, "d1");
        CompletableFuture<Optional<CertificateRefusal>> other = bind(contested, "d2");
        permits.release(1_000);

        assertThat(before.join()).isEmpty();
        assertThat(first.join()).isEmpty();
        assertThat(again.join()).isEmpty();
        assertThat(other.join()).contains(CertificateRefusal.CERTIFICATE_KNOWN);
        assertThat(written).hasSize(3);
    }
}
