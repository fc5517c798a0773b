package io.muster.hub.audit;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Tells the audit log whom the authenticators refuse, and the guard before them, also of those who
 * do not wait for the answer. Shared by all event loops, never blocks.
 */
public final class AuditedSignIn implements EnhancedAuthenticator {

    private final EnhancedAuthenticator authenticator;
    private final RefusedSignIns refusals;

    /** Before {@code authenticator}, which is closed with it. */
    public AuditedSignIn(EnhancedAuthenticator authenticator, RefusedSignIns refusals) {
        this.authenticator = authenticator;
        this.refusals = refusals;
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        return authenticator
                .authenticate(credentials)
                .thenApply(result -> told(credentials, result));
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return authenticator
                .begin(method, credentials)
                .map(each -> new AuditedExchange(each, credentials));
    }

    private AuthResult told(Credentials credentials, AuthResult result) {
        if (result instanceof AuthResult.Deny deny) {
            refusals.denied(
                    credentials.username().orElseGet(credentials::clientIdentifier),
                    credentials.remoteAddress(),
                    deny,
                    "");
        }
        return result;
    }

    @Override
    public void close() {
        authenticator.close();
    }

    /** One client's way through a method. Confined like every exchange. */
    private final class AuditedExchange implements Exchange {

        private final Exchange exchange;
        private final Credentials credentials;

        AuditedExchange(Exchange exchange, Credentials credentials) {
            this.exchange = exchange;
            this.credentials = credentials;
        }

        @Override
        public CompletionStage<Step> next(Optional<byte[]> data) {
            return exchange.next(data)
                    .thenApply(
                            step -> {
                                if (step instanceof Step.Finished finished) {
                                    told(credentials, finished.result());
                                }
                                return step;
                            });
        }

        @Override
        public Optional<String> claimedName(Optional<byte[]> data) {
            return exchange.claimedName(data);
        }

        @Override
        public void close() {
            exchange.close();
        }
    }
}
