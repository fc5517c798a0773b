package io.muster.auth.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateBindingsTest {

    private static final Instant NOW = Instant.parse("2031-01-01T00:00:00Z");
    private static final Sha256 FINGERPRINT = Sha256.of(new byte[] {1});
    private static final CertificateId ID = new CertificateId("device-ec-g1", "0123456789abcdef");
    private static final DeviceId DEVICE = new DeviceId("pk1", "dev1");

    private final Map<Sha256, Certificate> registry = new ConcurrentHashMap<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final AtomicLong nanos = new AtomicLong();
    private final Reading reading = new Reading();
    private CertificateBindings bindings = within(Duration.ofMinutes(1));

    /** A registry that may be away. */
    private final class Reading implements CertificateBindings.Registry {

        boolean isAway;
        boolean isNoticed;
        boolean isPastGrace;

        @Override
        public Optional<Certificate> find(Sha256 fingerprint) {
            reads.incrementAndGet();
            if (isAway) {
                throw new RegistryUnavailableException("away");
            }
            return Optional.ofNullable(registry.get(fingerprint));
        }

        @Override
        public boolean isReadable() {
            return !isNoticed;
        }

        @Override
        public boolean isPastGrace() {
            return isPastGrace;
        }
    }

    private CertificateBindings within(Duration deadline) {
        return new CertificateBindings(reading, waiting::add, deadline, 10, nanos::get);
    }

    private static Certificate certificate(
            CertificateKind kind, Owner owner, Optional<Revocation> revocation) {
        return new Certificate(
                new Reservation(
                        ID,
                        kind,
                        owner,
                        Sha256.of(new byte[] {2}),
                        new Validity(NOW, NOW.plusSeconds(60)),
                        new IssuanceRequest("test", NOW, Optional.empty()),
                        Optional.empty()),
                Optional.of(new Certificate.Issuance(FINGERPRINT, NOW)),
                revocation,
                Optional.empty(),
                Optional.empty());
    }

    private static Certificate good() {
        return certificate(CertificateKind.DEVICE, new Owner.Device(DEVICE), Optional.empty());
    }

    private CompletableFuture<Optional<BoundCertificate>> find() {
        return bindings.find(FINGERPRINT).toCompletableFuture();
    }

    private Optional<BoundCertificate> found() {
        return answered(find());
    }

    private Optional<BoundCertificate> foundLately() {
        return answered(bindings.findLately(FINGERPRINT).toCompletableFuture());
    }

    private Optional<BoundCertificate> answered(
            CompletableFuture<Optional<BoundCertificate>> answer) {
        while (!waiting.isEmpty()) {
            waiting.remove().run();
        }
        return answer.join();
    }

    @Test
    void readsOnceWhatNeverChanges() {
        registry.put(FINGERPRINT, good());
        BoundCertificate bound = new BoundCertificate(ID, CertificateKind.DEVICE, DEVICE);
        assertThat(found()).contains(bound);
        assertThat(found()).contains(bound);
        assertThat(reads).hasValue(1);
    }

    @Test
    void severalWhoAskAtOnceAreOneRead() {
        registry.put(FINGERPRINT, good());
        var first = find();
        var second = find();
        assertThat(waiting).hasSize(1);
        waiting.remove().run();
        assertThat(first.join()).isEqualTo(second.join()).isPresent();
    }

    @Test
    void doesNotRememberThatOneIsBoundToNobody() {
        assertThat(found()).isEmpty();
        registry.put(FINGERPRINT, good());
        assertThat(found()).isPresent();
    }

    @Test
    void remembersThatForAMinuteForThoseWhoMayDoWithoutADevice() {
        assertThat(foundLately()).isEmpty();
        assertThat(foundLately()).isEmpty();
        nanos.addAndGet(Duration.ofSeconds(59).toNanos());
        assertThat(foundLately()).isEmpty();
        assertThat(reads).hasValue(1);

        registry.put(FINGERPRINT, good());
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(foundLately()).isPresent();
        assertThat(reads).hasValue(2);
    }

    @Test
    void whoeverIsFoundToBeBoundIsNobodysNoLonger() {
        assertThat(foundLately()).isEmpty();
        registry.put(FINGERPRINT, good());
        assertThat(found()).isPresent();
        assertThat(foundLately()).isPresent();
    }

    /** Whether the outage was noticed before or not; what was never read is not known then. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void remembersThatInAnOutageForItsGrace(boolean isNoticed) {
        assertThat(foundLately()).isEmpty();
        nanos.addAndGet(Duration.ofHours(9).toNanos());
        reading.isAway = true;
        reading.isNoticed = isNoticed;
        assertThat(foundLately()).isEmpty();
        assertThat(reads).as("reads of a registry that is away").hasValue(isNoticed ? 1 : 2);
        assertThatThrownBy(this::found).hasCauseInstanceOf(RegistryUnavailableException.class);

        reading.isPastGrace = true;
        assertThatThrownBy(this::foundLately)
                .hasCauseInstanceOf(RegistryUnavailableException.class);
        bindings = within(Duration.ofMinutes(1));
        reading.isPastGrace = false;
        assertThatThrownBy(this::foundLately)
                .as("of one that was never read")
                .hasCauseInstanceOf(RegistryUnavailableException.class);
    }

    @Test
    void oneThatIsRevokedOrIsNoDevicesIsBoundToNobody() {
        registry.put(
                FINGERPRINT,
                certificate(
                        CertificateKind.DEVICE,
                        new Owner.Device(DEVICE),
                        Optional.of(new Revocation(NOW, 0, "test"))));
        assertThat(found()).isEmpty();
        registry.put(
                FINGERPRINT,
                certificate(
                        CertificateKind.SERVER, new Owner.Server("hub.example"), Optional.empty()));
        assertThat(found()).isEmpty();
    }

    @Test
    void failsWhenTheRegistryDoesNotAnswerInTime() {
        bindings = within(Duration.ofMillis(100));
        assertThatThrownBy(() -> find().join())
                .hasCauseInstanceOf(RegistryUnavailableException.class);
        registry.put(FINGERPRINT, good());
        waiting.clear();
        var again = find();
        waiting.remove().run();
        assertThat(again.handle((found, late) -> reads.get()).join())
                .as("and that is not remembered")
                .isEqualTo(1);
    }

    @Test
    void failsWhenTooManyWait() {
        CertificateBindings full =
                new CertificateBindings(
                        reading,
                        task -> {
                            throw new RejectedExecutionException();
                        },
                        Duration.ofSeconds(1),
                        10,
                        nanos::get);
        assertThatThrownBy(() -> full.find(FINGERPRINT).toCompletableFuture().join())
                .hasCauseInstanceOf(RegistryUnavailableException.class);
    }
}
