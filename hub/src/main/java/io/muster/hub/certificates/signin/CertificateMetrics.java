package io.muster.hub.certificates.signin;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.auth.x509.CertificateListener;
import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.revocation.Freshness;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts how certificates of clients are judged. Shared; never blocks. */
final class CertificateMetrics implements CertificateListener {

    private static final Logger log = LoggerFactory.getLogger(CertificateMetrics.class);
    private static final long LINE_NANOS = 60_000_000_000L;

    private final MeterRegistry meters;
    private final String where;
    private final AtomicLong nextLine = new AtomicLong(System.nanoTime());

    /**
     * Of one place.
     *
     * @param where {@code handshake} or {@code connect}
     */
    CertificateMetrics(MeterRegistry meters, String where) {
        this.meters = meters;
        this.where = where;
    }

    @Override
    public void accepted(CertificateVerdict.Accepted acceptance) {
        boolean isStale = acceptance.freshness() == Freshness.STALE;
        count(isStale ? "accepted_stale" : "accepted");
        long due = nextLine.get();
        long now = System.nanoTime();
        if (isStale && now - due >= 0 && nextLine.compareAndSet(due, now + LINE_NANOS)) {
            log.warn(
                    "certificates are accepted though it is not known whether they are revoked,"
                            + " since an operator wants that issuer=\"{}\"",
                    acceptance.certificate().issuer().certificate().getSubjectX500Principal());
        }
    }

    @Override
    public void refused(CertificateVerdict.Refused refusal) {
        count(refusal.cause().name().toLowerCase(Locale.ROOT));
    }

    /** Refused for another reason than the certificate itself. */
    void refused(String why) {
        count(why);
    }

    private void count(String outcome) {
        meters.counter("muster.certificate.checks", "at", where, "outcome", outcome).increment();
    }
}
