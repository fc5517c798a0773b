package io.muster.hub.certificates.authority;

import io.muster.ca.Owner;
import io.muster.ca.authority.CertificateOrder;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
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
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A certificate for another server than the hub itself, such as a second hub behind the same name,
 * or a back-end: of the issuer of servers, in the ledger and on its list like any other. It is not
 * renewed by itself. Immutable.
 */
public final class OrderedServer {

    private static final String ACTOR = "muster ca issue";

    private final OwnAuthority authority;
    private final Subject subject;
    private final Owner.Server owner;
    private final IssuanceProfile profile;
    private final Optional<Duration> life;

    /**
     * One that is wanted.
     *
     * @param names hosts and addresses by which clients reach it; the first host is its common name
     * @param life for how long; empty for as long as the hub's own
     * @throws IllegalArgumentException naming what is no name of a host and no address
     */
    public OrderedServer(OwnAuthority authority, List<String> names, Optional<Duration> life) {
        this.authority = authority;
        this.subject = Subject.server(names, authority.config().organization());
        // A host may begin with *, and an owner is called by letters and digits.
        this.owner = new Owner.Server(subject.commonName().replace('*', '_'));
        this.profile =
                IssuanceProfile.of(CertificateKind.SERVER)
                        .withLife(
                                authority.config().server().life(),
                                CertificateKind.SERVER.longestLife());
        this.life = life;
    }

    /**
     * Issues it for the key of a request; blocks. The same request gets the same one again as long
     * as that is good.
     *
     * @param request in PEM; it may name the server as it was named here, and ask for nothing else
     * @param compromised keys that are refused
     * @throws io.muster.ca.RequestRefusedException if the request breaks a rule
     */
    public OrderedCertificate issue(String request, KeyBlocklist compromised, Clock clock) {
        AcceptedRequest accepted =
                new RequestAcceptance(
                                compromised,
                                new LedgerKeys(authority.records().certificates(), clock),
                                clock)
                        .accept(
                                EncodedRequest.of(request),
                                Applicant.server(owner, subject),
                                policy(),
                                new RequestTerms(life, Optional.of(ACTOR)),
                                issuerEnd());
        return ordered(
                CertificateOrder.of(profile, subject, accepted, owner, ACTOR)
                        .withRequestKey(ACTOR));
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

    private Instant issuerEnd() {
        return authority.certificate(authority.activeId(OwnAuthority.SERVER)).validity().notAfter();
    }

    /**
     * Issues it for a key that whoever asks has made; blocks.
     *
     * @throws io.muster.ca.RequestRefusedException if it is not issued
     */
    public OrderedCertificate issue(KeyPair keys) {
        return ordered(
                CertificateOrder.ofOwnKey(
                                profile, subject, ProviderKey.of(ACTOR, keys), owner, ACTOR)
                        .withLife(life.orElse(null)));
    }

    private OrderedCertificate ordered(CertificateOrder order) {
        LedgerEntry entry = authority.authority().issue(OwnAuthority.SERVER, order);
        return new OrderedCertificate(
                entry.requireCertificate(), authority.certificate(entry.id().issuer()));
    }
}
