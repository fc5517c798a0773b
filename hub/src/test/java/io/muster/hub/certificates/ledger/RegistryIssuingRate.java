package io.muster.hub.certificates.ledger;

import io.muster.ca.DeviceUrn;
import io.muster.ca.Owner;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.authority.AuthoritySettings;
import io.muster.ca.authority.CertificateAuthority;
import io.muster.ca.authority.CertificateOrder;
import io.muster.ca.authority.Hierarchy;
import io.muster.ca.authority.HierarchySettings;
import io.muster.ca.authority.Issuance;
import io.muster.ca.authority.PublicAddresses;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.Pkcs12Folder;
import io.muster.ca.key.ProviderKey;
import io.muster.devices.registry.TestDatabase;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many certificates are issued in a second, durably, with what a hub has: registry on SQLite,
 * audit chain, keys in files; beside the raw signatures of one thread in the same run. Run by hand.
 * What it says of processors holds on a busy machine as well, what it says of a second does not.
 * Arguments: seconds of each round, and how many pairs of rounds, of which the first are to warm
 * up.
 */
public final class RegistryIssuingRate {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int DEVICES = 2000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private RegistryIssuingRate() {}

    /** Prints a line for each round. */
    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory(Path.of("."), "issuing");
        try (RegistryStage registry = new RegistryStage(TestDatabase.SQLITE, folder);
                AuditChain audit = AuditChain.open(folder.resolve("audit"), Clock.systemUTC())) {
            CertificateAuthority authority = authority(folder, registry, audit);
            List<CertificateOrder> orders = orders(registry);
            AtomicInteger next = new AtomicInteger();
            int pairs = arguments.length < 2 ? 4 : Integer.parseInt(arguments[1]);
            for (int round = 0; round < 2 * pairs; round++) {
                Raw raw = signatures(seconds);
                measure(authority, orders, next, round % 2 == 0 ? 1 : 32, seconds, raw);
            }
        }
    }

    private static CertificateAuthority authority(
            Path folder, RegistryStage registry, AuditChain audit) {
        Clock clock = Clock.systemUTC();
        Issuance issuance = new Issuance(registry.ledger, new AuthorityAudit(audit), RANDOM, clock);
        HierarchySettings settings =
                HierarchySettings.usual("Test", "Test", PublicAddresses.below("http://hub.example"))
                        .with(
                                new AuthoritySettings(
                                        "device-rsa",
                                        CertificateKind.DEVICE_ISSUING,
                                        KeyKind.RSA_2048,
                                        CertificateKind.DEVICE_ISSUING.usualLife(),
                                        "Test RSA"));
        Hierarchy hierarchy =
                Hierarchy.open(
                        folder.resolve("ca"),
                        settings,
                        new Pkcs12Folder(
                                folder.resolve("ca"), "correct horse battery"::toCharArray, RANDOM),
                        issuance,
                        clock);
        return new CertificateAuthority(hierarchy, issuance, registry.ledger, clock);
    }

    /** Each for another device with another key. */
    private static List<CertificateOrder> orders(RegistryStage registry) {
        List<CertificateOrder> orders = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            Owner.Device owner = (Owner.Device) registry.newDevice();
            DeviceUrn urn = owner.urn();
            orders.add(
                    CertificateOrder.ofOwnKey(
                                    IssuanceProfile.of(CertificateKind.DEVICE),
                                    Subject.device(urn, "Test"),
                                    ProviderKey.of("device", KeyKind.EC_P256.generate(RANDOM)),
                                    owner,
                                    "device")
                            .withLiveMax(1_000_000));
        }
        return orders;
    }

    /**
     * What signatures alone take: in a second of the clock, and milliseconds of a processor each.
     */
    private record Raw(double perSecond, double millis) {}

    private static Raw signatures(int seconds) throws Exception {
        KeyPair pair = KeyKind.RSA_2048.generate(RANDOM);
        byte[] content = new byte[700];
        long cpu = THREADS.getCurrentThreadCpuTime();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long done = 0;
        while (System.nanoTime() < end) {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(pair.getPrivate());
            signature.update(content);
            signature.sign();
            done++;
        }
        return new Raw(
                done / (double) seconds, (THREADS.getCurrentThreadCpuTime() - cpu) / 1e6 / done);
    }

    private static void measure(
            CertificateAuthority authority,
            List<CertificateOrder> orders,
            AtomicInteger next,
            int threads,
            int seconds,
            Raw raw)
            throws Exception {
        ExecutorService issuing = Executors.newFixedThreadPool(threads);
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        AtomicInteger done = new AtomicInteger();
        AtomicLong cpu = new AtomicLong();
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(
                    issuing.submit(
                            () -> {
                                while (System.nanoTime() < end) {
                                    CertificateOrder order =
                                            orders.get(next.getAndIncrement() % orders.size());
                                    authority.issue("device-rsa", order);
                                    done.incrementAndGet();
                                }
                                cpu.addAndGet(THREADS.getCurrentThreadCpuTime());
                            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
        double rate = done.get() / ((System.nanoTime() - begin) / 1e9);
        double millis = cpu.get() / 1e6 / done.get();
        System.out.printf(
                Locale.ROOT,
                "threads=%d raw=%.0f/s %.2f ms of a processor each; issued=%.0f/s (%.0f %%) %.2f ms of a processor each (%.0f %%)%n",
                threads,
                raw.perSecond(),
                raw.millis(),
                rate,
                100 * rate / raw.perSecond(),
                millis,
                100 * raw.millis() / millis);
        issuing.shutdown();
    }
}
