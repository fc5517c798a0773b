package io.muster.broker.sys;

/**
 * How fast a count grows, in units a minute, as a moving average whose weights fall exponentially:
 * after the time of its window an old rate counts for 1/e. Confined to one thread.
 */
final class LoadAverage {

    private final double windowMinutes;
    private double perMinute;

    /** An average over so many minutes, which begins with nothing. */
    LoadAverage(double windowMinutes) {
        this.windowMinutes = windowMinutes;
    }

    /**
     * Takes in that the count has grown.
     *
     * @param growth by how much
     * @param minutes in what time, more than zero
     */
    void add(long growth, double minutes) {
        double rate = growth / minutes;
        perMinute = rate + Math.exp(-minutes / windowMinutes) * (perMinute - rate);
    }

    /** The average, in units a minute. */
    double perMinute() {
        return perMinute;
    }
}
