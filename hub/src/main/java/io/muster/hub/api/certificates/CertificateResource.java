package io.muster.hub.api.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.ca.RevocationReason;
import io.muster.devices.DeviceLookup;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.registry.certificates.CertificatePage;
import io.muster.devices.registry.certificates.CertificateSearch;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.api.http.Stages;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.certificates.revocation.BulkOutcome;
import io.muster.hub.certificates.revocation.RevocationOutcome;
import io.muster.hub.certificates.revocation.UnboundCertificates;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** All certificates, for operators. Shared; blocks while the registry is asked. */
public final class CertificateResource implements Resource {

    private static final String CERTIFICATES = Routes.ROOT + "/certificates";
    private static final String CERTIFICATE = CERTIFICATES + "/{serial}";
    private static final String OF_PRODUCT = Routes.ROOT + "/products/{productKey}/certificates";

    private static final Set<String> SEARCH =
            Set.of("productKey", "deviceKey", "status", "expiresFrom", "expiresBefore");

    private final DeviceCertificates certificates;
    private final DeviceLookup devices;
    private final Clock clock;

    /** Of a hub. */
    public CertificateResource(DeviceCertificates certificates, DeviceLookup devices, Clock clock) {
        this.certificates = certificates;
        this.devices = devices;
        this.clock = clock;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, CERTIFICATES, Needs.READ, this::search);
        Routes.read(routes, CERTIFICATE, Needs.READ, this::show);
        routes.post(
                CERTIFICATE + "/revoke",
                this::revoke,
                Needs.operate("certificate.revoke").toProtect());
        routes.post(
                OF_PRODUCT + "/revoke",
                this::revokeOfProduct,
                Needs.admin("product.certificate.revoke").toProtect());
    }

    private void search(Context ctx) {
        Page page = Page.of(ctx, SEARCH, Set.of());
        CertificateSearch search =
                Problems.unlessInvalid(
                        () ->
                                new CertificateSearch(
                                        parameter(ctx, "productKey"),
                                        parameter(ctx, "deviceKey"),
                                        parameter(ctx, "status").map(CertificateResource::status),
                                        parameter(ctx, "expiresFrom")
                                                .map(text -> time("expiresFrom", text)),
                                        parameter(ctx, "expiresBefore")
                                                .map(text -> time("expiresBefore", text))));
        CertificatePage found =
                Problems.unlessInvalid(
                        () ->
                                certificates
                                        .list()
                                        .page(
                                                search,
                                                DeviceCertificateResource.after(page),
                                                page.limit()));
        Json.answer(ctx, 200, DeviceCertificateResource.view(found, clock, Optional.empty()));
    }

    private static Optional<String> parameter(Context ctx, String name) {
        return Optional.ofNullable(ctx.queryParam(name));
    }

    private static CertificateStatus status(String text) {
        return Arrays.stream(CertificateStatus.values())
                .filter(status -> status.name().equals(text))
                .findAny()
                .orElseThrow(
                        () ->
                                ApiProblem.badRequest(
                                        "the query parameter 'status' is '%s'; allowed are %s"
                                                .formatted(
                                                        text,
                                                        Arrays.toString(
                                                                CertificateStatus.values()))));
    }

    private static Instant time(String name, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw ApiProblem.badRequest(
                    "the query parameter '%s' is '%s', but must be a time such as 2030-01-31T00:00:00Z"
                            .formatted(name, text));
        }
    }

    private void show(Context ctx) {
        Optional<CertificateId> unbound = unbound(ctx);
        if (unbound.isPresent()) {
            Json.answer(
                    ctx,
                    200,
                    certificates
                            .unbound()
                            .find(unbound.get())
                            .map(revocation -> CertificateView.of(unbound.get(), revocation))
                            .orElseThrow(() -> unknown(unbound.get().serial())));
            return;
        }
        Certificate certificate = find(ctx);
        ObjectNode view = CertificateView.of(certificate, clock.instant(), Optional.empty());
        certificates
                .signed(certificate.id())
                .ifPresent(
                        signed ->
                                view.put("certificate", signed.certificate().pem())
                                        .put("chain", CertificateView.pem(signed.chain())));
        Json.answer(ctx, 200, view);
    }

    /** Named by another authority that is trusted, and bound to nobody. */
    private Optional<CertificateId> unbound(Context ctx) {
        String serial = CertificateFields.serial(ctx);
        return Problems.unlessInvalid(
                () ->
                        parameter(ctx, "issuer")
                                .map(certificates.unbound()::issuer)
                                .map(issuer -> new CertificateId(issuer, serial))
                                .filter(certificates.unbound()::isUnbound));
    }

    /** By its serial number, and by its issuer too if that is said. */
    private Certificate find(Context ctx) {
        String serial = CertificateFields.serial(ctx);
        List<Certificate> found =
                Problems.unlessInvalid(
                        () ->
                                parameter(ctx, "issuer")
                                        .map(certificates.unbound()::issuer)
                                        .map(
                                                issuer ->
                                                        certificates
                                                                .registry()
                                                                .find(
                                                                        new CertificateId(
                                                                                issuer, serial))
                                                                .stream()
                                                                .toList())
                                        .orElseGet(() -> certificates.findBySerial(serial)));
        if (found.size() > 1) {
            throw ApiProblem.badRequest(
                    "several issuers have given this serial number; say which with ?issuer=");
        }
        return found.stream().findFirst().orElseThrow(() -> unknown(serial));
    }

    private static ApiProblem unknown(String serial) {
        return ApiProblem.notFound(
                "there is no certificate with the serial number '"
                        + serial
                        + "' of an authority that is trusted; of one that was before, or of one that is bound"
                        + " to no device, say its ?issuer=");
    }

    private void revoke(Context ctx) {
        CertificateFields.Ending ending = CertificateFields.ending(ctx, clock.instant());
        Optional<CertificateId> unbound = unbound(ctx);
        if (unbound.isPresent()) {
            revokeUnbound(ctx, unbound.get(), ending.reason());
            return;
        }
        Certificate certificate = find(ctx);
        requireRole(ctx, certificate);
        RevocationOutcome outcome =
                Problems.unlessInvalid(
                        () ->
                                certificates
                                        .revocation()
                                        .revoke(
                                                certificate.id(),
                                                ending.reason(),
                                                ending.since(),
                                                Caller.of(ctx).actor()));
        Acts.detail(ctx, "certificate " + certificate.id() + ", " + ending.reason());
        Json.answer(ctx, 200, CertificateView.of(outcome, Optional.empty()));
    }

    /** Whoever works with devices cannot take the certificate of a server, on which others rely. */
    private static void requireRole(Context ctx, Certificate certificate) {
        if (certificate.device().isEmpty()) {
            Acts.detail(ctx, "certificate " + certificate.id() + ", of " + certificate.owner());
            Caller.of(ctx).require(Role.ADMIN);
        }
    }

    private void revokeUnbound(Context ctx, CertificateId id, RevocationReason reason) {
        UnboundCertificates.Revoked revoked =
                Problems.unlessInvalid(
                        () -> certificates.unbound().revoke(id, reason, Caller.of(ctx).actor()));
        Acts.detail(ctx, "certificate " + id + ", bound to no device, " + reason);
        Json.answer(ctx, 200, CertificateView.of(revoked));
    }

    /** Goes on until all are revoked, whether or not the caller waits for it. */
    private void revokeOfProduct(Context ctx) {
        var reason = CertificateFields.reason(ctx);
        String productKey = ctx.pathParam("productKey");
        if (Stages.await(devices.findProduct(productKey)).isEmpty()) {
            throw ApiProblem.notFound("there is no product '" + productKey + "'");
        }
        BulkOutcome outcome =
                Problems.unlessInvalid(
                        () ->
                                certificates
                                        .bulk()
                                        .revokeAll(productKey, reason, Caller.of(ctx).actor()));
        Acts.detail(ctx, outcome.revoked() + " certificates so far, " + reason);
        Json.answer(ctx, outcome.done() ? 200 : 202, DeviceCertificateResource.view(outcome));
    }
}
