package io.muster.broker.pace;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A timer driven by hand. */
final class HandTimer implements Timer {

    private final List<Task> tasks = new ArrayList<>();
    private long nowMillis;

    private record Task(long dueMillis, Runnable work) {}

    @Override
    public Runnable schedule(Runnable work, long delayMillis) {
        Task task = new Task(nowMillis + delayMillis, work);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    @Override
    public long nowNanos() {
        return TimeUnit.MILLISECONDS.toNanos(nowMillis);
    }

    /** Lets time pass, by the millisecond; what is due runs. */
    void advance(long millis) {
        for (long i = 0; i < millis; i++) {
            nowMillis++;
            List<Task> due = tasks.stream().filter(task -> task.dueMillis <= nowMillis).toList();
            tasks.removeAll(due);
            due.forEach(task -> task.work.run());
        }
    }

    /** Tasks that wait. */
    int waiting() {
        return tasks.size();
    }
}
