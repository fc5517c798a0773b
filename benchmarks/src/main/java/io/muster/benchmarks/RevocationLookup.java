package io.muster.benchmarks;

import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.crl.SerialNumber;
import java.math.BigInteger;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whether a serial number is among a million revoked ones: what each connection with a certificate
 * asks.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RevocationLookup {

    private static final int REVOKED = 1_000_000;
    private static final int ASKED = 1 << 16;

    /** Bits of a serial number: of ours, and of the longest that others have. */
    @Param({"63", "159"})
    public int bits;

    private final SerialNumber[] revoked = new SerialNumber[ASKED];
    private final SerialNumber[] others = new SerialNumber[ASKED];
    private RevokedSerials serials = RevokedSerials.none();
    private int next;

    /** Makes the set, and says what it takes. */
    @Setup
    public void fill() {
        Random random = new Random(6);
        serials =
                RevokedSerials.of(
                        Stream.generate(() -> new BigInteger(bits, random).setBit(bits - 1))
                                .limit(REVOKED)
                                .toList());
        Random again = new Random(6);
        for (int i = 0; i < ASKED; i++) {
            revoked[i] = SerialNumber.of(new BigInteger(bits, again).setBit(bits - 1));
            others[i] = SerialNumber.of(new BigInteger(bits, random).setBit(bits - 1));
        }
        System.out.printf("%d serial numbers take %,d bytes%n", serials.size(), serials.bytes());
    }

    /** One that is revoked. */
    @Benchmark
    public boolean revoked() {
        return serials.contains(revoked[next++ & (ASKED - 1)]);
    }

    /** One that is not. */
    @Benchmark
    public boolean notRevoked() {
        return serials.contains(others[next++ & (ASKED - 1)]);
    }
}
