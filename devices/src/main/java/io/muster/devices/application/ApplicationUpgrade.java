package io.muster.devices.application;

import io.muster.devices.DeviceLookup;
import io.muster.devices.RegistryUnavailableException;
import java.util.concurrent.CompletionStage;

/**
 * Adds to older accounts what newer ones have from the start; same rules as {@link DeviceLookup}.
 */
@FunctionalInterface
public interface ApplicationUpgrade {

    /**
     * Gives the account a SCRAM verifier in place of the one that it has or has not; does nothing
     * if its password is not that of {@code application} any more.
     *
     * @param application the account as it was found
     * @param scramVerifier made from the password that {@code application} holds the hash of
     * @return complete when it is durable; fails with {@link RegistryUnavailableException}
     */
    CompletionStage<Void> storeScramVerifier(Application application, String scramVerifier);
}
