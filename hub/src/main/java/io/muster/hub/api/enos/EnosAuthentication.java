package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Ticker;
import io.javalin.http.Context;
import io.muster.devices.Secret;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.hub.api.Json;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.Gate;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.enos.EnosProblem.Code;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.audit.AuditTrail.Door;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Gives out tokens, and finds out who signed a call: application key and secret are identifier and
 * secret of an API key. Shared; blocks while it asks the registry for the key, each time anew.
 */
final class EnosAuthentication {

    /** How far the clock of a caller may be away from ours. */
    static final Duration SKEW = Duration.ofMinutes(5);

    /** So that a key that there is not takes the same way. */
    private static final Secret NO_SECRET = Secret.generate();

    private final Operators operators;
    private final AuditTrail trail;
    private final Clock clock;
    private final AccessTokens tokens;
    private final SeenSignatures seen;

    EnosAuthentication(Operators operators, AuditTrail trail, Clock clock, Ticker ticker) {
        this.operators = operators;
        this.trail = trail;
        this.clock = clock;
        this.tokens = new AccessTokens(ticker);
        this.seen = new SeenSignatures(SKEW.multipliedBy(2), ticker);
    }

    /** The answer to whoever proves that he has the secret of a key. */
    ObjectNode token(Context ctx) {
        JsonNode request = Json.parse(ctx.bodyAsBytes());
        String appKey = request.path("appKey").asText();
        String timestamp = request.path("timestamp").asText();
        requireNow(timestamp, "timestamp");
        Optional<ApiKey> key = operators.findKey(appKey);
        String expected =
                EnosSignature.encryption(
                        appKey, timestamp, key.map(ApiKey::secret).orElse(NO_SECRET));
        if (!EnosSignature.isSame(expected, request.path("encryption").asText()) || key.isEmpty()) {
            throw refused(ctx, appKey, "appKey or encryption is wrong");
        }
        caller(ctx, key.get());
        AccessTokens.Given given = tokens.give(key.get().id());
        return Json.object()
                .put("accessToken", given.text())
                .put("expire", given.left().toSeconds());
    }

    /**
     * Who signed this call.
     *
     * @param changes whether it changes something, so that it may be done only once
     * @throws EnosProblem if nobody did who may come in
     */
    Caller identify(Context ctx, boolean changes) {
        String token = header(ctx, "apim-accesstoken");
        String timestamp = header(ctx, "apim-timestamp");
        String signature = header(ctx, "apim-signature");
        requireNow(timestamp, "the header apim-timestamp");
        Optional<ApiKey> key = tokens.keyOf(token).flatMap(operators::findKey);
        if (key.isEmpty()) {
            throw refused(ctx, "", "apim-accesstoken is wrong or has expired");
        }
        String expected =
                EnosSignature.call(
                        token,
                        ctx.queryParamMap(),
                        ctx.bodyAsBytes(),
                        timestamp,
                        key.get().secret());
        if (!EnosSignature.isSame(expected, signature)) {
            throw refused(ctx, key.get().id(), "apim-signature is wrong");
        }
        if (changes) {
            requireFirst(ctx, key.get().id(), signature);
        }
        return caller(ctx, key.get());
    }

    private void requireFirst(Context ctx, String keyId, String signature) {
        if (!seen.hasRoom()) {
            throw new EnosProblem(Code.INTERNAL, "too many calls of late; try again later");
        }
        if (!seen.isFirst(signature)) {
            throw refused(ctx, keyId, "this call was made before");
        }
    }

    private static String header(Context ctx, String name) {
        String value = ctx.header(name);
        if (value == null) {
            throw new EnosProblem(
                    Code.UNAUTHENTICATED,
                    "the headers apim-accesstoken, apim-timestamp and apim-signature are needed");
        }
        return value;
    }

    private void requireNow(String timestamp, String what) {
        boolean now =
                timestamp.matches("[0-9]{1,15}")
                        && Math.abs(Long.parseLong(timestamp) - clock.millis()) <= SKEW.toMillis();
        if (!now) {
            throw new EnosProblem(
                    Code.UNAUTHENTICATED,
                    what
                            + " must be the time in milliseconds since 1970, within "
                            + SKEW.toMinutes()
                            + " minutes of the hub's");
        }
    }

    private Caller caller(Context ctx, ApiKey key) {
        Operators.Answer answer = operators.known(key, Gate.from(ctx));
        if (answer instanceof Operators.Answer.Known known) {
            return known.caller();
        }
        Operators.Answer.Refused refused = (Operators.Answer.Refused) answer;
        throw refused(ctx, key.id(), refused.told());
    }

    private EnosProblem refused(Context ctx, String keyId, String why) {
        trail.refused(Door.OPERATOR, "key:" + keyId, ctx.req().getRemoteAddr(), 401, why);
        return new EnosProblem(Code.UNAUTHENTICATED, why);
    }
}
