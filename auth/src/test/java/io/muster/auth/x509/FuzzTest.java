package io.muster.auth.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.x509.CertificateVerdict.Accepted;
import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlExpectation;
import io.muster.auth.x509.crl.CrlReader;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.crl.EncodedCrl;
import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.encoding.DerReader;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Certificates and lists of which bits are flipped, octets replaced, cut out or cut off: each is
 * refused by a declared exception and within a moment. Keys are others each time, so the message
 * has the bytes.
 */
class FuzzTest {

    private static final int ROUNDS = 700;
    private static final int SIGNED_ROUNDS = 300;
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final Hierarchy hierarchy = Hierarchy.of("Test", clock);

    @Test
    void aDamagedCertificateIsRefused() throws Exception {
        TrustedIssuers trusted = TrustedIssuers.of(List.of(hierarchy.trusted(clock)));
        ClientCertificateCheck check =
                new ClientCertificateCheck(() -> trusted, FreshnessPolicy.STRICT, clock);
        byte[] certificate =
                hierarchy
                        .issuing
                        .client("CN=dk,OU=pk")
                        .uri("urn:device:pk:dk")
                        .listedAt("http://hub/crl")
                        .issue()
                        .getEncoded();
        assertThat(check.check(List.of(new Bytes(certificate)))).isInstanceOf(Accepted.class);

        damage(
                ROUNDS,
                certificate,
                (name, bytes) ->
                        assertThat(check.check(List.of(new Bytes(bytes))))
                                .as(name)
                                .isNotInstanceOf(Accepted.class));
    }

    @Test
    void aDamagedListIsRefused() {
        byte[] der = list().der();
        byte[] pem = list().pem();

        damage(ROUNDS, der, this::assertRefused);
        damage(
                ROUNDS,
                pem,
                (name, bytes) -> {
                    // Damage around the boundaries may leave the list as it was.
                    read(bytes).ifPresent(list -> assertThat(list.number()).isEqualTo(1));
                });
    }

    /** No signature stops these, so all parts of the readers are reached. */
    @Test
    void whatItsAuthoritySignedDamagedIsReadOrRefused() throws Exception {
        TrustedIssuers trusted = TrustedIssuers.of(List.of(hierarchy.trusted(clock)));
        ClientCertificateCheck check =
                new ClientCertificateCheck(() -> trusted, FreshnessPolicy.STRICT, clock);
        byte[] certificate = hierarchy.issuing.client("CN=dk").uri("urn:x:y").issue().getEncoded();

        damage(SIGNED_ROUNDS, content(list().der()), (name, bytes) -> read(signed(bytes)));
        damage(
                SIGNED_ROUNDS,
                content(certificate),
                (name, bytes) ->
                        assertThat(check.check(List.of(new Bytes(signed(bytes)))))
                                .as(name)
                                .isNotNull());
        assertThat(check.check(List.of(new Bytes(signed(content(certificate))))))
                .isInstanceOf(Accepted.class);
        assertThat(read(signed(content(list().der())))).isPresent();
    }

    private static byte[] content(byte[] signed) throws MalformedException {
        return new DerReader(signed).enter(DerReader.SEQUENCE).encoded();
    }

    private byte[] signed(byte[] content) {
        return TestCrl.signed(hierarchy.issuing, content);
    }

    @Test
    void aDamagedCertificateIsReadOrMalformed() throws Exception {
        byte[] der = hierarchy.issuing.client("CN=dk").issue().getEncoded();
        damage(
                ROUNDS,
                der,
                (name, bytes) -> {
                    try {
                        Certificates.parse(bytes);
                    } catch (MalformedException e) {
                        assertThat(e.getMessage()).isNotEmpty();
                    }
                });
    }

    private TestCrl list() {
        return hierarchy
                .issuing
                .crl(1)
                .partition("http://hub/crl")
                .revoking(BigInteger.TEN, 1)
                .revoking(BigInteger.ONE.shiftLeft(100));
    }

    private void assertRefused(String name, byte[] list) {
        assertThat(read(list)).as(name).isEmpty();
    }

    private Optional<AcceptedCrl> read(byte[] list) {
        CrlExpectation expected =
                new CrlExpectation(
                        hierarchy.issuing.certificate(),
                        Optional.of(DistributionPointName.uri("http://hub/crl")),
                        CrlScope.END_ENTITY,
                        false);
        try {
            return Optional.of(
                    new CrlReader(expected)
                            .read(EncodedCrl.of(list), Optional.empty(), TestAuthority.NOW));
        } catch (CrlRefusedException e) {
            assertThat(e.failure()).isNotNull();
            return Optional.empty();
        }
    }

    private static void damage(int rounds, byte[] good, BiConsumer<String, byte[]> trial) {
        for (long seed = 0; seed < rounds; seed++) {
            byte[] bytes = damaged(good, new SplittableRandom(seed));
            if (!Arrays.equals(bytes, good)) {
                String name =
                        "seed %d: %s".formatted(seed, Base64.getEncoder().encodeToString(bytes));
                if (time(name, bytes, trial).compareTo(MOMENT) > 0) {
                    // The first time classes may have been loaded, or the virtual machine compiled.
                    assertThat(time(name, bytes, trial)).as(name).isLessThan(MOMENT);
                }
            }
        }
    }

    private static Duration time(String name, byte[] bytes, BiConsumer<String, byte[]> trial) {
        long begun = THREADS.getCurrentThreadCpuTime();
        trial.accept(name, bytes);
        return Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - begun);
    }

    private static byte[] damaged(byte[] good, SplittableRandom random) {
        byte[] bytes = good.clone();
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(5)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> {
                int to = at + random.nextInt(bytes.length - at);
                byte[] shorter = Arrays.copyOf(bytes, bytes.length - (to - at));
                System.arraycopy(bytes, to, shorter, at, bytes.length - to);
                return shorter;
            }
            default -> {
                for (int i = random.nextInt(8); i >= 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
            }
        }
        return bytes;
    }

    /** What a TLS library may hand over, whatever is in it. */
    private static final class Bytes extends Certificate {

        private static final long serialVersionUID = 1L;

        private final byte[] encoded;

        Bytes(byte[] encoded) {
            super("X.509");
            this.encoded = encoded;
        }

        @Override
        public byte[] getEncoded() {
            return encoded.clone();
        }

        @Override
        public void verify(PublicKey key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void verify(PublicKey key, String provider) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String toString() {
            return "bytes";
        }

        @Override
        public PublicKey getPublicKey() {
            throw new UnsupportedOperationException();
        }
    }
}
