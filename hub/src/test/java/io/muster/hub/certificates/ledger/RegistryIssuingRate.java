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

/**
 * How many certificates are issued in a second, durably, with what a hub has: registry on SQLite,
 * audit chain, keys in files; beside the raw signatures of one thread in the same run. Run by hand,
 * on a quiet machine. Arguments: seconds of each round.
 */
public final class RegistryIssuingRate {

    private static final int DEVICES = 2000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private RegistryIssuingRate() {}

    /** Prints a line for each number of threads. */
    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory(Path.of("."), "issuing");
        try (RegistryStage registry = new RegistryStage(TestDatabase.SQLITE, folder);
                AuditChain audit = AuditChain.open(folder.resolve("audit"), Clock.systemUTC())) {
            CertificateAuthority authority = authority(folder, registry, audit);
            List<CertificateOrder> orders = orders(registry);
            AtomicInteger next = new AtomicInteger();
            for (int threads : new int[] {1, 32, 1, 32}) {
                double raw = signatures(seconds);
                measure(authority, orders, next, threads, seconds, raw);
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

    private static double signatures(int seconds) throws Exception {
        KeyPair pair = KeyKind.RSA_2048.generate(RANDOM);
        byte[] content = new byte[700];
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long done = 0;
        while (System.nanoTime() < end) {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(pair.getPrivate());
            signature.update(content);
            signature.sign();
            done++;
        }
        return done / (double) seconds;
    }

    private static void measure(
            CertificateAuthority authority,
            List<CertificateOrder> orders,
            AtomicInteger next,
            int threads,
            int seconds,
            double raw)
            throws Exception {
        ExecutorService issuing = Executors.newFixedThreadPool(threads);
        long cpu = processorNanos();
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        AtomicInteger done = new AtomicInteger();
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
                            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
        double elapsed = (System.nanoTime() - begin) / 1e9;
        double rate = done.get() / elapsed;
        System.out.printf(
                Locale.ROOT,
                "threads=%d raw=%.0f/s issued=%.0f/s (%.0f %%) processor=%.2f ms each%n",
                threads,
                raw,
                rate,
                100 * rate / raw,
                (processorNanos() - cpu) / 1e6 / done.get());
        issuing.shutdown();
    }

    private static long processorNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
