package io.muster.hub.certificates.enrolment;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.ledger.view.LedgerKeys;
import io.muster.ca.request.RequestAcceptance;
import io.muster.ca.weakkey.KeyBlocklist;
import io.muster.devices.DeviceLookup;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.certificates.CertificateList;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.hub.certificates.CrlPublication;
import io.muster.hub.certificates.RevocationListener;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.certificates.revocation.BulkRevocations;
import io.muster.hub.certificates.revocation.RevocationConsequences;
import io.muster.hub.certificates.revocation.RevocationFlow;
import io.muster.hub.certificates.revocation.Supersession;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * All that devices and operators can do with certificates: they are given, found and ended. Shared;
 * to be closed before the registry is.
 */
public final class DeviceCertificates implements AutoCloseable {

    private final CertificateRegistry registry;
    private final CertificateList list;
    private final DeviceIssuers issuers;
    private final Enrolment enrolment;
    private final RevocationFlow revocation;
    private final BulkRevocations bulk;
    private final RevocationConsequences consequences;
    private final Supersession supersession;

    /**
     * What they stand on.
     *
     * @param database where certificates are written down
     * @param devices tells which are deleted
     * @param directory which devices and products there are, now
     * @param issuers who signs
     * @param clock what time it is
     * @param ticker measures how often somebody asks
     */
    public record Ground(
            RegistryDatabase database,
            DeviceRegistry devices,
            DeviceLookup directory,
            DeviceIssuers issuers,
            Clock clock,
            Ticker ticker) {}

    /**
     * Who is told what happens.
     *
     * @param revocations shuts out what is revoked
     * @param lists publishes it
     * @param audit is told for the audit chain of the authority
     * @param metrics count
     */
    public record Audience(
            RevocationListener revocations,
            CrlPublication lists,
            AuthorityAudit audit,
            CertificateMetrics metrics) {}

    private DeviceCertificates(Ground ground, Audience audience, EnrolmentConfig settings) {
        Clock clock = ground.clock();
        this.issuers = ground.issuers();
        this.registry = new CertificateRegistry(ground.database());
        CertificateRevocations revocations = new CertificateRevocations(ground.database());
        this.list = new CertificateList(ground.database());
        EnrolmentRules rules =
                new EnrolmentRules(
                        ground.directory(),
                        registry,
                        new RequestAcceptance(
                                KeyBlocklist.published(),
                                new LedgerKeys(new RegistryLedger(registry, revocations), clock),
                                clock),
                        settings,
                        new EnrolmentLimits(settings, ground.ticker()),
                        clock);
        this.enrolment =
                new Enrolment(
                        rules,
                        ground.issuers(),
                        registry,
                        audience.audit(),
                        audience.metrics(),
                        settings);
        this.consequences =
                new RevocationConsequences(
                        audience.revocations(),
                        audience.lists(),
                        audience.audit(),
                        audience.metrics(),
                        settings.deadline());
        this.revocation = new RevocationFlow(registry, revocations, consequences, clock);
        this.bulk = new BulkRevocations(revocation, settings.deadline());
        this.supersession = new Supersession(registry, revocation, settings.overlap(), clock);
    }

    /** Of a hub; from now on the certificates of deleted devices are followed up. */
    public static DeviceCertificates open(
            Ground ground, Audience audience, EnrolmentConfig settings) {
        DeviceCertificates opened = new DeviceCertificates(ground, audience, settings);
        ground.devices().addListener(opened.revocation);
        opened.supersession.start();
        return opened;
    }

    /** Gives them. */
    public Enrolment enrolment() {
        return enrolment;
    }

    /** Ends them. */
    public RevocationFlow revocation() {
        return revocation;
    }

    /** Ends those of whole products. */
    public BulkRevocations bulk() {
        return bulk;
    }

    /** Finds one. */
    public CertificateRegistry registry() {
        return registry;
    }

    /** A certificate itself with its chain; empty if the hub has not issued it. */
    public Optional<Enrolled> signed(CertificateId id) {
        return registry.findDer(id)
                .map(IssuedCertificate::parse)
                .map(signed -> new Enrolled(id, signed, issuers.chain(id.issuer())));
    }

    /** Certificates of our own authorities with this serial number. */
    public List<Certificate> findBySerial(String serial) {
        return issuers.names().stream()
                .flatMap(issuer -> registry.find(new CertificateId(issuer, serial)).stream())
                .toList();
    }

    /** With what an authority signs. */
    public IssuerAlgorithm algorithm(String issuer) {
        return issuers.algorithm(issuer);
    }

    /** What the addresses begin with at which an authority publishes. */
    public String publicAddress(String issuer) {
        return issuers.publicAddress(issuer);
    }

    /** Finds several. */
    public CertificateList list() {
        return list;
    }

    @Override
    public void close() {
        supersession.close();
        bulk.close();
        enrolment.close();
        consequences.close();
    }
}
