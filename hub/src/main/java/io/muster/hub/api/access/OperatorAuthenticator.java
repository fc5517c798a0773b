package io.muster.hub.api.access;

import io.muster.auth.application.PasswordCheck;
import io.muster.auth.application.PasswordCheck.Verdict;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.registry.operators.OperatorAccount;
import io.muster.devices.registry.operators.OperatorAccounts;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Judges user name and password of operators. Shared; blocks while it asks the registry and hashes,
 * so it is for threads of the HTTP server. It is an authenticator so that the same guard can stand
 * before it as before those of MQTT clients.
 */
final class OperatorAuthenticator implements EnhancedAuthenticator {

    private static final TopicPermissions NONE =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return false;
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return false;
                }
            };

    private final OperatorAccounts accounts;
    private final PasswordCheck passwords = new PasswordCheck();

    OperatorAuthenticator(OperatorAccounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        return CompletableFuture.completedFuture(
                judge(
                        credentials.username().orElse(""),
                        credentials.password().orElseGet(() -> new byte[0])));
    }

    private AuthResult judge(String username, byte[] password) {
        Optional<OperatorAccount> account = accounts.find(username);
        Verdict verdict =
                passwords.check(username, password, account.map(OperatorAccount::passwordHash));
        return switch (verdict) {
            case BUSY ->
                    AuthResult.deny(DenyReason.UNAVAILABLE, "too many passwords are being checked");
            case WRONG -> AuthResult.deny(DenyReason.BAD_CREDENTIALS, "wrong password");
            case RIGHT -> right(account.orElseThrow());
        };
    }

    private static AuthResult right(OperatorAccount account) {
        if (account.disabled()) {
            return AuthResult.deny(DenyReason.NOT_AUTHORIZED, "the account is disabled");
        }
        return AuthResult.accept(
                new Identity(
                        "account:" + account.username(),
                        "",
                        NONE,
                        Map.of("username", account.username())));
    }

    /** There is no other way than a password. */
    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
