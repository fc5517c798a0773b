package io.muster.hub.certificates.ocsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.config.certificates.OcspConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class OcspServiceTest {

    /** It may be issuing a certificate, which the audit chain has to take before it is closed. */
    @Test
    void aLookThatIsUnderWayEndsBeforeItIsClosed(@TempDir Path folder) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        AtomicInteger seen = new AtomicInteger();
        try (RegistryDatabase database = TestDatabase.SQLITE.open(folder);
                OwnAuthority own = OcspSignersTest.authority(folder, database)) {
            OcspService service =
                    new OcspService(
                            own.authority(),
                            issuer -> {
                                begun.countDown();
                                awaitUnlessInterrupted(goesOn);
                                seen.incrementAndGet();
                                return Optional.empty();
                            },
                            new OcspConfig(true, true, Duration.ofHours(1), 100),
                            Clock.systemUTC());
            service.start();
            begun.await();
            Thread closing = new Thread(service::close);
            closing.start();
            await().during(Duration.ofMillis(200)).until(closing::isAlive);
            goesOn.countDown();
            closing.join();
            assertThat(seen)
                    .as("by one look")
                    .hasValue(own.hierarchy().issuers().size())
                    .hasPositiveValue();
        }
    }

    private static void awaitUnlessInterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
