package io.muster.hub.api.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.guard.GuardSettings;
import io.muster.auth.guard.SignInGuard;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.devices.Secret;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKeys;
import io.muster.devices.registry.operators.OperatorAccount;
import io.muster.devices.registry.operators.OperatorAccounts;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.access.Caller.Kind;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out who a request comes from: the operator token, an account or an API key. Shared; blocks
 * while it asks the registry, each time anew, so that what is removed or disabled is so at once.
 * The operator token needs no registry.
 */
public final class Operators implements AutoCloseable {

    private static final String BEARER = "Bearer ";
    private static final String BASIC = "Basic ";

    /** Between the identifier of a key and its secret; neither has one. */
    private static final char KEY_SEPARATOR = '.';

    private static final int USERNAME_LENGTH_MAX = 64;
    private static final int KEY_ID_LENGTH_MAX = 32;

    /** No MQTT, but the guard wants one. */
    private static final int NO_PROTOCOL = 0;

    private static final String LISTENER = "management";

    /**
     * As for MQTT clients, but a bar ends sooner, and no address is barred as a whole: behind a
     * proxy it would be that of all operators.
     */
    private static final GuardSettings GUARD =
            new GuardSettings(
                    5,
                    50,
                    0,
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(1),
                    10_000,
                    GuardSettings.ConnectRate.DEFAULT);

    private final byte[] token;
    private final OperatorAccounts accounts;
    private final ApiKeys keys;
    private final Clock clock;
    private final SignInGuard guard;
    private final LastUses lastUses;

    /**
     * Of a hub.
     *
     * @param token the operator token
     * @param ticker measures how long somebody is barred
     */
    public Operators(
            String token, OperatorAccounts accounts, ApiKeys keys, Clock clock, Ticker ticker) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.accounts = accounts;
        this.keys = keys;
        this.clock = clock;
        this.guard =
                new SignInGuard(
                        new OperatorAuthenticator(accounts),
                        GUARD,
                        address -> false,
                        Set.of(),
                        ticker,
                        (authenticator, result) -> {});
        this.lastUses = new LastUses(clock);
    }

    /** What was found out. */
    public sealed interface Answer {

        /** It is somebody. */
        record Known(Caller caller) implements Answer {}

        /**
         * It is nobody who may come in.
         *
         * @param name who it was said to be, for the audit log
         * @param status 401, or 503 if it was not found out
         * @param told what the caller is told
         * @param why what the audit log is told
         */
        record Refused(String name, int status, String told, String why) implements Answer {}
    }

    /** The accounts. */
    public OperatorAccounts accounts() {
        return accounts;
    }

    /** The API keys. */
    public ApiKeys keys() {
        return keys;
    }

    /**
     * Who comes with this header.
     *
     * @param authorization the value of the header {@code Authorization}
     */
    public Answer identify(String authorization, InetSocketAddress from) {
        // The scheme's name is written in any case [RFC 9110 11.1].
        if (isScheme(authorization, BEARER)) {
            return bearer(authorization.substring(BEARER.length()).strip(), from);
        }
        if (isScheme(authorization, BASIC)) {
            return basic(authorization.substring(BASIC.length()).strip(), from);
        }
        return new Answer.Refused(
                "", 401, "the header Authorization must begin with Bearer or Basic", "no scheme");
    }

    private static boolean isScheme(String authorization, String scheme) {
        return authorization.regionMatches(true, 0, scheme, 0, scheme.length());
    }

    private Answer bearer(String presented, InetSocketAddress from) {
        if (MessageDigest.isEqual(token, presented.getBytes(StandardCharsets.UTF_8))) {
            return new Answer.Known(
                    new Caller(Kind.TOKEN, "", Role.ADMIN, address(from), Optional.empty()));
        }
        int separator = presented.indexOf(KEY_SEPARATOR);
        if (separator < 0) {
            return new Answer.Refused(
                    "token",
                    401,
                    "this is neither the operator token of this hub nor an API key",
                    "wrong token");
        }
        String id = presented.substring(0, separator);
        Optional<ApiKey> key = findKey(id);
        boolean right =
                key.filter(each -> isSecret(each, presented.substring(separator + 1))).isPresent();
        return right
                ? known(key.orElseThrow(), from)
                : new Answer.Refused("key:" + id, 401, "this API key is not known", "wrong key");
    }

    private static boolean isSecret(ApiKey key, String presented) {
        return MessageDigest.isEqual(
                key.secret().reveal().getBytes(StandardCharsets.UTF_8),
                presented.getBytes(StandardCharsets.UTF_8));
    }

    /** The key with this identifier, whether it is good or not. */
    public Optional<ApiKey> findKey(String id) {
        return id.isEmpty() || id.length() > KEY_ID_LENGTH_MAX ? Optional.empty() : keys.find(id);
    }

    /** Who has proven that he has the secret of {@code key}. */
    public Answer known(ApiKey key, InetSocketAddress from) {
        if (!key.isGoodAt(clock.instant())) {
            return new Answer.Refused(
                    "key:" + key.id(),
                    401,
                    "this API key is disabled or expired",
                    key.disabled() ? "the key is disabled" : "the key has expired");
        }
        lastUses.of(key.lastUsedAt(), "key " + key.id(), () -> keys.touch(key.id()));
        return new Answer.Known(
                new Caller(Kind.KEY, key.id(), key.role(), address(from), key.expiresAt()));
    }

    private Answer basic(String encoded, InetSocketAddress from) {
        Optional<String> pair = decode(encoded);
        int separator = pair.map(text -> text.indexOf(':')).orElse(-1);
        if (separator < 0) {
            return new Answer.Refused(
                    "", 401, "Basic needs Base64 of USERNAME:PASSWORD in UTF-8", "not readable");
        }
        String username = pair.orElseThrow().substring(0, separator);
        if (username.length() > USERNAME_LENGTH_MAX) {
            return wrong(username, "the user name is too long");
        }
        byte[] password =
                pair.orElseThrow().substring(separator + 1).getBytes(StandardCharsets.UTF_8);
        AuthResult result =
                guard.authenticate(
                                new Credentials(
                                        "",
                                        Optional.of(username),
                                        Optional.of(password),
                                        List.of(),
                                        from,
                                        NO_PROTOCOL,
                                        LISTENER))
                        .toCompletableFuture()
                        .join();
        return result instanceof AuthResult.Deny deny
                ? denied(username, deny)
                : account(username, from);
    }

    private static Answer denied(String username, AuthResult.Deny deny) {
        return switch (deny.reason()) {
            case UNAVAILABLE ->
                    new Answer.Refused("account:" + username, 503, deny.detail(), deny.detail());
            case BANNED ->
                    new Answer.Refused(
                            "account:" + username,
                            401,
                            "too many wrong passwords; wait a minute",
                            deny.detail());
            default -> wrong(username, deny.detail());
        };
    }

    private static Answer wrong(String username, String why) {
        return new Answer.Refused(
                "account:" + username, 401, "user name or password is not right", why);
    }

    /** As it stands now, which may be another role than a moment ago. */
    private Answer account(String username, InetSocketAddress from) {
        Optional<OperatorAccount> found =
                accounts.find(username).filter(account -> !account.disabled());
        if (found.isEmpty()) {
            return wrong(username, "the account went away meanwhile");
        }
        OperatorAccount account = found.get();
        lastUses.of(account.lastUsedAt(), "account " + username, () -> accounts.touch(username));
        return new Answer.Known(
                new Caller(
                        Kind.ACCOUNT, username, account.role(), address(from), Optional.empty()));
    }

    private static Optional<String> decode(String encoded) {
        try {
            byte[] bytes = Base64.getDecoder().decode(encoded);
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String address(InetSocketAddress from) {
        return from.getAddress() == null
                ? from.getHostString()
                : from.getAddress().getHostAddress();
    }

    /** The bearer token that is made of this identifier and secret. */
    public static String bearerOf(String id, Secret secret) {
        return id + KEY_SEPARATOR + secret.reveal();
    }

    /** Stops its thread. */
    @Override
    public void close() {
        guard.close();
        lastUses.close();
    }
}
