package io.muster.hub.api.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.application.PasswordCheck;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.devices.application.Application;
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
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Finds out who a request comes from: the operator token, an account or an API key. Shared; blocks
 * while it asks the registry, each time anew, so that what is removed or disabled is so at once.
 * The operator token needs no registry.
 */
public final class Operators implements AutoCloseable {

    /** The longest that a stranger waits until he is looked at. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final String BEARER = "Bearer ";
    private static final String BASIC = "Basic ";

    /** Between the identifier of a key and its secret; neither has one. */
    private static final char KEY_SEPARATOR = '.';

    private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9]{1,32}");

    /** Of what somebody calls himself, nothing longer is kept. */
    private static final int NAME_LENGTH_MAX = 64;

    private final byte[] token;
    private final OperatorAccounts accounts;
    private final ApiKeys keys;
    private final Clock clock;
    private final PasswordCheck passwords = new PasswordCheck();
    private final Door door;
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
        this.door = new Door(ticker, PATIENCE);
        this.lastUses = new LastUses(clock);
    }

    /** What was found out. */
    public sealed interface Answer {

        /** It is somebody. */
        record Known(Caller caller) implements Answer {}

        /** It is a device. */
        record KnownDevice(DeviceCaller caller) implements Answer {}

        /**
         * It is nobody who may come in.
         *
         * @param name who it was said to be, for the audit log
         * @param reason why
         * @param told what the caller is told
         * @param why what the audit log is told
         */
        record Refused(String name, DenyReason reason, String told, String why) implements Answer {

            /** Whether it was not found out who he is. */
            public boolean isNotFoundOut() {
                return reason == DenyReason.UNAVAILABLE;
            }

            /** Of the answer over HTTP. */
            public int status() {
                return isNotFoundOut() ? 503 : 401;
            }
        }
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
        return refused("", "the header Authorization must begin with Bearer or Basic", "no scheme");
    }

    private static Answer.Refused refused(String name, String told, String why) {
        return new Answer.Refused(name, DenyReason.BAD_CREDENTIALS, told, why);
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
            return refused(
                    "token",
                    "this is neither the operator token of this hub nor an API key",
                    "wrong token");
        }
        String id = presented.substring(0, separator);
        String secret = presented.substring(separator + 1);
        return door.judge(
                Door.Kind.KEY,
                "key:" + cut(id),
                Optional.of(presented),
                from,
                () -> key(id, secret, from));
    }

    private Answer key(String id, String secret, InetSocketAddress from) {
        return findKey(id)
                .filter(key -> isSecret(key, secret))
                .map(key -> known(key, from))
                .orElseGet(
                        () -> refused("key:" + cut(id), "this API key is not known", "wrong key"));
    }

    /**
     * What {@code judge} says of somebody who says that he has a key and proves it otherwise than
     * by sending it, if he is looked at: not too many are at once, nor those who failed of late.
     */
    public Answer judge(String keyId, InetSocketAddress from, Supplier<Answer> judge) {
        return door.judge(Door.Kind.KEY, "key:" + cut(keyId), Optional.empty(), from, judge);
    }

    /** The same of a device that signs what it asks for. */
    Answer judgeDevice(DeviceId device, InetSocketAddress from, Supplier<Answer> judge) {
        return door.judge(Door.Kind.DEVICE, "device:" + device, Optional.empty(), from, judge);
    }

    private boolean isSecret(ApiKey key, String presented) {
        byte[] bytes = presented.getBytes(StandardCharsets.UTF_8);
        return key.goodSecrets(clock.instant()).stream()
                .anyMatch(
                        secret ->
                                MessageDigest.isEqual(
                                        secret.reveal().getBytes(StandardCharsets.UTF_8), bytes));
    }

    /** The key with this identifier, whether it is good or not. */
    public Optional<ApiKey> findKey(String id) {
        return KEY_ID.matcher(id).matches() ? keys.find(id) : Optional.empty();
    }

    /** Who has proven that he has the secret of {@code key}. */
    public Answer known(ApiKey key, InetSocketAddress from) {
        if (!key.isGoodAt(clock.instant())) {
            return new Answer.Refused(
                    "key:" + key.id(),
                    DenyReason.NOT_AUTHORIZED,
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
            return refused("", "Basic needs Base64 of USERNAME:PASSWORD in UTF-8", "not readable");
        }
        String username = pair.orElseThrow().substring(0, separator);
        return password(username, pair.orElseThrow().substring(separator + 1), from);
    }

    /** Who says that he has an account, and sends this password. */
    public Answer password(String username, String password, InetSocketAddress from) {
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        return door.judge(
                Door.Kind.PASSWORD,
                "account:" + cut(username),
                Optional.of(username + ":" + password),
                from,
                () -> account(username, bytes, from));
    }

    private Answer account(String username, byte[] password, InetSocketAddress from) {
        if (!Application.isUsername(username)) {
            return wrong(username, "nobody can be called so");
        }
        Optional<OperatorAccount> account = accounts.find(username);
        return switch (passwords.check(
                username, password, account.map(OperatorAccount::passwordHash))) {
            case BUSY ->
                    new Answer.Refused(
                            "account:" + username,
                            DenyReason.UNAVAILABLE,
                            "too many passwords are being checked",
                            "too many at once");
            case WRONG -> wrong(username, "wrong password");
            case RIGHT -> account(username, from);
        };
    }

    private static Answer wrong(String username, String why) {
        return refused("account:" + cut(username), "user name or password is not right", why);
    }

    private static String cut(String name) {
        return name.length() <= NAME_LENGTH_MAX ? name : name.substring(0, NAME_LENGTH_MAX);
    }

    /** As it stands now, which may be another than when its password was looked at. */
    private Answer account(String username, InetSocketAddress from) {
        Optional<OperatorAccount> found = accounts.find(username);
        if (found.isEmpty()) {
            return wrong(username, "the account went away meanwhile");
        }
        OperatorAccount account = found.get();
        if (account.disabled()) {
            return new Answer.Refused(
                    "account:" + username,
                    DenyReason.NOT_AUTHORIZED,
                    "user name or password is not right",
                    "the account is disabled");
        }
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
        lastUses.close();
    }
}
