package io.muster.auth.secret;

import java.time.Duration;
import java.util.Optional;

/**
 * What an operator asks of devices that sign in with a secret.
 *
 * @param allowWeakDigests whether SHA-1 and MD5 are accepted. A device that names no method means
 *     SHA-1
 * @param maxClockSkew how far a device's timestamp may be from the clock; empty does not look at
 *     it, since some device SDKs send a constant
 */
public record DeviceSecretPolicy(boolean allowWeakDigests, Optional<Duration> maxClockSkew) {

    /** No weak digests, no look at the timestamp. */
    public static final DeviceSecretPolicy DEFAULT =
            new DeviceSecretPolicy(false, Optional.empty());
}
