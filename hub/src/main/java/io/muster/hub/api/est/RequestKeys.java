package io.muster.hub.api.est;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.IssuanceRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/**
 * Tells whether a request of EST, which has no key of its own, is one that was sent before: whoever
 * got no answer asks again within a day, and who renews with the request of last year wants another
 * certificate. Shared; blocks while the registry is asked.
 */
final class RequestKeys {

    private static final Duration DAY = Duration.ofDays(1);

    private final Function<DeviceId, List<Certificate>> live;
    private final Clock clock;

    /**
     * Of a hub.
     *
     * @param live the certificates of a device that are neither revoked nor expired
     */
    RequestKeys(Function<DeviceId, List<Certificate>> live, Clock clock) {
        this.live = live;
        this.clock = clock;
    }

    /**
     * The key of a request: that of the same one if it brought a certificate within a day, be it
     * before midnight.
     *
     * @param der the request
     */
    String of(DeviceId device, byte[] der) {
        Instant now = clock.instant();
        String hash = hash(der);
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        String ofYesterday = key(today.minusDays(1), hash);
        boolean isRepeated =
                live.apply(device).stream()
                        .map(each -> each.reservation().request())
                        .filter(each -> isOf(each, ofYesterday))
                        .anyMatch(each -> each.at().isAfter(now.minus(DAY)));
        return isRepeated ? ofYesterday : key(today, hash);
    }

    private static boolean isOf(IssuanceRequest request, String key) {
        return request.idempotencyKey().filter(key::equals).isPresent();
    }

    private static String key(LocalDate day, String hash) {
        return "est/%s/%s".formatted(day, hash);
    }

    private static String hash(byte[] der) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
