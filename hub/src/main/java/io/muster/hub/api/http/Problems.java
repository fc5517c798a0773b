package io.muster.hub.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.muster.broker.log.Quoted;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.devices.AlreadyExistsException;
import io.muster.devices.NotFoundException;
import io.muster.devices.ProductInUseException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.roles.RoleInUseException;
import io.muster.hub.commands.UnansweredException;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one table from what goes wrong inside to the problem details [RFC 9457] that are answered.
 * Shared, without state.
 *
 * <p>The type of all problems is {@code about:blank}: status and title say which kind it is, the
 * detail is for people.
 */
public final class Problems {

    public static final String CONTENT_TYPE = "application/problem+json";

    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    public static void addTo(RoutesConfig routes) {
        routes.exception(ApiProblem.class, Problems::told);
        routes.exception(AlreadyExistsException.class, (e, ctx) -> answer(ctx, 409, sentence(e)));
        routes.exception(ProductInUseException.class, (e, ctx) -> answer(ctx, 409, sentence(e)));
        routes.exception(RoleInUseException.class, (e, ctx) -> answer(ctx, 409, sentence(e)));
        routes.exception(NotFoundException.class, (e, ctx) -> answer(ctx, 404, sentence(e)));
        routes.exception(RevisionConflictException.class, Problems::otherRevision);
        routes.exception(RegistryUnavailableException.class, Problems::unavailable);
        routes.exception(UnansweredException.class, Problems::unanswered);
        routes.exception(RequestRefusedException.class, Problems::noCertificate);
        routes.exception(HttpResponseException.class, Problems::refused);
        // Whoever hung up in the middle of his request: no fault of the hub, and nothing for its
        // log.
        routes.exception(
                EofException.class, (e, ctx) -> answer(ctx, 400, "the body ended too early"));
        routes.exception(Exception.class, Problems::failed);
    }

    /**
     * What {@code action} returns; that it finds a value not to be valid is the request's fault.
     *
     * @throws ApiProblem (400) with the sentence of an {@link IllegalArgumentException}
     */
    public static <T> T unlessInvalid(Supplier<T> action) {
        try {
            return action.get();
        } catch (IllegalArgumentException e) {
            throw ApiProblem.badRequest(sentence(e));
        }
    }

    /** The problem details object. */
    public static ObjectNode details(int status, String detail) {
        return Json.object()
                .put("type", "about:blank")
                .put("title", HttpStatus.getMessage(status))
                .put("status", status)
                .put("detail", detail);
    }

    private static void told(ApiProblem e, Context ctx) {
        ObjectNode details = details(e.status(), e.detail());
        e.code().ifPresent(code -> details.put("code", code));
        Json.answer(ctx, e.status(), CONTENT_TYPE, details);
    }

    private static void unavailable(RegistryUnavailableException e, Context ctx) {
        log.warn(
                "request failed path={} reason=\"registry unavailable\"",
                new Quoted(ctx.path()),
                e);
        answer(ctx, 503, "the registry cannot be asked now; try again later");
    }

    /** With the present revision, in the header and as a member of its own [RFC 9457 3.2]. */
    private static void otherRevision(RevisionConflictException e, Context ctx) {
        if (e.present() > 0) {
            ctx.header("ETag", EntityTag.of(e.present()));
        }
        Json.answer(ctx, 412, CONTENT_TYPE, details(412, sentence(e)).put("revision", e.present()));
    }

    /** With the code, as a member of its own [RFC 9457 3.2]. */
    private static void noCertificate(RequestRefusedException e, Context ctx) {
        int status = status(e.code());
        if (status == 503 || status == 429) {
            ctx.header("Retry-After", "1");
        }
        Json.answer(
                ctx,
                status,
                CONTENT_TYPE,
                details(status, sentence(e)).put("code", e.code().name()));
    }

    /** The HTTP status of a certificate that is refused. */
    public static int status(RefusalCode code) {
        return switch (code) {
            case CSR_MALFORMED, CERTIFICATE_MALFORMED -> 400;
            case NOT_AUTHENTICATED -> 401;
            case NOT_AUTHORIZED, NOT_RENEWABLE, DEVICE_DISABLED, PRODUCT_NO_CERT -> 403;
            case DEVICE_UNKNOWN -> 404;
            case CERT_LIMIT,
                    KEY_REUSED,
                    KEY_COMPROMISED,
                    REQUEST_UNDER_WAY,
                    REQUEST_KEY_REUSED,
                    REVOKED_MEANWHILE,
                    CERTIFICATE_KNOWN ->
                    409;
            case CSR_TOO_LARGE -> 413;
            case KEY_TYPE_NOT_ALLOWED,
                    KEY_SIZE_NOT_ALLOWED,
                    KEY_WEAK,
                    CSR_SIGALG,
                    CSR_SIGNATURE,
                    SUBJECT_MISMATCH,
                    EXTENSION_NOT_ALLOWED,
                    SAN_NOT_ALLOWED,
                    VALIDITY_RANGE,
                    CERTIFICATE_REFUSED ->
                    422;
            case RATE_LIMITED -> 429;
            case ISSUER_UNAVAILABLE -> 503;
        };
    }

    /** A device that was asked for something did not answer. */
    private static void unanswered(UnansweredException e, Context ctx) {
        int status =
                switch (e.outcome()) {
                    case NOT_CONNECTED -> 409;
                    case TIMED_OUT -> 504;
                    case ANSWERED, SENT, TOO_MANY, REFUSED, STOPPED -> 503;
                };
        answer(ctx, status, sentence(e));
    }

    /** What the HTTP server itself refuses: no such path or method, too large a body. */
    private static void refused(HttpResponseException e, Context ctx) {
        int status = e.getStatus();
        if (status == 404) {
            answer(ctx, status, "there is nothing at " + ctx.path());
        } else if (status == 405) {
            String allowed = String.join(", ", e.getDetails().values());
            ctx.header("Allow", allowed);
            answer(ctx, status, ctx.method() + " is not allowed here; allowed: " + allowed);
        } else if (status == 413) {
            answer(
                    ctx,
                    status,
                    "the body is larger than " + RequestFields.BODY_BYTES_MAX + " bytes");
        } else {
            answer(ctx, status, sentence(e));
        }
    }

    private static void failed(Exception e, Context ctx) {
        log.error("request failed method={} path={}", ctx.method(), new Quoted(ctx.path()), e);
        answer(ctx, 500, "the hub failed to answer this request; its log says why");
    }

    private static void answer(Context ctx, int status, String detail) {
        if (status == 503) {
            ctx.header("Retry-After", "1");
        }
        Json.answer(ctx, status, CONTENT_TYPE, details(status, detail));
    }

    private static String sentence(Exception e) {
        return String.valueOf(e.getMessage());
    }

    /**
     * Answers what the HTTP server refuses before any route is asked: a malformed request, too long
     * a header. Shared, without state.
     */
    public static final class ServerErrorHandler extends ErrorHandler {

        @Override
        protected void generateResponse(
                Request request,
                Response response,
                int code,
                @Nullable String message,
                @Nullable Throwable cause,
                Callback callback) {
            String detail = message == null ? "the HTTP server refused this request" : message;
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, CONTENT_TYPE);
            Content.Sink.write(response, true, Json.text(details(code, detail)), callback);
        }
    }
}
