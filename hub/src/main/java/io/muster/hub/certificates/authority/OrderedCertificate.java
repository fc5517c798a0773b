package io.muster.hub.certificates.authority;

import io.muster.ca.DeviceUrn;
import io.muster.ca.Owner;
import io.muster.ca.authority.CertificateOrder;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Subject;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A certificate of a device that an operator has ordered himself, with the request of the device in
 * a file.
 *
 * @param certificate what was issued
 * @param issuer who has signed it
 */
public record OrderedCertificate(IssuedCertificate certificate, IssuedCertificate issuer) {

    private static final String ACTOR = "muster ca issue";

    /**
     * Issues one; blocks. The same key for the same device, as long as it is good, gets the same
     * one again.
     *
     * @param compromised keys that are refused
     * @param request in PEM
     * @param life for how long; empty for as long as is usual
     * @throws io.muster.ca.RequestRefusedException if the request breaks a rule, or the device may
     *     have none
     */
    public static OrderedCertificate issue(
            OwnAuthority authority,
            KeyBlocklist compromised,
            DeviceUrn device,
            String request,
            Optional<Duration> life,
            Clock clock) {
        IssuanceProfile profile = authority.deviceProfile();
        RequestTerms terms = new RequestTerms(life, Optional.of(ACTOR));
        AcceptedRequest accepted =
                new RequestAcceptance(
                                compromised,
                                new LedgerKeys(authority.records().certificates(), clock),
                                clock)
                        .accept(
                                EncodedRequest.of(request),
                                applicant(device),
                                policy(profile),
                                terms,
                                end(authority));
        String issuer = OwnAuthority.deviceIssuer(accepted.keyKind());
        LedgerEntry entry =
                authority
                        .authority()
                        .issue(
                                issuer,
                                CertificateOrder.of(
                                                profile,
                                                Subject.device(
                                                        device, authority.config().organization()),
                                                accepted,
                                                new Owner.Device(device),
                                                ACTOR)
                                        .withRequestKey(ACTOR));
        return new OrderedCertificate(
                entry.requireCertificate(), authority.certificate(entry.id().issuer()));
    }

    private static Applicant applicant(DeviceUrn device) {
        return Applicant.device(
                device,
                // The same, unless the key is too long for a common name.
                Stream.of(device.deviceKey(), Subject.device(device, null).commonName())
                        .collect(Collectors.toSet()));
    }

    private static RequestPolicy policy(IssuanceProfile profile) {
        return new RequestPolicy(
                profile.keys(),
                SubjectRule.OWN_NAMES,
                false,
                profile.shortest(),
                profile.usual(),
                profile.longest());
    }

    /** The earlier of both, since the key of the request is not known yet. */
    private static Instant end(OwnAuthority authority) {
        Instant ec = end(authority, OwnAuthority.DEVICE_EC);
        Instant rsa = end(authority, OwnAuthority.DEVICE_RSA);
        return ec.isBefore(rsa) ? ec : rsa;
    }

    private static Instant end(OwnAuthority authority, String issuer) {
        return authority.certificate(authority.activeId(issuer)).validity().notAfter();
    }

    /** Both in PEM, as devices show them: without the root. */
    public String pem() {
        return certificate.pem() + issuer.pem();
    }
}
