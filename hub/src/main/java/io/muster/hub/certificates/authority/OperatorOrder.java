package io.muster.hub.certificates.authority;

import io.muster.ca.DeviceUrn;
import io.muster.ca.Owner;
import io.muster.ca.authority.CertificateOrder;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.ProviderKey;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.view.LedgerKeys;
import io.muster.ca.request.AcceptedRequest;
import io.muster.ca.request.Applicant;
import io.muster.ca.request.EncodedRequest;
import io.muster.ca.request.RequestAcceptance;
import io.muster.ca.request.RequestPolicy;
import io.muster.ca.request.RequestTerms;
import io.muster.ca.request.SubjectRule;
import io.muster.ca.weakkey.KeyBlocklist;
import io.muster.devices.certificate.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A certificate that an operator orders himself: for a device, or for another server than the hub,
 * such as a second hub behind the same name, or a back-end. It is in the ledger and, once it is
 * revoked, on the list of its issuer like any other; that of a server is not renewed by itself.
 * Immutable.
 */
public final class OperatorOrder {

    private static final String ACTOR = "muster ca issue";

    private final OwnAuthority authority;
    private final Applicant applicant;
    private final Subject subject;
    private final IssuanceProfile profile;
    private final Function<KeyKind, String> issuers;
    private final Optional<Duration> life;

    private OperatorOrder(
            OwnAuthority authority,
            Applicant applicant,
            Subject subject,
            IssuanceProfile profile,
            Function<KeyKind, String> issuers,
            Optional<Duration> life) {
        this.authority = authority;
        this.applicant = applicant;
        this.subject = subject;
        this.profile = profile;
        this.issuers = issuers;
        this.life = life;
    }

    /**
     * For a device.
     *
     * @param life for how long; empty for as long as is usual
     */
    public static OperatorOrder forDevice(
            OwnAuthority authority, DeviceUrn device, Optional<Duration> life) {
        Subject subject = Subject.device(device, authority.config().organization());
        return new OperatorOrder(
                authority,
                // The same, unless the key is too long for a common name.
                Applicant.device(
                        device,
                        Stream.of(device.deviceKey(), subject.commonName())
                                .collect(Collectors.toSet())),
                subject,
                authority.deviceProfile(),
                OwnAuthority::deviceIssuer,
                life);
    }

    /**
     * For a server.
     *
     * @param names hosts and addresses by which clients reach it; the first host is its common name
     * @param life for how long; empty for as long as the hub's own
     * @throws IllegalArgumentException naming what is no name of a host and no address
     */
    public static OperatorOrder forServer(
            OwnAuthority authority, List<String> names, Optional<Duration> life) {
        Subject subject = Subject.server(names, authority.config().organization());
        // A host may begin with *, and an owner is called by letters and digits.
        Owner.Server owner = new Owner.Server(subject.commonName().replace('*', '_'));
        return new OperatorOrder(
                authority,
                Applicant.server(owner, subject),
                subject,
                IssuanceProfile.of(CertificateKind.SERVER)
                        .withLife(
                                authority.config().server().life(),
                                CertificateKind.SERVER.longestLife()),
                key -> OwnAuthority.SERVER,
                life);
    }

    /**
     * Issues it for the key of a request; blocks. The same order for the same key gets the same one
     * again as long as that is good; another order for that key is refused.
     *
     * @param request in PEM; it may name whom it is for as the order does, and ask for nothing else
     * @param compromised keys that are refused
     * @throws io.muster.ca.RequestRefusedException if the request breaks a rule, or the device may
     *     have none
     */
    public OrderedCertificate issue(String request, KeyBlocklist compromised, Clock clock) {
        String requestKey = requestKey();
        AcceptedRequest accepted =
                new RequestAcceptance(
                                compromised,
                                new LedgerKeys(authority.records().certificates(), clock),
                                clock)
                        .accept(
                                EncodedRequest.of(request),
                                applicant,
                                policy(),
                                new RequestTerms(life, Optional.of(requestKey)),
                                issuerEnd());
        return issue(
                accepted.keyKind(),
                CertificateOrder.of(profile, subject, accepted, applicant.holder(), ACTOR)
                        .withRequestKey(requestKey));
    }

    /**
     * Issues it for a key that whoever asks has made; blocks.
     *
     * @param kind of the key
     * @throws io.muster.ca.RequestRefusedException if it is not issued
     */
    public OrderedCertificate issue(KeyKind kind, KeyPair keys) {
        return issue(
                kind,
                CertificateOrder.ofOwnKey(
                                profile,
                                subject,
                                ProviderKey.of(ACTOR, keys),
                                applicant.holder(),
                                ACTOR)
                        .withLife(life.orElse(null)));
    }

    private OrderedCertificate issue(KeyKind kind, CertificateOrder order) {
        LedgerEntry entry = authority.authority().issue(issuers.apply(kind), order);
        return new OrderedCertificate(
                entry.requireCertificate(), authority.certificate(entry.id().issuer()));
    }

    /**
     * Another one for each set of names and each life: who asks for another gets no earlier one.
     */
    private String requestKey() {
        String names =
                applicant.names().stream()
                        .map(name -> name.type() + ":" + name.value() + "\n")
                        .sorted()
                        .collect(Collectors.joining());
        String wanted = names + life.orElse(profile.usual());
        return ACTOR + ' ' + Sha256.of(wanted.getBytes(StandardCharsets.UTF_8)).hex();
    }

    private RequestPolicy policy() {
        return new RequestPolicy(
                profile.keys(),
                SubjectRule.OWN_NAMES,
                false,
                profile.shortest(),
                profile.usual(),
                profile.longest());
    }

    /** The earliest of all that may sign it, since the key of the request is not known yet. */
    private Instant issuerEnd() {
        return profile.keys().stream()
                .map(issuers)
                .distinct()
                .map(authority::activeId)
                .map(id -> authority.certificate(id).validity().notAfter())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }
}
