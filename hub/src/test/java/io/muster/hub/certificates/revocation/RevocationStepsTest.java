package io.muster.hub.certificates.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.certificates.CertificateRevocations.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RevocationStepsTest {

    private final List<Optional<CertificateId>> positions = new ArrayList<>();

    private static CertificateId id(int serial) {
        return new CertificateId("devices-g1", "%016x".formatted(serial));
    }

    /** The steps end at 10, at 20 and where nothing is left; the last one alone revokes some. */
    private Step walk(Optional<CertificateId> after, int limit) {
        positions.add(after);
        return switch (positions.size()) {
            case 1 -> new Step(List.of(), Optional.of(id(10)));
            case 2 -> new Step(List.of(), Optional.of(id(20)));
            default -> new Step(List.of(id(21)), Optional.empty());
        };
    }

    /** As when the others between are of other issuers. */
    @Test
    void aStepThatRevokesNoneIsNotTheLastUnlessItSaysSo() {
        RevocationSteps steps = new RevocationSteps(this::walk);
        List<CertificateId> revoked = new ArrayList<>();

        while (!steps.isOver()) {
            revoked.addAll(steps.next());
        }

        assertThat(revoked).containsExactly(id(21));
        assertThat(positions)
                .containsExactly(Optional.empty(), Optional.of(id(10)), Optional.of(id(20)));
    }

    /** As when the hub stops: a walk that finds none waits for nothing that would notice. */
    @Test
    void whoIsInterruptedBeginsNoStep() {
        RevocationSteps steps = new RevocationSteps(this::walk);
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(steps::next)
                    .withMessageContaining("interrupted");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(positions).isEmpty();
    }
}
