package io.muster.hub;

import io.muster.auth.application.ApplicationAuthenticator;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A plug-in that gives the answers that were right a moment ago: what the hub finds between the
 * proof of a client and its admission. It knows devices of the product "demo" and accounts whose
 * names begin with "late-", and cannot be asked about "outage".
 */
public final class OutdatedProvider implements AuthenticatorProvider {

    private static final TopicPermissions NOTHING =
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

    @Override
    public String type() {
        return "outdated";
    }

    @Override
    public Authenticator create(AuthenticatorProvider.Settings settings) {
        return credentials -> CompletableFuture.completedFuture(answer(credentials));
    }

    private static AuthResult answer(Credentials credentials) {
        String name = credentials.username().orElse("");
        if (name.equals("outage")) {
            return AuthResult.deny(DenyReason.UNAVAILABLE, "no answer");
        }
        if (!name.startsWith("late-")) {
            return AuthResult.abstain();
        }
        return AuthResult.accept(name.endsWith("&demo") ? device(name) : application(name));
    }

    private static Identity device(String username) {
        String key = username.substring(0, username.indexOf('&'));
        boolean activates = key.equals("late-activation");
        String name = (activates ? "activation:" : "") + "demo/" + key;
        return new Identity(
                activates ? name : "device:" + name,
                name,
                NOTHING,
                Map.of(
                        "kind",
                        activates ? DeviceSecretAuthenticator.ACTIVATING : "device",
                        "productKey",
                        "demo",
                        "deviceKey",
                        key,
                        key.equals("late-bar") ? "none" : DeviceSecretAuthenticator.SECRET_MARK,
                        "outdated"));
    }

    private static Identity application(String username) {
        return new Identity(
                "app:" + username,
                "",
                NOTHING,
                Map.of(
                        "kind",
                        ApplicationAuthenticator.KIND,
                        "username",
                        username,
                        ApplicationAuthenticator.PASSWORD_MARK,
                        "outdated"));
    }
}
