package io.muster.auth.secret;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a product asks of a device whose signature is right; shared, never blocks.
 *
 * <p>The last timestamps are remembered in memory, of so many devices: a restart forgets them, and
 * so does a crowd of devices that is larger.
 */
final class SignInDemands {

    private static final int REMEMBERED_MAX = 1_000_000;

    private final DeviceSecretPolicy configured;
    private final Clock clock;

    /** The last accepted timestamps, in microseconds. */
    private final Cache<Proven, Long> timestamps =
            Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();

    /** By the secret too: under a new one all begins anew, and old ones prove nothing any more. */
    private record Proven(DeviceId id, String secretMark) {}

    SignInDemands(DeviceSecretPolicy configured, Clock clock) {
        this.configured = configured;
        this.clock = clock;
    }

    /** Why such a signature proves nothing to this product; empty if it does. */
    Optional<AuthResult> refusal(Product product, SignMethod method, String timestamp) {
        DeviceSecretPolicy policy = configured.with(product.settings().signIn());
        if (method.isWeak() && !policy.allowWeakDigests()) {
            return Optional.of(
                    AuthResult.deny(
                            DenyReason.BAD_CREDENTIALS,
                            "signmethod %s is weak and not allowed".formatted(method.option())));
        }
        boolean isTimely =
                policy.maxClockSkew()
                        .map(skew -> DeviceTimestamp.isWithin(timestamp, clock.instant(), skew))
                        .orElse(true);
        return isTimely
                ? Optional.empty()
                : Optional.of(
                        AuthResult.deny(
                                DenyReason.BAD_CREDENTIALS, "timestamp is too far from the clock"));
    }

    /**
     * Notes the timestamp of a sign-in that is accepted otherwise, if the product wants timestamps
     * to ascend; empty if it does. Of two at a time the one that comes second is compared with the
     * first.
     */
    Optional<AuthResult> noteTimestamp(
            Product product, DeviceId id, String secretMark, String timestamp) {
        if (!configured.with(product.settings().signIn()).timestampsAscend()) {
            return Optional.empty();
        }
        OptionalLong micros = DeviceTimestamp.micros(timestamp);
        if (micros.isEmpty()) {
            return Optional.of(
                    AuthResult.deny(DenyReason.BAD_CREDENTIALS, "timestamp is not a number"));
        }
        AtomicBoolean ascends = new AtomicBoolean(true);
        timestamps
                .asMap()
                .compute(
                        new Proven(id, secretMark),
                        (key, last) -> {
                            ascends.set(last == null || micros.getAsLong() >= last);
                            return ascends.get() ? Long.valueOf(micros.getAsLong()) : last;
                        });
        return ascends.get()
                ? Optional.empty()
                : Optional.of(
                        AuthResult.deny(
                                DenyReason.BAD_CREDENTIALS,
                                "timestamp is before the last accepted one: " + id));
    }
}
