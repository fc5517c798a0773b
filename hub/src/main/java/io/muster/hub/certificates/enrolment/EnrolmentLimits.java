package io.muster.hub.certificates.enrolment;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.hub.certificates.enrolment.RequestRate.Bucket;
import io.muster.hub.config.certificates.EnrolmentConfig;
import java.time.Duration;

/**
 * How often somebody may ask for a certificate: each device by itself, and all together. Operators
 * count for all together only. Shared, never blocks.
 */
final class EnrolmentLimits {

    private final int perHour;
    private final RequestRate ofDevices;
    private final Bucket ofAll;
    private final Ticker ticker;

    EnrolmentLimits(EnrolmentConfig config, Ticker ticker) {
        this.perHour = config.deviceRequestsPerHour();
        this.ticker = ticker;
        this.ofDevices = new RequestRate(perHour, ticker);
        this.ofAll = new Bucket(config.requestsPerSecond(), Duration.ofSeconds(1), ticker.read());
    }

    /**
     * Counts a request.
     *
     * @throws RequestRefusedException if there were too many
     */
    void count(EnrolmentRequest request) {
        if (request.requester().isDevice() && !ofDevices.take(request.device())) {
            throw new RequestRefusedException(
                    RefusalCode.RATE_LIMITED,
                    "this device asks for certificates too often; allowed are %d requests an hour"
                            .formatted(perHour));
        }
        if (!ofAll.take(ticker.read())) {
            throw new RequestRefusedException(
                    RefusalCode.RATE_LIMITED,
                    "too many ask for certificates now; try again in a second");
        }
    }
}
