package io.muster.broker.pace;

/**
 * How much may come in a second; 0 is no limit. What was not used of one second may be used at once
 * in the next one.
 *
 * @param clientMessages PUBLISH packets of one connection
 * @param clientBytes bytes of the PUBLISH packets of one connection
 * @param messages PUBLISH packets of all connections
 * @param bytes bytes of the PUBLISH packets of all connections
 * @param connects CONNECT packets
 * @param addressConnects CONNECT packets from one address; IPv6 addresses with the same first 64
 *     bits are one
 * @param takeOvers of one client identifier from a connection that is there
 */
public record RateLimits(
        long clientMessages,
        long clientBytes,
        long messages,
        long bytes,
        long connects,
        long addressConnects,
        TakeOverLimits takeOvers) {

    /** What holds where the operator says nothing else. */
    public static final RateLimits DEFAULT =
            new RateLimits(0, 0, 0, 0, 0, 0, TakeOverLimits.DEFAULT);

    /** No limits. */
    public static final RateLimits NONE = new RateLimits(0, 0, 0, 0, 0, 0, TakeOverLimits.NONE);
}
