package io.muster.hub.audit;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.hub.audit.AuditTrail.Stranger;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Tells the audit log who was refused over MQTT. Shared by all event loops, never blocks.
 *
 * <p>A refusal because the registry or an authenticator was not available tells nothing of the
 * client, and is not told.
 */
public final class AuditedSignIn implements EnhancedAuthenticator {

    private final EnhancedAuthenticator authenticator;
    private final AuditTrail trail;

    /** Before {@code authenticator}, which is closed with it. */
    public AuditedSignIn(EnhancedAuthenticator authenticator, AuditTrail trail) {
        this.authenticator = authenticator;
        this.trail = trail;
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        return authenticator
                .authenticate(credentials)
                .thenApply(result -> told(credentials, "", result));
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        Optional<Exchange> exchange = authenticator.begin(method, credentials);
        if (exchange.isEmpty()) {
            tell(credentials, "bad_credentials: method is not known");
        }
        return exchange.map(each -> new AuditedExchange(each, credentials));
    }

    /**
     * Tells of a device that did not come itself, but through its gateway.
     *
     * @param credentials what the device would have sent, and where its gateway is
     * @param gateway its name
     * @return the result
     */
    public AuthResult toldOf(Credentials credentials, String gateway, AuthResult result) {
        return told(credentials, "; through gateway " + gateway, result);
    }

    private AuthResult told(Credentials credentials, String more, AuthResult result) {
        if (result instanceof AuthResult.Deny deny && deny.reason() != DenyReason.UNAVAILABLE) {
            tell(
                    credentials,
                    deny.reason().name().toLowerCase(Locale.ROOT) + ": " + deny.detail() + more);
        }
        return result;
    }

    private void tell(Credentials credentials, String why) {
        InetAddress address = credentials.remoteAddress().getAddress();
        trail.refused(
                Stranger.CLIENT,
                "client:" + credentials.username().orElseGet(credentials::clientIdentifier),
                address == null ? "" : address.getHostAddress(),
                0,
                why);
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
                                    told(credentials, "", finished.result());
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
