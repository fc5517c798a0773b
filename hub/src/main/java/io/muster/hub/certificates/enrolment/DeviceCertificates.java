package io.muster.hub.certificates.enrolment;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
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
import io.muster.hub.certificates.ConnectedCertificates;
import io.muster.hub.certificates.CrlPublication;
import io.muster.hub.certificates.RevocationListener;
import io.muster.hub.certificates.RevokedIssuers;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.certificates.revocation.BulkRevocations;
import io.muster.hub.certificates.revocation.IssuerRevocations;
import io.muster.hub.certificates.revocation.RevocationConsequences;
import io.muster.hub.certificates.revocation.RevocationFlow;
import io.muster.hub.certificates.revocation.Supersession;
import io.muster.hub.certificates.revocation.UnboundCertificates;
import io.muster.hub.certificates.trust.Trust;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that devices and operators can do with certificates: they are given, bound, found and ended.
 * A hub without an authority of its own gives none. Shared; to be closed before the registry is.
 */
public final class DeviceCertificates implements AutoCloseable {

    private final CertificateRegistry registry;
    private final CertificateList list;
    private final Optional<DeviceIssuers> issuers;
    private final Optional<Enrolment> enrolment;
    private final Trust trust;
    private final CertificateBinding binding;
    private final RevocationFlow revocation;
    private final UnboundCertificates unbound;
    private final BulkRevocations bulk;
    private final RevocationConsequences consequences;
    private final Supersession supersession;
    private final Optional<IssuerRevocations> ofIssuers;

    /**
     * What they stand on.
     *
     * @param database where certificates are written down
     * @param devices tells which are deleted
     * @param directory which devices and products there are, now
     * @param trust whose certificates let clients in
     * @param clock what time it is
     * @param ticker measures how often somebody asks
     * @param keys with which devices can sign in
     */
    public record Ground(
            RegistryDatabase database,
            DeviceRegistry devices,
            DeviceLookup directory,
            Trust trust,
            Clock clock,
            Ticker ticker,
            SignInKeys keys) {}

    /**
     * The hub's own authority.
     *
     * @param issuers who signs
     * @param lists publishes what is revoked
     * @param audit is told what happens, for the audit chain
     * @param compromised keys that no certificate is issued for
     * @param revoked the issuers whose certificates are all to be revoked
     */
    public record Authority(
            DeviceIssuers issuers,
            CrlPublication lists,
            AuthorityAudit audit,
            KeyBlocklist compromised,
            RevokedIssuers revoked) {}

    /**
     * Who is told what happens.
     *
     * @param revocations shuts out what is revoked
     * @param connected tells who is to be shut out first
     * @param metrics count
     */
    public record Audience(
            RevocationListener revocations,
            ConnectedCertificates connected,
            CertificateMetrics metrics) {}

    private DeviceCertificates(
            Ground ground,
            Optional<Authority> authority,
            Audience audience,
            EnrolmentConfig settings) {
        Clock clock = ground.clock();
        ProductRules products = new ProductRules(ground.directory(), settings, ground.keys());
        products.warnOfUseless(ground.devices().products());
        this.issuers = authority.map(Authority::issuers);
        this.registry = new CertificateRegistry(ground.database());
        CertificateRevocations revocations = new CertificateRevocations(ground.database());
        this.list = new CertificateList(ground.database());
        this.enrolment =
                authority.map(
                        own ->
                                new Enrolment(
                                        rules(
                                                ground,
                                                own.compromised(),
                                                products,
                                                registry,
                                                revocations,
                                                settings),
                                        own.issuers(),
                                        own.audit(),
                                        audience.metrics(),
                                        settings,
                                        ground.ticker()));
        this.trust = ground.trust();
        this.binding =
                new CertificateBinding(
                        trust,
                        registry,
                        settings.liveMax(),
                        ground.keys(),
                        audience.metrics(),
                        clock);
        this.consequences =
                new RevocationConsequences(
                        audience.revocations(),
                        authority.map(Authority::lists),
                        authority.map(Authority::audit),
                        audience.metrics(),
                        settings.deadline());
        this.revocation = new RevocationFlow(registry, revocations, consequences, clock);
        this.bulk = new BulkRevocations(revocation, audience.connected(), settings.deadline());
        this.unbound = new UnboundCertificates(registry, revocations, trust, consequences, clock);
        this.supersession = new Supersession(registry, revocation, settings.overlap(), clock);
        this.ofIssuers =
                authority.map(
                        own -> new IssuerRevocations(own.revoked(), registry, revocation, clock));
    }

    private static EnrolmentRules rules(
            Ground ground,
            KeyBlocklist compromised,
            ProductRules products,
            CertificateRegistry registry,
            CertificateRevocations revocations,
            EnrolmentConfig settings) {
        Clock clock = ground.clock();
        return new EnrolmentRules(
                products,
                registry,
                new RequestAcceptance(
                        compromised,
                        new LedgerKeys(new RegistryLedger(registry, revocations), clock),
                        clock),
                settings,
                new EnrolmentLimits(settings, ground.ticker()),
                clock);
    }

    /**
     * Of a hub; from now on the certificates of deleted devices are followed up.
     *
     * @param authority its own, if it has one
     */
    public static DeviceCertificates open(
            Ground ground,
            Optional<Authority> authority,
            Audience audience,
            EnrolmentConfig settings) {
        DeviceCertificates opened = new DeviceCertificates(ground, authority, audience, settings);
        ground.devices().addListener(opened.revocation);
        opened.supersession.start();
        opened.ofIssuers.ifPresent(IssuerRevocations::start);
        return opened;
    }

    /**
     * Gives them.
     *
     * @throws RequestRefusedException if the hub has no authority of its own
     */
    public Enrolment enrolment() {
        return enrolment.orElseThrow(
                () ->
                        new RequestRefusedException(
                                RefusalCode.ISSUER_UNAVAILABLE,
                                "this hub has no authority of its own, and issues no certificates"
                                        + " (certificates.authority.enabled = false); it binds those"
                                        + " of others"));
    }

    /** Binds those of other authorities. */
    public CertificateBinding binding() {
        return binding;
    }

    /** Ends them. */
    public RevocationFlow revocation() {
        return revocation;
    }

    /** Ends those of other authorities that are bound to no device. */
    public UnboundCertificates unbound() {
        return unbound;
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
                .map(signed -> new Enrolled(id, signed, chain(id.issuer())));
    }

    private List<IssuedCertificate> chain(String issuer) {
        return issuers.map(own -> own.chain(issuer)).orElse(List.of());
    }

    /**
     * Certificates with this serial number, of our own authorities and of those that are trusted.
     */
    public List<Certificate> findBySerial(String serial) {
        return Stream.concat(
                        issuers.stream().flatMap(own -> own.names().stream()),
                        trust.authorities().stream()
                                .flatMap(each -> each.chain().stream())
                                .map(link -> link.issuer()))
                .distinct()
                .flatMap(issuer -> registry.find(new CertificateId(issuer, serial)).stream())
                .toList();
    }

    /** With what one of our own authorities signs. */
    public IssuerAlgorithm algorithm(String issuer) {
        return issuers.orElseThrow().algorithm(issuer);
    }

    /** What the addresses begin with at which one of our own authorities publishes. */
    public String publicAddress(String issuer) {
        return issuers.orElseThrow().publicAddress(issuer);
    }

    /** Finds several. */
    public CertificateList list() {
        return list;
    }

    @Override
    public void close() {
        supersession.close();
        ofIssuers.ifPresent(IssuerRevocations::close);
        bulk.close();
        enrolment.ifPresent(Enrolment::close);
        consequences.close();
    }
}
