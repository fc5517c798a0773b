package io.muster.loadtest.compare;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What became of a figure over several rounds. An immutable value.
 *
 * @param median of an even number, the mean of the two in the middle
 * @param min the least
 * @param max the most
 */
public record Spread(double median, double min, double max) {

    /** Sums up values; null without any. */
    static @Nullable Spread of(Collection<Double> values) {
        if (values.isEmpty()) {
            return null;
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
