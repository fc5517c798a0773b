package io.muster.hub.certificates.enrolment;

import io.muster.ca.DeviceUrn;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Subject;
import io.muster.ca.request.AcceptedRequest;
import io.muster.ca.request.Applicant;
import io.muster.ca.request.EncodedRequest;
import io.muster.ca.request.RequestAcceptance;
import io.muster.ca.request.RequestPolicy;
import io.muster.ca.request.RequestTerms;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Validity;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.hub.config.certificates.EnrolmentConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Decides whether a device gets the certificate that is asked for. The rules are asked in the order
 * of {@link RefusalCode}, and the first that is broken is the answer. Who asks, and how long the
 * request is, was looked at before. Shared; blocks while it asks the registry.
 */
final class EnrolmentRules {

    private static final int LIVE_LOOKED_AT = 100;

    private final ProductRules products;
    private final CertificateRegistry certificates;
    private final RequestAcceptance acceptance;
    private final EnrolmentConfig settings;
    private final EnrolmentLimits limits;
    private final Clock clock;

    EnrolmentRules(
            ProductRules products,
            CertificateRegistry certificates,
            RequestAcceptance acceptance,
            EnrolmentConfig settings,
            EnrolmentLimits limits,
            Clock clock) {
        this.products = products;
        this.certificates = certificates;
        this.acceptance = acceptance;
        this.settings = settings;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * What is taken over from a request that breaks no rule.
     *
     * @param issuerEnd when the certificate of the issuer expires
     * @throws RequestRefusedException if it breaks one
     */
    AcceptedRequest accept(EnrolmentRequest request, Instant issuerEnd) {
        products.requireDevice(request.device());
        String productKey = request.device().productKey();
        RequestPolicy ofProduct = products.policy(productKey, request.form());
        limits.count(request);
        requireRoom(request);
        Optional<Certificate> before =
                request.replaces().map(id -> requireRenewable(id, request.device()));
        before.ifPresent(certificate -> requireOpen(certificate, request.requester()));
        RequestPolicy policy = products.useful(ofProduct, productKey);
        try {
            return accept(request, before, policy, issuerEnd);
        } catch (RequestRefusedException refused) {
            throw refused.code() == RefusalCode.KEY_TYPE_NOT_ALLOWED
                    ? products.explained(refused, keyAlgorithm(request, before))
                    : refused;
        }
    }

    private ASN1ObjectIdentifier keyAlgorithm(
            EnrolmentRequest request, Optional<Certificate> before) {
        return request.key()
                .map(EncodedRequest::keyAlgorithm)
                .orElseGet(() -> key(before).getAlgorithm().getAlgorithm());
    }

    private SubjectPublicKeyInfo key(Optional<Certificate> before) {
        return signed(before.orElseThrow()).holder().getSubjectPublicKeyInfo();
    }

    private AcceptedRequest accept(
            EnrolmentRequest request,
            Optional<Certificate> before,
            RequestPolicy policy,
            Instant issuerEnd) {
        Applicant applicant = applicant(request.device());
        RequestTerms terms = terms(request.wishes());
        return request.key()
                .map(encoded -> acceptance.accept(encoded, applicant, policy, terms, issuerEnd))
                .orElseGet(
                        () ->
                                acceptance.acceptRenewal(
                                        key(before), applicant, policy, terms, issuerEnd));
    }

    /** The ledger looks once more when it reserves; here the order of the rules is kept. */
    private void requireRoom(EnrolmentRequest request) {
        List<Certificate> live =
                certificates.findLive(
                        new Owner.Device(request.device()), clock.instant(), LIVE_LOOKED_AT);
        Optional<String> requestKey = request.wishes().requestKey();
        boolean isRepeated =
                requestKey.isPresent()
                        && live.stream()
                                .map(each -> each.reservation().request().idempotencyKey())
                                .anyMatch(requestKey::equals);
        if (!isRepeated && live.size() >= settings.liveMax()) {
            throw new RequestRefusedException(
                    RefusalCode.CERT_LIMIT,
                    "device '%s' has %d certificates that are good, which is as many as it may have; revoke one"
                            .formatted(request.device(), live.size()));
        }
    }

    private Certificate requireRenewable(CertificateId id, DeviceId device) {
        return certificates
                .find(id)
                .filter(each -> each.owner().equals(new Owner.Device(device)))
                .filter(each -> each.status() == CertificateStatus.VALID)
                .filter(each -> !each.isExpired(clock.instant()))
                .orElseThrow(() -> notRenewable(id));
    }

    /** Only devices have to wait: whoever works with them knows why he does not. */
    private void requireOpen(Certificate before, Requester requester) {
        Validity validity = before.reservation().validity();
        Instant opens = Enrolled.renewFrom(validity.notBefore(), validity.notAfter());
        if (requester.isDevice() && !settings.earlyRenewal() && clock.instant().isBefore(opens)) {
            throw new RequestRefusedException(
                    RefusalCode.NOT_RENEWABLE,
                    "certificate %s is renewed in the last third of its life, from %s on; an operator may do so before"
                            .formatted(before.id().serial(), opens));
        }
    }

    private IssuedCertificate signed(Certificate certificate) {
        return certificates
                .findDer(certificate.id())
                .map(IssuedCertificate::parse)
                .orElseThrow(() -> notRenewable(certificate.id()));
    }

    private static RequestRefusedException notRenewable(CertificateId id) {
        return new RequestRefusedException(
                RefusalCode.NOT_RENEWABLE,
                "certificate %s renews nothing: it is revoked, expired, not the hub's or not this device's"
                        .formatted(id.serial()));
    }

    /** Whom a certificate is for. Devices whose key is long are called by its hash, too. */
    static Applicant applicant(DeviceId id) {
        DeviceUrn urn = new DeviceUrn(id.productKey(), id.deviceKey());
        return Applicant.device(
                urn,
                Stream.of(id.deviceKey(), Subject.device(urn, null).commonName())
                        .collect(Collectors.toSet()));
    }

    private static RequestTerms terms(EnrolmentRequest.Wishes wishes) {
        return new RequestTerms(wishes.validDays().map(Duration::ofDays), wishes.requestKey());
    }
}
