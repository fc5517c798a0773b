package io.muster.ca.authority;

import io.muster.ca.audit.AuditEvent;
import io.muster.ca.audit.AuditHead;
import io.muster.ca.audit.AuditLog;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.key.KeyKind;
import io.muster.ca.ledger.InMemoryLedger;
import io.muster.ca.pki.Issuers;
import io.muster.ca.pki.TestClock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How many certificates a thread issues in a second of its processor, beside its signatures alone;
 * run by hand. The ledger is in memory, and the devices' keys are there.
 */
public final class IssuingRate {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long SECONDS = 3;
    private static final int DEVICES = 1000;
    private static final int ROUNDS = 4;

    private IssuingRate() {}

    /**
     * Prints some lines for each kind of key that issues, of which the first are to warm up.
     *
     * @param arguments the kinds; if there are none, RSA_2048 and EC_P256
     */
    public static void main(String[] arguments) throws Exception {
        List<KeyKind> kinds =
                arguments.length == 0
                        ? List.of(KeyKind.RSA_2048, KeyKind.EC_P256)
                        : Stream.of(arguments).map(KeyKind::valueOf).toList();
        for (KeyKind kind : kinds) {
            for (int round = 0; round < ROUNDS; round++) {
                double raw = signatures(kind);
                double issued = certificates(kind);
                System.out.printf(
                        Locale.ROOT,
                        "%s: %.0f signatures/s, %.0f certificates/s, %.0f %%%n",
                        kind,
                        raw,
                        issued,
                        100 * issued / raw);
            }
        }
    }

    private interface Act {
        void run() throws Exception;
    }

    private static double perSecond(Act act) throws Exception {
        long start = THREADS.getCurrentThreadCpuTime();
        long end = start + SECONDS * 1_000_000_000L;
        long done = 0;
        while (THREADS.getCurrentThreadCpuTime() < end) {
            act.run();
            done++;
        }
        return done * 1e9 / (THREADS.getCurrentThreadCpuTime() - start);
    }

    private static double signatures(KeyKind kind) throws Exception {
        KeyPair pair = kind.generate(new SecureRandom());
        byte[] content = new byte[700];
        return perSecond(
                () -> {
                    Signature signature = Signature.getInstance(kind.signatureAlgorithm());
                    signature.initSign(pair.getPrivate());
                    signature.update(content);
                    signature.sign();
                });
    }

    private static double certificates(KeyKind kind) throws Exception {
        Issuer issuer = Issuers.below(CertificateKind.DEVICE_ISSUING, kind, null);
        Issuance issuance =
                new Issuance(
                        new InMemoryLedger(),
                        new AuthorityAudit(new Unaudited()),
                        new SecureRandom(),
                        new TestClock(Issuers.NOW));
        List<CertificateOrder> orders =
                IntStream.range(0, DEVICES).mapToObj(i -> Orders.device("d" + i)).toList();
        issuance.issue(issuer, orders.get(0));
        int[] next = {0};
        return perSecond(() -> issuance.issue(issuer, orders.get(next[0]++ % DEVICES)));
    }

    /** Keeps nothing, so that it costs nothing. */
    private static final class Unaudited implements AuditLog {

        @Override
        public AuditHead append(AuditEvent... events) {
            return new AuditHead(0, "0".repeat(64));
        }

        @Override
        public void note(AuditEvent event) {}
    }
}
