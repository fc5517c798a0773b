package io.muster.hub.api.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Revocation;
import io.muster.hub.api.http.Json;
import io.muster.hub.certificates.enrolment.Enrolled;
import io.muster.hub.certificates.enrolment.Requester;
import io.muster.hub.certificates.revocation.RevocationFlow;
import io.muster.hub.certificates.revocation.RevocationOutcome;
import io.muster.hub.certificates.revocation.UnboundCertificates;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How certificates look in the API. Shared, without state. */
final class CertificateView {

    private static final String EXPIRED = "EXPIRED";

    /** Whoever works with devices, in the words for these. */
    private static final String OPERATOR = "operator";

    private CertificateView() {}

    /** One that was just issued. */
    static ObjectNode of(Enrolled enrolled) {
        return Json.object()
                .put("serial", enrolled.id().serial())
                .put("issuer", enrolled.id().issuer())
                .put("certificate", enrolled.certificate().pem())
                .put("chain", pem(enrolled.chain()))
                .put("fingerprint", enrolled.certificate().fingerprint())
                .put("notBefore", enrolled.certificate().validity().notBefore().toString())
                .put("notAfter", enrolled.certificate().validity().notAfter().toString())
                .put("renewFrom", enrolled.renewFrom().toString());
    }

    /** One behind the other. */
    static String pem(List<IssuedCertificate> certificates) {
        return certificates.stream().map(IssuedCertificate::pem).collect(Collectors.joining());
    }

    /**
     * What is known of one.
     *
     * @param viewer the device that is told, if it is one: names of operators are no business of it
     */
    static ObjectNode of(Certificate certificate, Instant now, Optional<DeviceId> viewer) {
        ObjectNode view =
                Json.object()
                        .put("serial", certificate.id().serial())
                        .put("issuer", certificate.id().issuer())
                        .put("kind", certificate.reservation().kind().name());
        certificate
                .device()
                .ifPresentOrElse(
                        id ->
                                view.put("productKey", id.productKey())
                                        .put("deviceKey", id.deviceKey()),
                        () -> view.put("owner", certificate.owner().toString()));
        view.put("status", status(certificate, now))
                .put("notBefore", certificate.reservation().validity().notBefore().toString())
                .put("notAfter", certificate.reservation().validity().notAfter().toString());
        certificate
                .issuance()
                .ifPresent(
                        issued ->
                                view.put("fingerprint", issued.fingerprint().hex())
                                        .put("issuedAt", issued.at().toString()));
        view.put("requestedBy", actor(certificate.reservation().request().actor(), viewer));
        putId(view, "renews", certificate.reservation().renews());
        putId(view, "replaces", certificate.reservation().request().replaces());
        putId(view, "supersededBy", certificate.supersededBy());
        certificate.usedAt().ifPresent(at -> view.put("usedAt", at.toString()));
        certificate.revocation().ifPresent(revocation -> put(view, revocation, viewer));
        return view;
    }

    private static String actor(String actor, Optional<DeviceId> viewer) {
        boolean isTold =
                viewer.isEmpty()
                        || actor.equals(RevocationFlow.HUB)
                        || actor.equals(Requester.device(viewer.get()).actor());
        return isTold ? actor : OPERATOR;
    }

    private static void putId(ObjectNode view, String name, Optional<CertificateId> id) {
        id.ifPresent(other -> view.put(name, other.serial()));
    }

    private static void put(ObjectNode view, Revocation revocation, Optional<DeviceId> viewer) {
        view.put("revokedAt", revocation.at().toString())
                .put("reason", reason(revocation.reason()))
                .put("revokedBy", actor(revocation.actor(), viewer));
    }

    /** A certificate that is revoked stays so when it expires. */
    private static String status(Certificate certificate, Instant now) {
        boolean isOver =
                certificate.status() == CertificateStatus.VALID && certificate.isExpired(now);
        return isOver ? EXPIRED : certificate.status().name();
    }

    private static String reason(int code) {
        return RevocationReason.of(code)
                .map(reason -> reason.name())
                .orElse("REASON_" + code)
                .toUpperCase(Locale.ROOT);
    }

    /** One of another authority that is bound to nobody, and revoked. */
    static ObjectNode of(CertificateId id, Revocation revocation) {
        ObjectNode view = unbound(id).put("kind", CertificateKind.EXTERNAL.name());
        put(view, revocation, Optional.empty());
        return view;
    }

    /** What its revocation did. */
    static ObjectNode of(UnboundCertificates.Revoked revoked) {
        ObjectNode view = unbound(revoked.id());
        put(view, revoked.revocation(), Optional.empty());
        return view.putNull("crlNumber").put("connectionsClosed", revoked.connectionsClosed());
    }

    private static ObjectNode unbound(CertificateId id) {
        return Json.object()
                .put("serial", id.serial())
                .put("issuer", id.issuer())
                .put("status", CertificateStatus.REVOKED.name());
    }

    /** What a revocation did. */
    static ObjectNode of(RevocationOutcome outcome, Optional<DeviceId> viewer) {
        Certificate certificate = outcome.certificate();
        ObjectNode view =
                Json.object()
                        .put("serial", certificate.id().serial())
                        .put("issuer", certificate.id().issuer())
                        .put("status", certificate.status().name());
        certificate.revocation().ifPresent(revocation -> put(view, revocation, viewer));
        if (outcome.crlNumber().isPresent()) {
            view.put("crlNumber", outcome.crlNumber().getAsLong());
        } else {
            view.putNull("crlNumber");
        }
        return view.put("connectionsClosed", outcome.connectionsClosed());
    }
}
