package io.muster.auth.secret;

import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.devices.DeviceLookup;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The built-in kind {@code device-secret}. Settings: {@code allow-weak-digests}, {@code true} or
 * {@code false} (default); {@code max-clock-skew}, {@code off} (default) or seconds; {@code
 * timestamps-ascend}, {@code true} or {@code false} (default). What a product says goes before.
 */
public final class DeviceSecretProvider implements AuthenticatorProvider {

    private static final String ALLOW_WEAK_DIGESTS = "allow-weak-digests";
    private static final String MAX_CLOCK_SKEW = "max-clock-skew";
    private static final String TIMESTAMPS_ASCEND = "timestamps-ascend";
    private static final Pattern SECONDS = Pattern.compile("[1-9][0-9]{0,4}");
    private static final int SKEW_SECONDS_MAX = 86_400;

    private final DeviceLookup devices;
    private final DeviceRegistration registration;
    private final DevicePermissions permissions;
    private final Clock clock;
    private final ActivationListener activations;

    /**
     * See {@link DeviceSecretAuthenticator}.
     *
     * @param activations is told of devices that may not fetch their secret
     */
    public DeviceSecretProvider(
            DeviceLookup devices,
            DeviceRegistration registration,
            DevicePermissions permissions,
            Clock clock,
            ActivationListener activations) {
        this.devices = devices;
        this.registration = registration;
        this.permissions = permissions;
        this.clock = clock;
        this.activations = activations;
    }

    @Override
    public String type() {
        return "device-secret";
    }

    @Override
    public DeviceSecretAuthenticator create(AuthenticatorProvider.Settings settings) {
        settings.requireOnly(ALLOW_WEAK_DIGESTS, MAX_CLOCK_SKEW, TIMESTAMPS_ASCEND);
        DeviceSecretPolicy policy =
                new DeviceSecretPolicy(
                        flag(settings, ALLOW_WEAK_DIGESTS),
                        maxClockSkew(settings),
                        flag(settings, TIMESTAMPS_ASCEND));
        return new DeviceSecretAuthenticator(
                devices, registration, permissions, policy, clock, activations);
    }

    private static boolean flag(AuthenticatorProvider.Settings settings, String name) {
        String text = settings.find(name).orElse("false");
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(name, text, "true or false");
        };
    }

    private static Optional<Duration> maxClockSkew(AuthenticatorProvider.Settings settings) {
        String text = settings.find(MAX_CLOCK_SKEW).orElse("off");
        if (text.equals("off")) {
            return Optional.empty();
        }
        if (!SECONDS.matcher(text).matches() || Integer.parseInt(text) > SKEW_SECONDS_MAX) {
            throw wrong(MAX_CLOCK_SKEW, text, "off or 1 to " + SKEW_SECONDS_MAX + " (seconds)");
        }
        return Optional.of(Duration.ofSeconds(Integer.parseInt(text)));
    }

    private static IllegalArgumentException wrong(String key, String value, String allowed) {
        return new IllegalArgumentException(
                "%s is '%s'; allowed: %s".formatted(key, value, allowed));
    }
}
