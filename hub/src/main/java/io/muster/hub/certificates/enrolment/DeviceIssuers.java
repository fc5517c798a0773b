package io.muster.hub.certificates.enrolment;

import io.muster.ca.DeviceUrn;
import io.muster.ca.IssuerId;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.authority.CertificateAuthority;
import io.muster.ca.authority.CertificateOrder;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.Subject;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.request.AcceptedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.ledger.Names;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The authorities that sign certificates of devices. Shared; blocks while one signs and while the
 * ledger is written.
 */
public final class DeviceIssuers {

    private final CertificateAuthority authority;
    private final Map<IssuerAlgorithm, String> names;
    private final IssuanceProfile profile;
    private final @Nullable String organization;
    private final Clock clock;

    /**
     * Those of an authority.
     *
     * @param names of its authorities for devices, by what they sign with
     * @param profile what certificates of devices may be like
     * @param organization the domain of trust, which stands in their names
     */
    public DeviceIssuers(
            CertificateAuthority authority,
            Map<IssuerAlgorithm, String> names,
            IssuanceProfile profile,
            @Nullable String organization,
            Clock clock) {
        this.authority = authority;
        this.names = Map.copyOf(names);
        this.profile = profile;
        this.organization = organization;
        this.clock = clock;
    }

    /** Those of the hub's own authority. */
    public static DeviceIssuers of(OwnAuthority own, Clock clock) {
        return new DeviceIssuers(
                own.authority(),
                Map.of(
                        IssuerAlgorithm.RSA, OwnAuthority.DEVICE_RSA,
                        IssuerAlgorithm.EC, OwnAuthority.DEVICE_EC),
                own.deviceProfile(),
                own.config().organization(),
                clock);
    }

    /** Until when certificates can be good at most, whoever signs them. */
    Instant latestEnd() {
        return names.keySet().stream()
                .flatMap(algorithm -> find(algorithm).stream())
                .map(DeviceIssuers::end)
                .max(Instant::compareTo)
                .orElse(Instant.MAX);
    }

    private static Instant end(Issuer issuer) {
        return issuer.certificate().validity().notAfter();
    }

    private Optional<Issuer> find(IssuerAlgorithm algorithm) {
        try {
            return Optional.of(require(algorithm));
        } catch (RequestRefusedException unavailable) {
            return Optional.empty();
        }
    }

    private Issuer require(IssuerAlgorithm algorithm) {
        return authority.hierarchy().active(name(algorithm));
    }

    private String name(IssuerAlgorithm algorithm) {
        String name = names.get(algorithm);
        if (name == null) {
            throw new RequestRefusedException(
                    RefusalCode.ISSUER_UNAVAILABLE,
                    "no authority signs certificates of devices with " + algorithm);
        }
        return name;
    }

    /**
     * Issues a certificate, or finds the one that was issued for the same request.
     *
     * @param liveMax how many certificates of the device may be good with it
     * @throws RequestRefusedException if it cannot be issued
     */
    Enrolled issue(EnrolmentRequest request, AcceptedRequest accepted, int liveMax) {
        IssuerAlgorithm algorithm =
                request.wishes().issuer().orElseGet(() -> IssuerAlgorithm.of(accepted.keyKind()));
        requireWithin(accepted, require(algorithm));
        LedgerEntry entry = authority.issue(name(algorithm), order(request, accepted, liveMax));
        return new Enrolled(
                Names.registered(entry.id()),
                entry.requireCertificate(),
                chain(entry.id().issuer().toString()));
    }

    private void requireWithin(AcceptedRequest accepted, Issuer issuer) {
        if (clock.instant().plus(accepted.lifetime()).isAfter(end(issuer))) {
            throw new RequestRefusedException(
                    RefusalCode.VALIDITY_RANGE,
                    "a certificate of issuer %s is valid until %s at most"
                            .formatted(issuer.id(), end(issuer)));
        }
    }

    private CertificateOrder order(
            EnrolmentRequest request, AcceptedRequest accepted, int liveMax) {
        DeviceId device = request.device();
        DeviceUrn urn = new DeviceUrn(device.productKey(), device.deviceKey());
        return CertificateOrder.of(
                        profile,
                        Subject.device(urn, organization),
                        accepted,
                        Names.owner(device),
                        request.requester().actor())
                .withLiveMax(liveMax)
                .withReplaces(request.replaces().map(CertificateId::toString).orElse(null))
                .withRequestKey(request.wishes().requestKey().orElse(null))
                .withRenewedFrom(
                        request.requester()
                                .certificate()
                                .map(CertificateId::toString)
                                .orElse(null));
    }

    /** Of an issuer that may have another generation by now. */
    List<IssuedCertificate> chain(String issuer) {
        return Optional.ofNullable(authority.hierarchy().certificates().get(IssuerId.parse(issuer)))
                .map(List::of)
                .orElse(List.of());
    }

    /** All authorities that there are, of all generations. */
    List<String> names() {
        return authority.hierarchy().certificates().keySet().stream()
                .map(IssuerId::toString)
                .toList();
    }

    /** With what it signs. */
    IssuerAlgorithm algorithm(String issuer) {
        String name = IssuerId.parse(issuer).authority();
        return names.entrySet().stream()
                .filter(each -> each.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException(issuer + " issues for no device"));
    }

    /** That of its certificate, without the path behind it. */
    String publicAddress(String issuer) {
        String address =
                authority
                        .hierarchy()
                        .issuer(IssuerId.parse(issuer))
                        .map(each -> each.addresses().certificate())
                        .orElseThrow(() -> new IllegalArgumentException("no issuer " + issuer));
        return address.substring(0, address.lastIndexOf("/ca/"));
    }
}
