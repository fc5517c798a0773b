package io.muster.hub.api.est;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.request.EncodedRequest;
import io.muster.hub.api.access.DeviceCaller;
import io.muster.hub.api.access.DeviceCallers;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.PeerCertificates;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.certificates.enrolment.Enrolment;
import io.muster.hub.certificates.enrolment.EnrolmentRequest;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.enrolment.IssuerAlgorithm;
import io.muster.hub.certificates.enrolment.Requester;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
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

    private final Enrolment enrolment;
    private final Supplier<List<IssuedCertificate>> trusted;
    private final PeerCertificates certificates;
    private final EstCallers callers;
    private final Clock clock;
    private final Semaphore places = new Semaphore(AT_ONCE);

    /**
     * Of a hub.
     *
     * @param trusted the roots and issuers that clients are to trust
     * @param devices finds out who asks
     */
    public EstResource(
            Enrolment enrolment,
            Supplier<List<IssuedCertificate>> trusted,
            DeviceCallers devices,
            Clock clock) {
        this.enrolment = enrolment;
        this.trusted = trusted;
        this.certificates = devices.shown();
        this.callers = new EstCallers(devices);
        this.clock = clock;
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
                request -> Renewal.requireSameNames(request, certificates.of(ctx).orElseThrow()),
                caller -> Optional.of(callers.byCertificate(caller)));
    }

    private void issue(Context ctx, Demand demand, Identification identification) {
        EstCallers.requireTls(ctx);
        Optional<IssuerAlgorithm> issuer = label(ctx);
        byte[] request = request(ctx);
        if (!places.tryAcquire()) {
            throw ApiProblem.unavailable("too many ask for certificates; try again later");
        }
        try {
            Optional<DeviceCaller> device = identification.of(ctx);
            if (device.isEmpty()) {
                EstCallers.challenge(ctx);
                return;
            }
            demand.check(request);
            CertsOnly.answer(ctx, List.of(issued(device.get(), request, issuer)));
        } finally {
            places.release();
        }
    }

    /** Whoever got no answer and asks again soon gets the same certificate. */
    private IssuedCertificate issued(
            DeviceCaller device, byte[] request, Optional<IssuerAlgorithm> issuer) {
        Requester requester =
                device.certificate()
                        .map(proof -> Requester.device(device.id(), proof))
                        .orElseGet(() -> Requester.device(device.id()));
        return enrolment
                .enrol(
                        EnrolmentRequest.of(
                                device.id(),
                                requester,
                                EncodedRequest.of(request),
                                new Wishes(
                                        Optional.empty(),
                                        Optional.of(requestKey(request)),
                                        issuer)))
                .certificate();
    }

    /** The same on one day: who renews with the request of last year wants another certificate. */
    private String requestKey(byte[] request) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(request);
            return "est/%s/%s"
                    .formatted(
                            LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC),
                            HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
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

    /** In base64 whatever the header Content-Transfer-Encoding says (RFC 8951, section 3). */
    private static byte[] request(Context ctx) {
        String type = ctx.contentType();
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(REQUEST)) {
            throw new ApiProblem(415, "the body has to be of the type " + REQUEST);
        }
        byte[] body = ctx.bodyAsBytes();
        if (body.length > BODY_MAX) {
            throw new ApiProblem(413, "the body is larger than " + BODY_MAX + " bytes");
        }
        String text = new String(body, StandardCharsets.US_ASCII).replaceAll("\\s", "");
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw ApiProblem.badRequest("the body is not base64: " + e.getMessage());
        }
    }
}
