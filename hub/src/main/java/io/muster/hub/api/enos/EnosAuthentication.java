package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Ticker;
import io.javalin.http.Context;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.Secret;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.Gate;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.access.SeenSignatures;
import io.muster.hub.api.enos.EnosProblem.Code;
import io.muster.hub.api.http.Json;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.audit.AuditTrail.Stranger;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Gives out tokens, and finds out who signed a call: application key and secret are identifier and
 * secret of an API key. Shared; blocks while it asks the registry for the key, each time anew.
 */
final class EnosAuthentication {

    /** How far the clock of a caller may be away from ours. */
    static final Duration SKEW = Duration.ofMinutes(5);

    /** What is asked for a token has some 200 bytes. */
    private static final int TOKEN_BODY_MAX = 1_024;

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
        requireBodyIsThere(ctx);
        JsonNode request = Json.parse(ctx.bodyAsBytes());
        String appKey = request.path("appKey").asText();
        String timestamp = request.path("timestamp").asText();
        requireNow(timestamp, "timestamp");
        String encryption = request.path("encryption").asText();
        Caller caller =
                requireKnown(
                        ctx,
                        operators.judge(
                                appKey,
                                Gate.from(ctx),
                                () -> judge(ctx, appKey, timestamp, encryption)));
        AccessTokens.Given given = tokens.give(caller.name());
        return Json.object()
                .put("accessToken", given.text())
                .put("expire", given.left().toSeconds());
    }

    /** It is read before it is known who sends it, so it is small and waits for nothing. */
    private static void requireBodyIsThere(Context ctx) {
        if (ctx.header("Expect") != null) {
            throw EnosProblem.invalid("the header Expect is not allowed here; send the body");
        }
        if (ctx.bodyAsBytes().length > TOKEN_BODY_MAX) {
            throw EnosProblem.invalid("the body is larger than " + TOKEN_BODY_MAX + " bytes");
        }
    }

    private Operators.Answer judge(
            Context ctx, String appKey, String timestamp, String encryption) {
        Optional<ApiKey> key = operators.findKey(appKey);
        boolean right =
                secrets(key).stream()
                        .map(secret -> EnosSignature.encryption(appKey, timestamp, secret))
                        .anyMatch(expected -> EnosSignature.isSame(expected, encryption));
        return right && key.isPresent()
                ? operators.known(key.get(), Gate.from(ctx))
                : new Operators.Answer.Refused(
                        "key:" + appKey,
                        DenyReason.BAD_CREDENTIALS,
                        "appKey or encryption is wrong",
                        "appKey or encryption is wrong");
    }

    /**
     * Who signed this call.
     *
     * @throws EnosProblem if nobody did who may come in
     */
    Caller identify(Context ctx) {
        String token = header(ctx, "apim-accesstoken");
        String timestamp = header(ctx, "apim-timestamp");
        String signature = header(ctx, "apim-signature");
        requireNow(timestamp, "the header apim-timestamp");
        Optional<ApiKey> key = tokens.keyOf(token).flatMap(operators::findKey);
        if (key.isEmpty()) {
            throw refused(ctx, "key:", "apim-accesstoken is wrong or has expired");
        }
        boolean right =
                secrets(key).stream()
                        .map(
                                secret ->
                                        EnosSignature.call(
                                                token,
                                                ctx.queryParamMap(),
                                                ctx.bodyAsBytes(),
                                                timestamp,
                                                secret))
                        .anyMatch(expected -> EnosSignature.isSame(expected, signature));
        if (!right) {
            throw refused(ctx, "key:" + key.get().id(), "apim-signature is wrong");
        }
        return requireKnown(ctx, operators.known(key.get(), Gate.from(ctx)));
    }

    /**
     * Does what {@code caller} signed, which changes something, unless that is under way already or
     * was before. However the work ends, it is not begun again for the same signature: what is
     * refused today could be done when a device is disabled, or a product is there. To be asked
     * when he may: what is not begun need not be remembered.
     *
     * @param begin what must go well before the work; if it throws, the call is forgotten
     * @throws EnosProblem if the work is not begun
     * @throws RuntimeException what {@code begin} or {@code work} throw
     */
    <T> T once(Context ctx, Caller caller, Runnable begin, Supplier<T> work) {
        return once(ctx, caller, header(ctx, "apim-signature"), begin, work);
    }

    /** The same of a call that is signed otherwise. */
    <T> T once(Context ctx, Caller caller, String signature, Runnable begin, Supplier<T> work) {
        switch (seen.begin(caller.name(), signature)) {
            case BEGUN -> {}
            case UNDER_WAY ->
                    throw new EnosProblem(
                            Code.BUSY, "this call is under way already; ask again when it is done");
            case ENDED -> throw refused(ctx, caller.actor(), "this call was made before");
            case NO_ROOM ->
                    throw new EnosProblem(Code.BUSY, "too many calls of late; try again later");
        }
        boolean begun = false;
        try {
            begin.run();
            begun = true;
            return work.get();
        } finally {
            seen.ended(caller.name(), signature, begun);
        }
    }

    /**
     * Who signed a call of the first form, whose signature is in the query.
     *
     * @throws EnosProblem if nobody did who may come in
     */
    Caller identifyFirst(Context ctx) {
        String accessKey = parameter(ctx, FirstSignature.ACCESS_KEY);
        String signature = parameter(ctx, FirstSignature.SIGN);
        requireNow(parameter(ctx, FirstSignature.TIMESTAMP), FirstSignature.TIMESTAMP);
        return requireKnown(
                ctx,
                operators.judge(
                        accessKey, Gate.from(ctx), () -> judgeFirst(ctx, accessKey, signature)));
    }

    private Operators.Answer judgeFirst(Context ctx, String accessKey, String signature) {
        Optional<ApiKey> key = operators.findKey(accessKey);
        boolean right =
                secrets(key).stream()
                        .map(
                                secret ->
                                        FirstSignature.of(
                                                ctx.queryParamMap(), ctx.bodyAsBytes(), secret))
                        .anyMatch(
                                expected ->
                                        EnosSignature.isSame(
                                                expected, signature.toUpperCase(Locale.ROOT)));
        return right && key.isPresent()
                ? operators.known(key.get(), Gate.from(ctx))
                : new Operators.Answer.Refused(
                        "key:" + accessKey,
                        DenyReason.BAD_CREDENTIALS,
                        "accessKey or sign is wrong",
                        "accessKey or sign is wrong");
    }

    static String parameter(Context ctx, String name) {
        String value = ctx.queryParam(name);
        if (value == null) {
            throw new EnosProblem(
                    Code.UNAUTHENTICATED,
                    "the query parameters accessKey, requestTimestamp and sign are needed");
        }
        return value;
    }

    /** Those that are good, newest first. */
    private List<Secret> secrets(Optional<ApiKey> key) {
        return key.map(each -> each.goodSecrets(clock.instant())).orElse(List.of(NO_SECRET));
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

    private Caller requireKnown(Context ctx, Operators.Answer answer) {
        if (answer instanceof Operators.Answer.Known known) {
            return known.caller();
        }
        Operators.Answer.Refused refused = (Operators.Answer.Refused) answer;
        if (refused.isNotFoundOut()) {
            throw new EnosProblem(Code.BUSY, refused.told());
        }
        throw refused(ctx, refused.name(), refused.told());
    }

    private EnosProblem refused(Context ctx, String name, String why) {
        trail.refused(Stranger.OPERATOR, name, ctx.req().getRemoteAddr(), 401, why);
        return new EnosProblem(Code.UNAUTHENTICATED, why);
    }
}
