package io.muster.hub.api.http;

import io.javalin.http.Context;
import java.util.OptionalLong;

/**
 * What a request demands of the revision of what it changes, and how answers tell it [RFC 9110
 * 8.8.3, 13.1]. All resources that have revisions go by it. Shared, without state.
 */
public final class Conditions {

    private Conditions() {}

    /**
     * The revision that {@code If-Match} demands; empty if any will do.
     *
     * @throws ApiProblem (400) if it cannot be understood, or there is {@code If-None-Match}, which
     *     has no meaning here
     */
    public static OptionalLong revision(Context ctx) {
        OptionalLong demanded = revisionOrNone(ctx);
        if (demanded.isPresent() && demanded.getAsLong() == 0) {
            throw ApiProblem.badRequest(
                    "the header If-None-Match has no meaning here; If-Match names the revision");
        }
        return demanded;
    }

    /**
     * The same where a PUT may create something: 0 if there must be nothing yet, which {@code
     * If-None-Match: *} demands.
     */
    public static OptionalLong revisionOrNone(Context ctx) {
        return Problems.unlessInvalid(
                () -> EntityTag.demanded(ctx.header("If-Match"), ctx.header("If-None-Match")));
    }

    /**
     * Where what is changed has no revision: a demand that nobody looks at would promise too much.
     *
     * @param what is changed, such as {@code firmware}
     * @throws ApiProblem (400) if a revision is demanded
     */
    public static void requireNone(Context ctx, String what) {
        if (revision(ctx).isPresent()) {
            throw ApiProblem.badRequest(
                    "the header If-Match has no meaning here: " + what + " has no revision");
        }
    }

    /** Tells the revision of what is answered. */
    public static void tell(Context ctx, long revision) {
        ctx.header("ETag", EntityTag.of(revision));
    }
}
