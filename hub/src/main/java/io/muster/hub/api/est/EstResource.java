package io.muster.hub.api.est;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.request.EncodedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Owner;
import io.muster.hub.api.access.DeviceCaller;
import io.muster.hub.api.access.DeviceCallers;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.PeerCertificates;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.certificates.enrolment.EnrolmentRequest;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.enrolment.IssuerAlgorithm;
import io.muster.hub.certificates.enrolment.Requester;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * The operations of EST: certificates of the authorities, first and further certificates of a
 * device, and what requests should be like. Shared.
 */
public final class EstResource implements Resource {

    static final String ROOT = "/.well-known/est";

    /** The other threads of the HTTP server are for others. */
    static final int AT_ONCE = 6;

    private static final String REQUEST = "application/pkcs10";
    private static final String ATTRIBUTES = "application/csrattrs";

    /** The label of an address (RFC 7030, section 3.2.2) chooses the issuer by its keys. */
    private static final String LABEL = "label";

    private static final Map<String, IssuerAlgorithm> LABELS =
            Map.of("rsa", IssuerAlgorithm.RSA, "ec", IssuerAlgorithm.EC);

    /** With line ends: a little more than four characters for three octets. */
    private static final int BODY_MAX = EncodedRequest.MAX_BYTES * 3 / 2;

    private static final int TOO_LARGE = 413;

    /** More than a device may have that are good. */
    private static final int LIVE_LOOKED_AT = 100;

    private final DeviceCertificates certificates;
    private final Supplier<List<IssuedCertificate>> trusted;
    private final PeerCertificates shown;
    private final EstCallers callers;
    private final RequestKeys keys;
    private final Semaphore places = new Semaphore(AT_ONCE);

    /**
     * Of a hub.
     *
     * @param certificates of a hub with an authority of its own
     * @param trusted the roots and issuers that clients are to trust
     * @param devices finds out who asks
     */
    public EstResource(
            DeviceCertificates certificates,
            Supplier<List<IssuedCertificate>> trusted,
            DeviceCallers devices,
            Clock clock) {
        this.certificates = certificates;
        this.trusted = trusted;
        this.shown = devices.shown();
        this.callers = new EstCallers(devices);
        this.keys =
                new RequestKeys(
                        device ->
                                certificates
                                        .registry()
                                        .findLive(
                                                new Owner.Device(device),
                                                clock.instant(),
                                                LIVE_LOOKED_AT),
                        clock);
    }

    @Override
    public void addTo(RoutesConfig routes) {
        for (String root : List.of(ROOT, ROOT + "/{" + LABEL + "}")) {
            Routes.read(routes, root + "/cacerts", Needs.NOTHING, this::authorities);
            Routes.read(routes, root + "/csrattrs", Needs.NOTHING, EstResource::attributes);
            routes.post(root + "/simpleenroll", this::enrol, Needs.ASKED_BY_RESOURCE);
            routes.post(root + "/simplereenroll", this::renew, Needs.ASKED_BY_RESOURCE);
        }
    }

    private void authorities(Context ctx) {
        EstCallers.requireTls(ctx);
        var unused = label(ctx);
        CertsOnly.answer(ctx, trusted.get());
    }

    private static void attributes(Context ctx) {
        EstCallers.requireTls(ctx);
        CertsOnly.answer(ctx, ATTRIBUTES, CsrAttributes.of(label(ctx).orElse(IssuerAlgorithm.EC)));
    }

    private void enrol(Context ctx) {
        issue(ctx, request -> {}, callers::byAny);
    }

    private void renew(Context ctx) {
        issue(
                ctx,
                request -> Renewal.requireSameNames(request, shown.of(ctx).orElseThrow()),
                caller -> Optional.of(callers.byCertificate(caller)));
    }

    private void issue(Context ctx, Demand demand, Identification identification) {
        EstCallers.requireTls(ctx);
        Optional<IssuerAlgorithm> issuer = label(ctx);
        requireType(ctx);
        if (!places.tryAcquire()) {
            throw new RequestRefusedException(
                    RefusalCode.RATE_LIMITED, "too many ask for certificates; try again later");
        }
        try {
            Optional<DeviceCaller> device = identification.of(ctx);
            if (device.isEmpty()) {
                EstCallers.challenge(ctx);
                return;
            }
            CertsOnly.answer(ctx, List.of(issued(ctx, device.get(), demand, issuer)));
        } finally {
            places.release();
        }
    }

    /** Whoever got no answer and asks again soon gets the same certificate. */
    private IssuedCertificate issued(
            Context ctx, DeviceCaller device, Demand demand, Optional<IssuerAlgorithm> issuer) {
        DeviceId id = device.id();
        Requester requester =
                device.certificate()
                        .map(proof -> Requester.device(id, proof))
                        .orElseGet(() -> Requester.device(id));
        return certificates
                .enrolment()
                .enrol(
                        id,
                        requester,
                        () -> {
                            byte[] der = body(ctx);
                            // Before anybody else reads it: how deep it is has a bound then.
                            EncodedRequest request = EncodedRequest.of(der);
                            demand.check(der);
                            return EnrolmentRequest.of(
                                    id,
                                    requester,
                                    request,
                                    new Wishes(
                                            Optional.empty(),
                                            Optional.of(keys.of(id, der)),
                                            issuer));
                        })
                .certificate();
    }

    private interface Identification {
        Optional<DeviceCaller> of(Context ctx);
    }

    private interface Demand {
        void check(byte[] request);
    }

    private static Optional<IssuerAlgorithm> label(Context ctx) {
        String text = ctx.pathParamMap().get(LABEL);
        if (text == null) {
            return Optional.empty();
        }
        IssuerAlgorithm found = LABELS.get(text);
        if (found == null) {
            throw ApiProblem.notFound("there is no authority of that label; there are rsa and ec");
        }
        return Optional.of(found);
    }

    private static void requireType(Context ctx) {
        String type = ctx.contentType();
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(REQUEST)) {
            throw new ApiProblem(415, "the body has to be of the type " + REQUEST);
        }
    }

    /** In base64 whatever the header Content-Transfer-Encoding says (RFC 8951, section 3). */
    private static byte[] body(Context ctx) {
        byte[] body = octets(ctx);
        if (body.length > BODY_MAX) {
            throw tooLarge();
        }
        String text = new String(body, StandardCharsets.US_ASCII).replaceAll("\\s", "");
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new RequestRefusedException(
                    RefusalCode.CSR_MALFORMED, "the body is not base64: " + e.getMessage());
        }
    }

    /** More than the HTTP server takes is too much here, too. */
    private static byte[] octets(Context ctx) {
        try {
            return ctx.bodyAsBytes();
        } catch (HttpResponseException e) {
            throw e.getStatus() == TOO_LARGE ? tooLarge() : e;
        }
    }

    private static RequestRefusedException tooLarge() {
        return new RequestRefusedException(
                RefusalCode.CSR_TOO_LARGE, "the body is larger than " + BODY_MAX + " bytes");
    }
}
