package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;

/**
 * Keeps clients that choose their own client identifier out of the sessions of devices.
 *
 * <p>A device's session is named {@code productKey/deviceKey}. An application or an anonymous
 * client that sent just that as its client identifier would take the device's session over. So an
 * identity that leaves the name to the client keeps the sent string only if it has no slash;
 * otherwise the session is named {@code principal:sent}. A product key has no colon, so the two
 * never meet, and nobody has to be refused for a slash in a client identifier.
 */
final class SessionSpace {

    private SessionSpace() {}

    /** The answer with a name for the session that no device has; the same object if it is safe. */
    static AuthResult setApart(AuthResult answer, String sentClientIdentifier) {
        if (!(answer instanceof AuthResult.Accept accept)
                || !accept.identity().clientIdentifier().isEmpty()
                || sentClientIdentifier.indexOf('/') < 0) {
            return answer;
        }
        if (sentClientIdentifier.chars().anyMatch(Character::isISOControl)) {
            return AuthResult.deny(
                    DenyReason.BAD_CLIENT_IDENTIFIER, "client identifier has control characters");
        }
        Identity identity = accept.identity();
        return AuthResult.accept(
                new Identity(
                        identity.principal(),
                        identity.principal() + ":" + sentClientIdentifier,
                        identity.permissions(),
                        identity.attributes()));
    }
}
