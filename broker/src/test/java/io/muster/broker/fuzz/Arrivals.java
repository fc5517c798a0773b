package io.muster.broker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What has arrived of the messages of each topic, which are numbered from 1 on. Checks what the
 * broker promises. Thread-safe.
 */
final class Arrivals {

    private final boolean isShared;
    private final Map<String, Set<Integer>> arrived = new HashMap<>();
    private final Map<String, Integer> last = new HashMap<>();

    private Arrivals(boolean isShared) {
        this.isShared = isShared;
    }

    /** Of one session: every message of a topic, in order. */
    static Arrivals ofOne() {
        return new Arrivals(false);
    }

    /** Of the members of a group together: every message, in whatever order. */
    static Arrivals ofGroup() {
        return new Arrivals(true);
    }

    /** A message is there, for the first time as far as its packet identifier tells. */
    synchronized void arrive(String topic, int number, int qos, boolean isDuplicate) {
        boolean isNew = arrived.computeIfAbsent(topic, key -> new HashSet<>()).add(number);
        if (qos == 2) {
            assertThat(isNew).as("%s %d comes once", topic, number).isTrue();
        }
        if (isShared) {
            return;
        }
        int before = last.getOrDefault(topic, 0);
        if (isNew) {
            assertThat(number).as("order of %s", topic).isEqualTo(before + 1);
            last.put(topic, number);
        } else {
            assertThat(isDuplicate).as("%s %d again without DUP", topic, number).isTrue();
        }
    }

    /** Whether so many of each of these topics are there. */
    synchronized boolean hasAll(Map<String, Integer> published) {
        return published.entrySet().stream()
                .allMatch(
                        topic ->
                                arrived.getOrDefault(topic.getKey(), Set.of()).size()
                                        == topic.getValue());
    }

    @Override
    public synchronized String toString() {
        Map<String, Integer> counts = new HashMap<>();
        arrived.forEach((topic, numbers) -> counts.put(topic, numbers.size()));
        return counts.toString();
    }
}
