package io.muster.hub.gateways;

import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.spi.AuthResult;
import io.muster.broker.spi.ConnectedClient;
import java.util.concurrent.CompletionStage;

/** Finds out whether a gateway knows the secret of a device. Any thread; never blocks. */
public interface SubDeviceSignIn {

    /**
     * Whether the device may sign in. Counts as a sign-in of that device from the address of its
     * gateway.
     */
    CompletionStage<AuthResult> signIn(ConnectedClient gateway, DeviceClaim claim);

    /** The same, of a device that does not sign in. */
    CompletionStage<AuthResult> prove(ConnectedClient gateway, DeviceClaim claim);

    /**
     * Whether a secret of a product lets devices fetch theirs now; empty marks are of none.
     *
     * @param secretMark the {@code mark} of the secret
     */
    CompletionStage<Boolean> isGood(String productKey, String secretMark);
}
