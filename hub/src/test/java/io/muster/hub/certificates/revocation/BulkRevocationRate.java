package io.muster.hub.certificates.revocation;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.ca.RevocationReason;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.hub.monitoring.CertificateMetrics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * How long it takes until all certificates of a product are durably revoked, with what a hub has:
 * registry on SQLite and audit chain; without connections, and without lists. Run by hand, on a
 * quiet machine. Argument: how many certificates.
 */
public final class BulkRevocationRate {

    private static final int TOGETHER = CertificateRegistry.TOGETHER_MAX;
    private static final SecureRandom RANDOM = new SecureRandom();

    private BulkRevocationRate() {}

    /** Prints a line for each round, of another product. */
    public static void main(String[] arguments) throws Exception {
        int count = arguments.length == 0 ? 14_000 : Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory(Path.of("."), "bulk");
        Clock clock = Clock.systemUTC();
        try (RegistryDatabase database = TestDatabase.SQLITE.open(folder);
                AuditChain audit = AuditChain.open(folder.resolve("audit"), clock);
                RevocationConsequences consequences =
                        new RevocationConsequences(
                                revoked -> CompletableFuture.completedFuture(null),
                                Optional.empty(),
                                Optional.of(new AuthorityAudit(audit)),
                                new CertificateMetrics(new SimpleMeterRegistry()),
                                Duration.ofSeconds(60))) {
            RevocationFlow flow =
                    new RevocationFlow(
                            new CertificateRegistry(database),
                            new CertificateRevocations(database),
                            consequences,
                            clock);
            for (int round = 1; round <= 4; round++) {
                List<CertificateId> issued = issue(database, "p" + round, count);
                List<CertificateId> connected = round % 2 == 0 ? issued : List.of();
                BulkRevocation run =
                        flow.ofProduct(
                                "p" + round, RevocationReason.UNSPECIFIED, "rate", connected);
                long begin = System.nanoTime();
                run.run();
                System.out.printf(
                        Locale.ROOT,
                        "%d revoked in %d ms, %d of them by name%n",
                        run.outcome().revoked(),
                        (System.nanoTime() - begin) / 1_000_000,
                        connected.size());
            }
        }
    }

    private static List<CertificateId> issue(RegistryDatabase database, String product, int count) {
        DeviceRegistry devices = new DeviceRegistry(database, Clock.systemUTC());
        devices.products().create(Optional.of(product), settings -> settings);
        CertificateRegistry certificates = new CertificateRegistry(database);
        List<CertificateId> all = new ArrayList<>();
        List<Reservation> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String key = "d%05d".formatted(i);
            devices.createDevice(product, Optional.of(key));
            some.add(reservation(new DeviceId(product, key)));
            if (some.size() == TOGETHER || i == count - 1) {
                record(certificates, some);
                some.forEach(each -> all.add(each.id()));
                some.clear();
            }
        }
        return all;
    }

    private static Reservation reservation(DeviceId device) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return new Reservation(
                new CertificateId("device-ec-g1", "%016x".formatted(RANDOM.nextLong() >>> 1)),
                CertificateKind.DEVICE,
                new Owner.Device(device),
                Sha256.of(device.toString().getBytes(StandardCharsets.UTF_8)),
                new Validity(now, now.plus(Duration.ofDays(365))),
                new IssuanceRequest("rate", now, Optional.empty()),
                Optional.empty());
    }

    private static void record(CertificateRegistry certificates, List<Reservation> some) {
        if (!certificates.reserve(some, 2).isEmpty()) {
            throw new IllegalStateException("not reserved");
        }
        Map<CertificateId, byte[]> ders = new HashMap<>();
        for (Reservation each : some) {
            byte[] der = new byte[800];
            RANDOM.nextBytes(der);
            ders.put(each.id(), der);
        }
        certificates.record(ders, Instant.now());
    }
}
