package io.muster.hub.api.ocsp;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.ca.ocsp.OcspAnswer;
import io.muster.ca.ocsp.OcspResponder;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.certificates.ocsp.OcspService;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.DateGenerator;

/**
 * Answers whether certificates are good, by GET and by POST. Strangers ask here, so few are
 * answered at once, and so many in a second: the other threads of the HTTP server are for others.
 * Shared.
 */
public final class OcspResource implements Resource {

    /** Where it is, and what stands in certificates behind the public address. */
    public static final String PATH = "/ocsp";

    static final int AT_ONCE = 4;

    private static final String REQUEST = "application/ocsp-request";
    private static final String RESPONSE = "application/ocsp-response";

    private final OcspService service;
    private final Clock clock;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final RequestRate rate;

    /**
     * Of this responder.
     *
     * @param nanoTime what passes, for the limit
     */
    public OcspResource(OcspService service, Clock clock, LongSupplier nanoTime) {
        this.service = service;
        this.clock = clock;
        this.rate = new RequestRate(service.settings().requestsPerSecond(), nanoTime);
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(PATH, this::post, Needs.OPEN_TO_ASK);
        Routes.read(routes, PATH + "/<request>", Needs.NOTHING, this::get);
    }

    private void post(Context ctx) {
        String type = ctx.contentType();
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(REQUEST)) {
            throw new ApiProblem(415, "the body has to be of the type " + REQUEST);
        }
        byte[] request = ctx.bodyAsBytes();
        answer(ctx, answered(responder -> responder.answer(request)));
        ctx.header("Cache-Control", "no-store");
    }

    private void get(Context ctx) {
        // As it was sent: base64 has slashes, which may be escaped or not.
        String sent = ctx.req().getRequestURI();
        String request = sent.substring(sent.indexOf(PATH + "/") + PATH.length() + 1);
        OcspAnswer answer = answered(responder -> responder.answerPath(request));
        byte[] encoded = answer(ctx, answer);
        if (answer.validity().isEmpty()) {
            ctx.header("Cache-Control", "no-store");
            return;
        }
        cacheable(ctx, answer.validity().get(), encoded);
    }

    private OcspAnswer answered(Question question) {
        OcspResponder responder =
                service.responder()
                        .orElseThrow(
                                () ->
                                        ApiProblem.unavailable(
                                                "the responder has just been started; try again"
                                                        + " later"));
        if (!rate.take() || !places.tryAcquire()) {
            return responder.tryLater();
        }
        try {
            return question.ask(responder);
        } finally {
            places.release();
        }
    }

    private static byte[] answer(Context ctx, OcspAnswer answer) {
        byte[] encoded = answer.encoded();
        ctx.status(200).contentType(RESPONSE).result(encoded);
        return encoded;
    }

    /** What a cache is told (RFC 5019, section 6.2). */
    private void cacheable(Context ctx, OcspAnswer.Validity validity, byte[] encoded) {
        String tag = "\"" + sha256(encoded) + "\"";
        ctx.header(
                "Cache-Control",
                "max-age=%d, public, no-transform, must-revalidate"
                        .formatted(validity.cacheFor(clock.instant()).toSeconds()));
        ctx.header("ETag", tag);
        ctx.header("Last-Modified", DateGenerator.formatDate(validity.thisUpdate()));
        ctx.header("Expires", DateGenerator.formatDate(validity.nextUpdate()));
        if (tag.equals(ctx.header("If-None-Match"))) {
            ctx.status(304).result(new byte[0]);
        }
    }

    private static String sha256(byte[] of) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(of));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private interface Question {
        OcspAnswer ask(OcspResponder responder);
    }
}
