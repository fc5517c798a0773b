package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What clients present in tests, and how the answers are read. */
public final class Presented {

    private Presented() {}

    public static Credentials nothing(String clientIdentifier) {
        return by(clientIdentifier, Optional.empty(), Optional.empty());
    }

    public static Credentials by(String clientIdentifier, String username, String password) {
        return by(clientIdentifier, Optional.of(username), Optional.of(password));
    }

    public static Credentials by(
            String clientIdentifier, Optional<String> username, Optional<String> password) {
        return new Credentials(
                clientIdentifier,
                username,
                password.map(text -> text.getBytes(StandardCharsets.UTF_8)),
                List.of(),
                new InetSocketAddress(0),
                4,
                "mqtt");
    }

    /** The answer, which must be there already. */
    public static AuthResult answer(Authenticator authenticator, Credentials credentials) {
        CompletableFuture<AuthResult> stage =
                authenticator.authenticate(credentials).toCompletableFuture();
        if (!stage.isDone()) {
            throw new AssertionError("no answer yet");
        }
        return stage.join();
    }

    public static Identity identity(AuthResult result) {
        if (result instanceof AuthResult.Accept accept) {
            return accept.identity();
        }
        throw new AssertionError("not accepted: " + result);
    }

    public static DenyReason reason(AuthResult result) {
        return denial(result).reason();
    }

    public static AuthResult.Deny denial(AuthResult result) {
        if (result instanceof AuthResult.Deny deny) {
            return deny;
        }
        throw new AssertionError("not refused: " + result);
    }
}
