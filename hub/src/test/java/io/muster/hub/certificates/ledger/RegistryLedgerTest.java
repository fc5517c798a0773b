package io.muster.hub.certificates.ledger;

import io.muster.ca.Owner;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.CertificateLedgerContract;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
}
