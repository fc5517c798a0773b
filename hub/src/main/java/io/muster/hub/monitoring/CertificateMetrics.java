package io.muster.hub.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.ca.RefusalCode;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.CertificateKind;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/** Counts what the hub's own authority does, and shows what it has published. Shared. */
public final class CertificateMetrics {

    private final MeterRegistry meters;
    private final Counter failed;

    /** Counters in a registry, of which none is counted yet. */
    public CertificateMetrics(MeterRegistry meters) {
        this.meters = meters;
        this.failed =
                Counter.builder("muster.crl.publications.failed")
                        .description("Revocation lists that could not be published; tried again")
                        .register(meters);
    }

    /** A certificate was issued. */
    public void issued(CertificateKind kind) {
        Counter.builder("muster.certificates.issued")
                .description("Certificates issued by what they are for")
                .tag("kind", word(kind))
                .register(meters)
                .increment();
    }

    /** So many certificates were revoked. */
    public void revoked(RevocationReason reason, int count) {
        Counter.builder("muster.certificates.revoked")
                .description("Certificates revoked by the reason")
                .tag("reason", word(reason))
                .register(meters)
                .increment(count);
    }

    /** A request was refused. */
    public void refused(RefusalCode code) {
        Counter.builder("muster.certificates.refused")
                .description("Requests for certificates that were refused, by code")
                .tag("code", word(code))
                .register(meters)
                .increment();
    }

    /** So many lists could not be published. */
    public void notPublished(int lists) {
        failed.increment(lists);
    }

    /**
     * Shows the lists of an issuer.
     *
     * @param issuer such as {@code device-ec-g1}
     */
    public void watchLists(String issuer, Lists lists) {
        gauge("muster.crl.age.seconds", issuer, lists.ageSeconds())
                .description("Age of the oldest revocation list in force, by issuer")
                .register(meters);
        gauge("muster.crl.left.seconds", issuer, lists.leftSeconds())
                .description("Time until the first revocation list is not good any more")
                .register(meters);
        gauge("muster.crl.bytes", issuer, lists.bytes())
                .description("Size of all revocation lists of an issuer")
                .register(meters);
        gauge("muster.crl.entries", issuer, lists.entries())
                .description("Certificates on all revocation lists of an issuer")
                .register(meters);
        gauge("muster.crl.number", issuer, lists.number())
                .description("The highest number of a revocation list of an issuer")
                .register(meters);
    }

    /**
     * Shows when the certificate of an issuer expires.
     *
     * @param days until then
     */
    public void watchIssuer(String issuer, DoubleSupplier days) {
        gauge("muster.issuer.certificate.expiry.days", issuer, days)
                .description("Days until the certificate of an issuer or a root expires")
                .register(meters);
    }

    /**
     * Shows until when another generation of an authority has to issue.
     *
     * @param authority such as {@code device-ec}
     * @param days until then
     */
    public void watchRollover(String authority, DoubleSupplier days) {
        Gauge.builder("muster.issuer.rollover.days", days::getAsDouble)
                .tag("authority", authority)
                .strongReference(true)
                .description(
                        "Days until what an authority usually issues would outlive it, and is"
                                + " refused")
                .register(meters);
    }

    private static Gauge.Builder<?> gauge(String name, String issuer, DoubleSupplier value) {
        return Gauge.builder(name, value::getAsDouble).tag("issuer", issuer).strongReference(true);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /**
     * What is shown of the lists of an issuer, asked at each scrape; from memory.
     *
     * @param ageSeconds of the oldest
     * @param leftSeconds until the first of them is not good any more
     * @param bytes of all
     * @param entries on all
     * @param number the highest
     */
    public record Lists(
            DoubleSupplier ageSeconds,
            DoubleSupplier leftSeconds,
            DoubleSupplier bytes,
            DoubleSupplier entries,
            DoubleSupplier number) {}
}
