package io.muster.auth.guard;

import io.muster.auth.guard.Bar.Guard;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** The bars of both guards, and how often they refused somebody. Shared by all threads. */
final class PresentBars implements Bars {

    /** Is shown bars, one by one. */
    @FunctionalInterface
    interface Visitor {

        /**
         * Somebody is barred.
         *
         * @param lift ends the bar, now or later
         */
        void visit(Bar bar, Runnable lift);
    }

    private final FailureGuard failures;
    private final ConnectRateGuard rate;
    private final Map<Guard, LongAdder> refusals = new EnumMap<>(Guard.class);

    PresentBars(FailureGuard failures, ConnectRateGuard rate) {
        this.failures = failures;
        this.rate = rate;
        for (Guard guard : Guard.values()) {
            refusals.put(guard, new LongAdder());
        }
    }

    /** Counts a refusal. */
    void refused(Guard guard) {
        adder(guard).increment();
    }

    private LongAdder adder(Guard guard) {
        LongAdder adder = refusals.get(guard);
        if (adder == null) {
            throw new IllegalStateException("no counter of " + guard);
        }
        return adder;
    }

    private void each(Visitor visitor) {
        for (Guard guard : Guard.values()) {
            each(guard, visitor);
        }
    }

    private void each(Guard guard, Visitor visitor) {
        switch (guard) {
            case NAME -> failures.eachName(visitor);
            case ADDRESS -> failures.eachAddress(visitor);
            case RATE -> rate.eachBar(visitor);
        }
    }

    @Override
    public List<Bar> list(String after, int limit) {
        TreeMap<String, Bar> first = new TreeMap<>();
        each(
                (bar, lift) -> {
                    String id = bar.id();
                    if (id.compareTo(after) > 0) {
                        first.put(id, bar);
                    }
                    if (first.size() > limit) {
                        first.pollLastEntry();
                    }
                });
        return List.copyOf(first.values());
    }

    @Override
    public boolean lift(String id) {
        List<Runnable> found = new ArrayList<>();
        each(
                (bar, lift) -> {
                    if (bar.id().equals(id)) {
                        found.add(lift);
                    }
                });
        found.forEach(Runnable::run);
        return !found.isEmpty();
    }

    @Override
    public void forgive(String username) {
        failures.forgive(username);
    }

    @Override
    public long count(Guard guard) {
        long[] count = {0};
        each(guard, (bar, lift) -> count[0]++);
        return count[0];
    }

    @Override
    public long refusals(Guard guard) {
        return adder(guard).sum();
    }
}
