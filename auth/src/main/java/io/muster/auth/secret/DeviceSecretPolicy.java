package io.muster.auth.secret;

import io.muster.devices.product.SignInPolicy;
import java.time.Duration;
import java.util.Optional;

/**
 * What an operator asks of devices that sign in with a secret.
 *
 * @param allowWeakDigests whether SHA-1 and MD5 are accepted. A device that names no method means
 *     SHA-1
 * @param maxClockSkew how far a device's timestamp may be from the clock; empty does not look at
 *     it, since some device SDKs send a constant
 * @param timestampsAscend whether a timestamp before the last accepted one is refused. An equal one
 *     is not, since some device SDKs repeat theirs
 */
public record DeviceSecretPolicy(
        boolean allowWeakDigests, Optional<Duration> maxClockSkew, boolean timestampsAscend) {

    /** No weak digests, no look at the timestamp. */
    public static final DeviceSecretPolicy DEFAULT =
            new DeviceSecretPolicy(false, Optional.empty(), false);

    /** The same but for what a product says otherwise. */
    DeviceSecretPolicy with(SignInPolicy product) {
        return product.equals(SignInPolicy.AS_CONFIGURED)
                ? this
                : new DeviceSecretPolicy(
                        product.allowWeakDigests().orElse(allowWeakDigests),
                        product.maxClockSkew().isPresent()
                                ? product.maxClockSkew().filter(skew -> !skew.isZero())
                                : maxClockSkew,
                        product.timestampsAscend().orElse(timestampsAscend));
    }
}
