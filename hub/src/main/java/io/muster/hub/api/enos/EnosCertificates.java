package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.request.EncodedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.details.AssetId;
import io.muster.devices.product.CertificatePolicy;
import io.muster.devices.registry.certificates.CertificateSearch;
import io.muster.devices.registry.operators.Role;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.enos.EnosProblem.Code;
import io.muster.hub.api.http.Json;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.certificates.enrolment.Enrolled;
import io.muster.hub.certificates.enrolment.EnrolmentForm;
import io.muster.hub.certificates.enrolment.EnrolmentRequest;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.enrolment.IssuerAlgorithm;
import io.muster.hub.certificates.enrolment.Requester;
import java.math.BigInteger;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The calls about certificates. Shared; blocks while one is issued or revoked. */
final class EnosCertificates {

    private static final int LISTED_MAX = 1_000;

    private static final int VALID = 0;
    private static final int REVOKED = 1;
    private static final int EXPIRED = 2;

    private final DeviceCertificates certificates;
    private final DeviceRecords records;
    private final Clock clock;

    EnosCertificates(DeviceCertificates certificates, DeviceRecords records, Clock clock) {
        this.certificates = certificates;
        this.records = records;
        this.clock = clock;
    }

    /** {@code /connect-service/v2.0/certificates}. */
    Map<String, EnosAction> actions() {
        return Map.of(
                "apply",
                EnosAction.doing(Role.OPERATE, "device.certificate.issue", this::apply),
                "renew",
                EnosAction.doing(Role.OPERATE, "device.certificate.renew", this::renew),
                "revoke",
                EnosAction.doing(Role.OPERATE, "device.certificate.revoke", this::revoke)
                        .toProtect(),
                "list",
                EnosAction.looking(this::list));
    }

    private DeviceId device(EnosCall call) {
        DeviceId id = call.device(records::find);
        Acts.object(call.ctx(), id.productKey(), id.deviceKey());
        return requireThere(id);
    }

    /** Returns {@code id} if there is such a device. */
    DeviceId requireThere(DeviceId id) {
        if (records.find(id).isEmpty()) {
            throw new EnosProblem(Code.NO_SUCH_DEVICE, "Device cannot be found");
        }
        return id;
    }

    /** The one device with this identifier. */
    DeviceId device(AssetId assetId) {
        return EnosCall.one(records.find(assetId));
    }

    private JsonNode apply(EnosCall call) {
        DeviceId device = device(call);
        return answer(
                enrol(
                        call,
                        device,
                        () -> Optional.of(EncodedRequest.of(call.requiredText("csr"))),
                        Optional.empty(),
                        wishes(call)));
    }

    private JsonNode renew(EnosCall call) {
        DeviceId device = device(call);
        CertificateId before = require(device, requiredSerial(call)).id();
        return answer(
                enrol(
                        call,
                        device,
                        () -> call.text("csr").map(EncodedRequest::of),
                        Optional.of(before),
                        wishes(call)));
    }

    Enrolled enrol(
            EnosCall call,
            DeviceId device,
            Supplier<Optional<EncodedRequest>> csr,
            Optional<CertificateId> replaces,
            Wishes wishes) {
        Requester requester = Requester.operator(call.caller().actor());
        Enrolled enrolled =
                certificates
                        .enrolment()
                        .enrol(
                                device,
                                requester,
                                () ->
                                        new EnrolmentRequest(
                                                device,
                                                requester,
                                                csr.get(),
                                                replaces,
                                                EnrolmentForm.ENOS,
                                                wishes));
        Acts.detail(call.ctx(), "certificate " + enrolled.id());
        return enrolled;
    }

    private static Wishes wishes(EnosCall call) {
        return new Wishes(
                call.number("validDay", CertificatePolicy.DAYS_MAX),
                Optional.empty(),
                Optional.of(issuer(call.text("issueAuthority").orElse("RSA"))));
    }

    private static IssuerAlgorithm issuer(String word) {
        if (word.equalsIgnoreCase("RSA")) {
            return IssuerAlgorithm.RSA;
        }
        if (word.equalsIgnoreCase("ECC")) {
            return IssuerAlgorithm.EC;
        }
        throw EnosProblem.invalid("issueAuthority must be RSA or ECC");
    }

    private JsonNode answer(Enrolled enrolled) {
        ObjectNode answer = first(enrolled);
        enrolled.chain().stream().findFirst().ifPresent(ca -> answer.put("caCert", ca.pem()));
        return answer.put("issueAuthority", word(enrolled));
    }

    /** What both forms answer with. */
    ObjectNode first(Enrolled enrolled) {
        return Json.object()
                .put(
                        "certChainURL",
                        certificates.publicAddress(enrolled.id().issuer())
                                + "/enos/CA/cacert/"
                                + word(enrolled))
                .put("cert", enrolled.certificate().pem())
                .put("certSN", number(enrolled.id().serial()));
    }

    private String word(Enrolled enrolled) {
        return certificates.algorithm(enrolled.id().issuer()) == IssuerAlgorithm.EC ? "ECC" : "RSA";
    }

    private JsonNode revoke(EnosCall call) {
        DeviceId device = device(call);
        revoke(call, require(device, requiredSerial(call)), reason(call));
        return NullNode.getInstance();
    }

    void revoke(EnosCall call, Certificate certificate, RevocationReason reason) {
        var unused =
                EnosCall.valid(
                        () ->
                                certificates
                                        .revocation()
                                        .revoke(certificate.id(), reason, call.caller().actor()));
        Acts.detail(call.ctx(), "certificate " + certificate.id() + ", " + reason);
    }

    /** All of a device. */
    void revokeAll(EnosCall call, DeviceId device) {
        long revoked =
                certificates
                        .revocation()
                        .revokeAll(device, RevocationReason.UNSPECIFIED, call.caller().actor())
                        .revoked();
        Acts.detail(call.ctx(), revoked + " certificates");
    }

    private static RevocationReason reason(EnosCall call) {
        JsonNode value = call.body().path("reason");
        if (value.isMissingNode() || value.isNull()) {
            return RevocationReason.UNSPECIFIED;
        }
        String text = value.asText();
        return Optional.of(text)
                .filter(digits -> digits.matches("[0-9]"))
                .flatMap(digits -> RevocationReason.of(Integer.parseInt(digits)))
                .filter(reason -> reason != RevocationReason.CA_COMPROMISE)
                .orElseThrow(
                        () ->
                                EnosProblem.invalid(
                                        "reason must be 0, 1, 3, 4, 5 or 9; what is revoked stays"
                                                + " so, and is not held (6)"));
    }

    private JsonNode list(EnosCall call) {
        ArrayNode list = Json.array();
        for (Certificate each : all(device(call))) {
            list.add(view(each, certificates.signed(each.id()).map(Enrolled::certificate)));
        }
        return list;
    }

    /** Those that end last come last; of those that were never signed nobody needs to know. */
    List<Certificate> all(DeviceId device) {
        return certificates
                .list()
                .page(
                        CertificateSearch.of(device.productKey()).withDevice(device.deviceKey()),
                        Optional.empty(),
                        LISTED_MAX)
                .certificates()
                .stream()
                .filter(each -> each.issuance().isPresent())
                .toList();
    }

    /** Of one that another authority issued the hub has no more than its number and its dates. */
    private ObjectNode view(Certificate certificate, Optional<IssuedCertificate> signed) {
        ObjectNode view = shortView(certificate);
        signed.ifPresent(
                own ->
                        view.put("cert", own.pem())
                                .put("issuer", own.holder().getIssuer().toString())
                                .put("subject", own.holder().getSubject().toString()));
        certificate
                .issuance()
                .ifPresent(issued -> view.put("signDate", issued.at().toEpochMilli()));
        view.put("effectiveDate", certificate.reservation().validity().notBefore().toEpochMilli())
                .put("expireDate", certificate.reservation().validity().notAfter().toEpochMilli());
        certificate.revocation().ifPresent(revocation -> put(view, revocation));
        return view;
    }

    private static void put(ObjectNode view, Revocation revocation) {
        view.put("revoker", revocation.actor()).put("revokerReason", revocation.reason());
    }

    private ObjectNode shortView(Certificate certificate) {
        return Json.object()
                .put("certSN", number(certificate.id().serial()))
                .put("certStatus", status(certificate));
    }

    /** As the first form has it, which knows no certificates that have expired. */
    ObjectNode firstView(Certificate certificate) {
        return shortView(certificate)
                .put(
                        "certStatus",
                        certificate.status() == CertificateStatus.REVOKED ? REVOKED : VALID);
    }

    private int status(Certificate certificate) {
        if (certificate.status() == CertificateStatus.REVOKED) {
            return REVOKED;
        }
        return certificate.isExpired(clock.instant()) ? EXPIRED : VALID;
    }

    Certificate require(DeviceId device, String serial) {
        return certificates.registry().findBySerial(new Owner.Device(device), serial).stream()
                .findFirst()
                .orElseThrow(
                        () ->
                                EnosProblem.invalid(
                                        "the device has no certificate with this certSn"));
    }

    private static String requiredSerial(EnosCall call) {
        return call.serial().orElseThrow(() -> EnosProblem.invalid("certSn is missing"));
    }

    /** EnOS counts in decimal digits. */
    private static String number(String serial) {
        return new BigInteger(serial, 16).toString();
    }

    /** A serial number of decimal digits, as it is called here. */
    static String serial(String number) {
        if (!number.matches("[0-9]{1,48}")) {
            throw EnosProblem.invalid("certSn must be a positive whole number");
        }
        String digits = new BigInteger(number).toString(16);
        return "0".repeat(Math.max(0, 16 - digits.length())) + digits;
    }
}
