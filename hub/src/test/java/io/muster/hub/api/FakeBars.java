package io.muster.hub.api;

import io.muster.auth.guard.Bar;
import io.muster.auth.guard.Bars;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Those are barred whom the test bars. */
final class FakeBars implements Bars {

    private final List<Bar> barred = new ArrayList<>();

    synchronized void bar(Bar bar) {
        barred.add(bar);
        barred.sort(Comparator.comparing(Bar::id));
    }

    @Override
    public synchronized List<Bar> list(String after, int limit) {
        return barred.stream().filter(bar -> bar.id().compareTo(after) > 0).limit(limit).toList();
    }

    @Override
    public synchronized boolean lift(String id) {
        return barred.removeIf(bar -> bar.id().equals(id));
    }

    @Override
    public void forgive(String username) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long count(Bar.Guard guard) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long refusals(Bar.Guard guard) {
        throw new UnsupportedOperationException();
    }
}
