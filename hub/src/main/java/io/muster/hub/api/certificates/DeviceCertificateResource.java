package io.muster.hub.api.certificates;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.ca.request.EncodedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Owner;
import io.muster.devices.registry.certificates.CertificatePage;
import io.muster.devices.registry.certificates.CertificateSearch;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.DeviceCaller;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.api.http.Stages;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.certificates.enrolment.Enrolled;
import io.muster.hub.certificates.enrolment.EnrolmentForm;
import io.muster.hub.certificates.enrolment.EnrolmentRequest;
import io.muster.hub.certificates.enrolment.Requester;
import io.muster.hub.certificates.revocation.BulkOutcome;
import io.muster.hub.certificates.revocation.RevocationOutcome;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The certificates of a device: for operators, and for the device itself. Shared; blocks while one
 * is issued or revoked.
 */
public final class DeviceCertificateResource implements Resource {

    private static final String DEVICE = Routes.ROOT + "/products/{productKey}/devices/{deviceKey}";
    private static final String CERTIFICATES = DEVICE + "/certificates";
    private static final String CERTIFICATE = CERTIFICATES + "/{serial}";

    private final DeviceCertificates certificates;
    private final DeviceLookup devices;
    private final Clock clock;

    /** Of a hub. */
    public DeviceCertificateResource(
            DeviceCertificates certificates, DeviceLookup devices, Clock clock) {
        this.certificates = certificates;
        this.devices = devices;
        this.clock = clock;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(
                CERTIFICATES, this::issue, Needs.operate("device.certificate.issue").orDevice());
        Routes.read(routes, CERTIFICATES, Needs.READ.orDevice(), this::list);
        Routes.read(routes, CERTIFICATE, Needs.READ.orDevice(), this::show);
        routes.post(
                CERTIFICATE + "/renew", this::renew, Needs.operate("certificate.renew").orDevice());
        routes.post(
                CERTIFICATE + "/revoke",
                this::revoke,
                Needs.operate("certificate.revoke").toProtect().orDevice());
        routes.post(CERTIFICATES + "/bind", this::bind, Needs.operate("device.certificate.bind"));
        routes.post(
                CERTIFICATES + "/revoke",
                this::revokeAll,
                Needs.operate("device.certificate.revoke").toProtect());
    }

    private void issue(Context ctx) {
        answer(
                ctx,
                () -> {
                    RequestFields fields = CertificateFields.enrolment(ctx);
                    EncodedRequest csr = CertificateFields.csr(fields);
                    Requester requester = CertificateFields.requester(ctx);
                    return EnrolmentRequest.of(
                            id(ctx), requester, csr, CertificateFields.wishes(ctx, fields));
                });
    }

    /** One of another authority. */
    private void bind(Context ctx) {
        DeviceId id = id(ctx);
        Certificate bound =
                CertificateFields.told(
                        ctx,
                        () ->
                                certificates
                                        .binding()
                                        .bind(
                                                id,
                                                CertificateFields.certificate(ctx),
                                                Caller.of(ctx).actor()));
        Acts.detail(ctx, "certificate " + bound.id());
        located(ctx, bound.id());
        Json.answer(ctx, 201, CertificateView.of(bound, clock.instant(), Optional.empty()));
    }

    private void renew(Context ctx) {
        answer(
                ctx,
                () -> {
                    RequestFields fields = CertificateFields.enrolment(ctx);
                    Optional<EncodedRequest> csr = CertificateFields.optionalCsr(fields);
                    return new EnrolmentRequest(
                            id(ctx),
                            CertificateFields.requester(ctx),
                            csr,
                            Optional.of(find(ctx).id()),
                            EnrolmentForm.OWN,
                            CertificateFields.wishes(ctx, fields));
                });
    }

    private void answer(Context ctx, Supplier<EnrolmentRequest> request) {
        Enrolled enrolled =
                CertificateFields.told(
                        ctx,
                        () ->
                                certificates
                                        .enrolment()
                                        .enrol(id(ctx), CertificateFields.requester(ctx), request));
        Acts.detail(ctx, "certificate " + enrolled.id());
        located(ctx, enrolled.id());
        Json.answer(ctx, 201, CertificateView.of(enrolled));
    }

    private static void located(Context ctx, CertificateId certificate) {
        DeviceId id = id(ctx);
        ctx.header(
                "Location",
                CERTIFICATES
                                .replace("{productKey}", id.productKey())
                                .replace("{deviceKey}", id.deviceKey())
                        + "/"
                        + certificate.serial());
    }

    /** The device that is told, if it is one. */
    private static Optional<DeviceId> viewer(Context ctx) {
        return DeviceCaller.of(ctx).map(DeviceCaller::id);
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx);
        DeviceId id = id(ctx);
        CertificatePage found =
                Problems.unlessInvalid(
                        () ->
                                certificates
                                        .list()
                                        .page(
                                                CertificateSearch.of(id.productKey())
                                                        .withDevice(id.deviceKey()),
                                                after(page),
                                                page.limit()));
        if (found.certificates().isEmpty()) {
            requireDevice(id);
        }
        Json.answer(ctx, 200, view(found, clock, viewer(ctx)));
    }

    static Optional<CertificateId> after(Page page) {
        return page.after().isEmpty()
                ? Optional.empty()
                : Optional.of(CertificateId.parse(page.after()));
    }

    static ObjectNode view(CertificatePage page, Clock clock, Optional<DeviceId> viewer) {
        ObjectNode answer = Json.object();
        ArrayNode items = answer.putArray("items");
        page.certificates()
                .forEach(each -> items.add(CertificateView.of(each, clock.instant(), viewer)));
        page.next().ifPresent(next -> answer.put("next", next.toString()));
        return answer;
    }

    private void show(Context ctx) {
        Certificate certificate = find(ctx);
        ObjectNode view = CertificateView.of(certificate, clock.instant(), viewer(ctx));
        certificates
                .signed(certificate.id())
                .ifPresent(
                        signed ->
                                view.put("certificate", signed.certificate().pem())
                                        .put("chain", CertificateView.pem(signed.chain())));
        Json.answer(ctx, 200, view);
    }

    private void revoke(Context ctx) {
        CertificateFields.Ending ending = CertificateFields.ending(ctx, clock.instant());
        Certificate certificate = find(ctx);
        RevocationOutcome outcome =
                Problems.unlessInvalid(
                        () ->
                                certificates
                                        .revocation()
                                        .revoke(
                                                certificate.id(),
                                                ending.reason(),
                                                ending.since(),
                                                CertificateFields.requester(ctx).actor()));
        Acts.detail(ctx, "certificate " + certificate.id() + ", " + ending.reason());
        Json.answer(ctx, 200, CertificateView.of(outcome, viewer(ctx)));
    }

    private void revokeAll(Context ctx) {
        var reason = CertificateFields.reason(ctx);
        DeviceId id = id(ctx);
        BulkOutcome outcome =
                Problems.unlessInvalid(
                        () ->
                                certificates
                                        .revocation()
                                        .revokeAll(
                                                id,
                                                reason,
                                                CertificateFields.requester(ctx).actor()));
        if (outcome.revoked() == 0) {
            requireDevice(id);
        }
        Acts.detail(ctx, outcome.revoked() + " certificates, " + reason);
        Json.answer(ctx, 200, view(outcome));
    }

    static ObjectNode view(BulkOutcome outcome) {
        return Json.object()
                .put("revoked", outcome.revoked())
                .put("done", outcome.done())
                .put("crlsPublished", outcome.published())
                .put("connectionsClosed", outcome.connectionsClosed());
    }

    private static DeviceId id(Context ctx) {
        return Problems.unlessInvalid(
                () -> new DeviceId(ctx.pathParam("productKey"), ctx.pathParam("deviceKey")));
    }

    private void requireDevice(DeviceId id) {
        if (Stages.await(devices.find(id)).isEmpty()) {
            throw ApiProblem.notFound("there is no device '" + id + "'");
        }
    }

    private Certificate find(Context ctx) {
        DeviceId id = id(ctx);
        String serial = CertificateFields.serial(ctx);
        List<Certificate> found =
                certificates.registry().findBySerial(new Owner.Device(id), serial);
        if (found.size() > 1) {
            throw ApiProblem.badRequest(
                    "several issuers have given this serial number; use /api/v1/certificates with"
                            + " ?issuer=");
        }
        if (found.isEmpty()) {
            requireDevice(id);
            throw ApiProblem.notFound(
                    "device '%s' has no certificate with the serial number '%s'"
                            .formatted(id, serial));
        }
        return found.get(0);
    }
}
