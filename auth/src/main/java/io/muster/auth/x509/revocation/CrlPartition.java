package io.muster.auth.x509.revocation;

import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlExpectation;
import io.muster.auth.x509.crl.CrlReader;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.EncodedCrl;
import io.muster.auth.x509.crl.SerialNumber;
import io.muster.auth.x509.encoding.DistributionPointName;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The list that is in force for one issuer and one of its partitions, or for all that it issued.
 * Shared; whoever looks never waits, taking a new list takes its time.
 */
public final class CrlPartition {

    private final CrlExpectation expected;
    private final CrlReader reader;
    private final Clock clock;

    /** Replaced in one go. */
    private volatile @Nullable AcceptedCrl current;

    CrlPartition(CrlExpectation expected, Clock clock) {
        this.expected = expected;
        this.reader = new CrlReader(expected);
        this.clock = clock;
    }

    /**
     * Puts a list in force, for all who look after this call returns.
     *
     * @param file in DER or PEM, whose bytes are good for nothing else after this
     * @throws CrlRefusedException if it is not as expected; the one before stays in force then
     */
    public AcceptedCrl accept(byte[] file) throws CrlRefusedException {
        return accept(EncodedCrl.of(file));
    }

    /** The same with a list that was found in a file. */
    public synchronized AcceptedCrl accept(EncodedCrl list) throws CrlRefusedException {
        AcceptedCrl accepted = reader.read(list, current(), clock.instant());
        current = accepted;
        return accepted;
    }

    /** Whose lists are in force here. */
    public X509Certificate issuer() {
        return expected.issuer();
    }

    /** The list that is in force. */
    public Optional<AcceptedCrl> current() {
        return Optional.ofNullable(current);
    }

    /** Whether it still says who is revoked now. */
    public Freshness freshness(Instant now, Duration grace) {
        AcceptedCrl list = current;
        return list == null ? Freshness.STALE : Freshness.of(list.nextUpdate(), now, grace);
    }

    /** Its distribution point; empty if the list is of all certificates. */
    public Optional<DistributionPointName> distributionPoint() {
        return expected.distributionPoint();
    }

    /** What lists must be to be taken here. */
    CrlExpectation expected() {
        return expected;
    }

    /** Whether a list of here would name a certificate that says this of itself. */
    boolean covers(Set<DistributionPointName> points, boolean announcesDeltas) {
        return expected.distributionPoint().map(points::contains).orElse(true)
                && (!announcesDeltas || expected.completeListsSuffice());
    }

    boolean isRevoked(SerialNumber serial) {
        AcceptedCrl list = current;
        return list != null && list.revoked().contains(serial);
    }
}
