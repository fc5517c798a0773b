package io.muster.devices.application;

import io.muster.devices.DeviceLookup;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Finds application accounts for sign-in; same rules as {@link DeviceLookup}. */
public interface ApplicationLookup {

    /** The account, or empty if there is none with this user name. */
    CompletionStage<Optional<Application>> findApplication(String username);
}
