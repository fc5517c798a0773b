package io.muster.hub;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A plug-in that refuses who is called "unwanted", and lets in who is called "friend". */
public final class BouncerProvider implements AuthenticatorProvider {

    private static final TopicPermissions ALL =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return true;
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return true;
                }
            };

    @Override
    public String type() {
        return "bouncer";
    }

    @Override
    public Authenticator create(AuthenticatorProvider.Settings settings) {
        return credentials -> CompletableFuture.completedFuture(answer(credentials));
    }

    private static AuthResult answer(Credentials credentials) {
        String name = credentials.username().orElse("");
        boolean isSigned =
                credentials.password().isPresent()
                        && credentials.clientIdentifier().contains("|securemode=2,");
        if (name.startsWith("unwanted&") && isSigned) {
            return AuthResult.deny(DenyReason.NOT_AUTHORIZED, "unwanted");
        }
        return name.startsWith("friend&")
                ? AuthResult.accept(new Identity("friend", "", ALL, Map.of()))
                : AuthResult.abstain();
    }
}
