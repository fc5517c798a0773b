package io.muster.broker.session;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/** Runs a scenario once for each way in which its choices can be made. */
final class EveryOrder implements IntUnaryOperator {

    private static final int RUNS_MAX = 100_000;

    /** The choice made at each step, and out of how many. */
    private final List<int[]> steps = new ArrayList<>();

    private int at;

    private EveryOrder() {}

    /** Returns how many ways there were. */
    static int of(Consumer<IntUnaryOperator> scenario) {
        EveryOrder order = new EveryOrder();
        int runs = 0;
        do {
            order.at = 0;
            scenario.accept(order);
            runs++;
            if (runs > RUNS_MAX) {
                throw new IllegalStateException("too many orders to try them all");
            }
        } while (order.next());
        return runs;
    }

    @Override
    public int applyAsInt(int options) {
        if (at == steps.size()) {
            steps.add(new int[] {0, options});
        }
        return steps.get(at++)[0];
    }

    private boolean next() {
        while (!steps.isEmpty()) {
            int[] last = steps.get(steps.size() - 1);
            last[0]++;
            if (last[0] < last[1]) {
                return true;
            }
            steps.remove(steps.size() - 1);
        }
        return false;
    }
}
