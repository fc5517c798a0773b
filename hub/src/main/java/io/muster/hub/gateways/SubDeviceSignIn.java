package io.muster.hub.gateways;

import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import java.util.concurrent.CompletionStage;

/**
 * Finds out whether a gateway knows the secret of a device, and is told whom gateways are refused,
 * by whatever rule. Any thread; never blocks.
 */
public interface SubDeviceSignIn {

    /**
     * Whether the device may sign in. Counts as a sign-in of that device from the address of its
     * gateway.
     */
    CompletionStage<AuthResult> signIn(ConnectedClient gateway, DeviceClaim claim);

    /** The same, of a device that does not sign in. */
    CompletionStage<AuthResult> prove(ConnectedClient gateway, DeviceClaim claim);

    /**
     * A device was refused that comes through a gateway, also if {@link #signIn} or {@link #prove}
     * said so; or the gateway was itself.
     */
    void refused(ConnectedClient gateway, DeviceId device, AuthResult.Deny why);

    /** Why a device that was not accepted is refused. */
    static AuthResult.Deny denial(AuthResult result) {
        return result instanceof AuthResult.Deny deny
                ? deny
                : new AuthResult.Deny(
                        DenyReason.BAD_CREDENTIALS, "no authenticator knows these credentials");
    }

    /**
     * Whether a secret of a product lets devices fetch theirs now; empty marks are of none.
     *
     * @param secretMark the {@code mark} of the secret
     */
    CompletionStage<Boolean> isGood(String productKey, String secretMark);
}
