package io.muster.hub.api;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Lets a request pass that carries the operator token as bearer token [RFC 6750]. Shared.
 *
 * <p>It stands before every route of the API, so that without the token nobody learns which
 * resources there are.
 */
final class OperatorAuthentication implements Handler {

    private static final String SCHEME = "Bearer ";

    private final byte[] token;

    OperatorAuthentication(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void handle(Context ctx) {
        String header = ctx.header("Authorization");
        if (header == null) {
            ctx.header("WWW-Authenticate", "Bearer realm=\"muster\"");
            throw new ApiProblem(401, "send the operator token as 'Authorization: Bearer TOKEN'");
        }
        if (!isToken(header)) {
            ctx.header("WWW-Authenticate", "Bearer realm=\"muster\", error=\"invalid_token\"");
            throw new ApiProblem(401, "this is not the operator token of this hub");
        }
    }

    private boolean isToken(String header) {
        // The scheme's name is written in any case [RFC 9110 11.1].
        return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token,
                        header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
    }
}
