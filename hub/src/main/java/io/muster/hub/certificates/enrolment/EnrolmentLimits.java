package io.muster.hub.certificates.enrolment;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.hub.certificates.enrolment.RequestRate.Bucket;
import io.muster.hub.config.certificates.EnrolmentConfig;
import java.time.Duration;

/**
 * How often somebody may ask for a certificate: for each device, and all together. What a device
 * asks for itself and what others ask for it are counted apart, so that it keeps nobody from giving
 * it another one. Shared, never blocks.
 */
final class EnrolmentLimits {

    private final int perHour;
    private final RequestRate byDevices;
    private final RequestRate byOthers;
    private final Bucket ofAll;
    private final Ticker ticker;

    EnrolmentLimits(EnrolmentConfig config, Ticker ticker) {
        this.perHour = config.deviceRequestsPerHour();
        this.ticker = ticker;
        this.byDevices = new RequestRate(perHour, ticker);
        this.byOthers = new RequestRate(perHour, ticker);
        this.ofAll = new Bucket(config.requestsPerSecond(), Duration.ofSeconds(1), ticker.read());
    }

    /**
     * Counts a request.
     *
     * @throws RequestRefusedException if there were too many
     */
    void count(EnrolmentRequest request) {
        RequestRate rate = request.requester().isDevice() ? byDevices : byOthers;
        if (!rate.take(request.device())) {
            throw new RequestRefusedException(
                    RefusalCode.RATE_LIMITED,
                    "certificates of this device are asked for too often; allowed are %d requests an hour"
                            .formatted(perHour));
        }
        if (!ofAll.take(ticker.read())) {
            throw new RequestRefusedException(
                    RefusalCode.RATE_LIMITED,
                    "too many ask for certificates now; try again in a second");
        }
    }
}
