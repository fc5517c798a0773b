package io.muster.devices.registry.certificates;

import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/**
 * Tests of certificates on a database that is opened once for each kind, and emptied for each test.
 */
abstract class CertificateTables {

    private static @Nullable CertificateFixture opened;

    CertificateFixture registry;
    CertificateRegistry certificates;
    CertificateRevocations revocations;

    /** Without it JUnit does not tell {@link #open} the kind either. */
    CertificateTables(TestDatabase kind) {}

    @BeforeParameterizedClassInvocation
    static void open(TestDatabase kind, @TempDir Path folder) throws IOException {
        opened = new CertificateFixture(kind, folder);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        if (opened != null) {
            opened.close();
        }
        opened = null;
    }

    @BeforeEach
    void begin() {
        registry = Objects.requireNonNull(opened);
        registry.begin();
        certificates = registry.certificates;
        revocations = registry.revocations;
    }
}
