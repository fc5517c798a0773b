package io.muster.hub.api.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Revocation;
import io.muster.hub.api.http.Json;
import io.muster.hub.certificates.enrolment.Enrolled;
import io.muster.hub.certificates.revocation.RevocationOutcome;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How certificates look in the API. Shared, without state. */
final class CertificateView {

    private static final String EXPIRED = "EXPIRED";

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

    /** What is known of one. */
    static ObjectNode of(Certificate certificate, Instant now) {
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
        view.put("requestedBy", certificate.reservation().request().actor());
        putId(view, "renews", certificate.reservation().renews());
        putId(view, "supersededBy", certificate.supersededBy());
        certificate.usedAt().ifPresent(at -> view.put("usedAt", at.toString()));
        certificate.revocation().ifPresent(revocation -> put(view, revocation));
        return view;
    }

    private static void putId(ObjectNode view, String name, Optional<CertificateId> id) {
        id.ifPresent(other -> view.put(name, other.serial()));
    }

    private static void put(ObjectNode view, Revocation revocation) {
        view.put("revokedAt", revocation.at().toString())
                .put("reason", reason(revocation.reason()))
                .put("revokedBy", revocation.actor());
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

    /** What a revocation did. */
    static ObjectNode of(RevocationOutcome outcome) {
        Certificate certificate = outcome.certificate();
        ObjectNode view =
                Json.object()
                        .put("serial", certificate.id().serial())
                        .put("issuer", certificate.id().issuer())
                        .put("status", certificate.status().name());
        certificate.revocation().ifPresent(revocation -> put(view, revocation));
        if (outcome.crlNumber().isPresent()) {
            view.put("crlNumber", outcome.crlNumber().getAsLong());
        } else {
            view.putNull("crlNumber");
        }
        return view.put("connectionsClosed", outcome.connectionsClosed());
    }
}
