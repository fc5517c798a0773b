package io.muster.hub.certificates.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.muster.ca.Owner;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.CertificateLedger.Outcome;
import io.muster.ca.ledger.CertificateLedgerContract;
import io.muster.ca.ledger.LedgerConflictException;
import io.muster.ca.ledger.LedgerEntry.Status;
import io.muster.ca.ledger.Reservation;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class RegistryLedgerTest extends CertificateLedgerContract {

    private static @Nullable RegistryStage opened;

    private final RegistryStage registry = Objects.requireNonNull(opened);

    /** Without it JUnit does not tell {@link #open} the kind either. */
    RegistryLedgerTest(TestDatabase kind) {}

    @BeforeParameterizedClassInvocation
    static void open(TestDatabase kind, @TempDir Path folder) throws IOException {
        opened = new RegistryStage(kind, folder);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        if (opened != null) {
            opened.close();
        }
        opened = null;
    }

    @Override
    protected CertificateLedger ledger() {
        return registry.ledger;
    }

    @Override
    protected Owner newDevice() {
        return registry.newDevice();
    }

    @Override
    protected void disable(Owner device) {
        registry.disable(device);
    }

    @Override
    protected void delete(Owner device) {
        registry.delete(device);
    }

    /** They are written together, which fails, and then each by itself. */
    @Test
    void whatCannotBeRecordedKeepsNobodyFromReservingOrRecording() throws Exception {
        Reservation first = ofNewDevice();
        Reservation beside = ofNewDevice();
        Reservation good = ofNewDevice();
        Reservation unknown = ofNewDevice();
        assertThat(reserve(good)).isEqualTo(Outcome.RESERVED);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> outcomes = new ArrayList<>();
            registry.holdDevices(
                    () -> {
                        outcomes.add(threads.submit(() -> reserve(first)));
                        outcomes.add(threads.submit(() -> reserve(beside)));
                        await().until(() -> registry.ledger.waiting() == 1);
                        outcomes.add(threads.submit(() -> record(good)));
                        outcomes.add(threads.submit(() -> record(unknown)));
                        await().until(() -> registry.ledger.waiting() == 3);
                        return null;
                    });

            assertThat(outcomes.get(0).get()).isEqualTo(Outcome.RESERVED);
            assertThat(outcomes.get(1).get()).isEqualTo(Outcome.RESERVED);
            assertThat(outcomes.get(2).get()).isEqualTo(true);
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> outcomes.get(3).get())
                    .withCauseInstanceOf(LedgerConflictException.class);
        } finally {
            threads.shutdownNow();
        }
        assertThat(status(first)).isEqualTo(Status.RESERVED);
        assertThat(status(beside)).isEqualTo(Status.RESERVED);
        assertThat(status(good)).isEqualTo(Status.VALID);
        assertThat(ledger().find(unknown.id())).isEmpty();
    }

    private boolean record(Reservation reservation) {
        return ledger().record(
                        reservation.id(),
                        signed(reservation),
                        reservation.request().time().plusSeconds(1));
    }

    private Status status(Reservation reservation) {
        return ledger().find(reservation.id()).orElseThrow().status();
    }
}
