package io.muster.broker.pace;

/**
 * The rates of a broker.
 *
 * @param publish how fast may be published
 * @param connect how fast clients may connect
 */
public record Rates(PublishRates publish, ConnectRates connect) {

    /** Nothing is used up yet. */
    public static Rates of(RateLimits limits, long nowNanos) {
        return new Rates(new PublishRates(limits, nowNanos), new ConnectRates(limits, nowNanos));
    }
}
