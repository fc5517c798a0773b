package io.muster.benchmarks.memory;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What a process holds in memory at one moment, after a full collection.
 *
 * @param heapBytes live bytes of the heap
 * @param directBytes bytes outside of it: direct buffers of Java, and what Netty's allocator holds
 * @param classes live objects by the name of their class
 */
record LiveHeap(long heapBytes, long directBytes, Map<String, ClassUse> classes) {

    private static final String[] NO_OPTIONS = {};

    /**
     * By what collectors fill gaps between objects, before JDK 21, in 21 and since; no session has
     * any, and how many there are differs from run to run.
     */
    private static final Set<String> FILLERS =
            Set.of(
                    "[I",
                    "jdk.internal.vm.FillerArray",
                    "[Ljdk.internal.vm.FillerElement;",
                    "jdk.internal.vm.FillerObject");

    /** A row of the histogram: number, objects, bytes, class. */
    private static final Pattern ROW =
            Pattern.compile("\\d+:\\s+(?<count>\\d+)\\s+(?<bytes>\\d+)\\s+(?<name>\\S+)");

    /**
     * Objects of one class.
     *
     * @param count how many, or of a difference how many more for each session
     * @param bytes what they take themselves, without what they refer to
     */
    record ClassUse(double count, double bytes) {

        static final ClassUse NONE = new ClassUse(0, 0);

        private ClassUse since(ClassUse before, int sessions) {
            return new ClassUse(
                    (count - before.count) / sessions, (bytes - before.bytes) / sessions);
        }
    }

    /** Collects, twice, and looks. Blocks for as long as that takes. */
    static LiveHeap now() {
        System.gc();
        Map<String, ClassUse> classes = histogram(); // collects once more
        long heapBytes = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return new LiveHeap(heapBytes, directMemory(), classes);
    }

    private static long directMemory() {
        long bytes =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
        return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
                ? bytes + provider.metric().usedDirectMemory()
                : bytes;
    }

    private static Map<String, ClassUse> histogram() {
        try {
            String table =
                    (String)
                            ManagementFactory.getPlatformMBeanServer()
                                    .invoke(
                                            new ObjectName(
                                                    "com.sun.management:type=DiagnosticCommand"),
                                            "gcClassHistogram",
                                            new Object[] {NO_OPTIONS},
                                            new String[] {String[].class.getName()});
            return parse(table.lines().map(String::strip).toList());
        } catch (JMException e) {
            throw new IllegalStateException("this JVM has no class histogram", e);
        }
    }

    /** Lines like {@code 1: 4023 321840 [B (java.base@17)}, with others before and behind them. */
    private static Map<String, ClassUse> parse(List<String> lines) {
        Map<String, ClassUse> classes = new HashMap<>();
        for (String line : lines) {
            Matcher row = ROW.matcher(line);
            if (row.lookingAt() && !FILLERS.contains(row.group("name"))) {
                ClassUse objects =
                        new ClassUse(
                                Long.parseLong(row.group("count")),
                                Long.parseLong(row.group("bytes")));
                // A lambda's class has a number behind its name, which differs from run to run.
                classes.merge(
                        row.group("name").replaceAll("\\$\\$Lambda.*", "\\$\\$Lambda"),
                        objects,
                        (one, other) ->
                                new ClassUse(one.count + other.count, one.bytes + other.bytes));
            }
        }
        return classes;
    }

    /** What is here and was not there before, for each of so many sessions. */
    LiveHeap since(LiveHeap before, int sessions) {
        Map<String, ClassUse> each = new HashMap<>();
        classes.forEach(
                (name, objects) ->
                        each.put(
                                name,
                                objects.since(
                                        before.classes.getOrDefault(name, ClassUse.NONE),
                                        sessions)));
        return new LiveHeap(
                (heapBytes - before.heapBytes) / sessions,
                (directBytes - before.directBytes) / sessions,
                each);
    }

    /** Bytes of all objects. */
    double objectBytes() {
        return classes.values().stream().mapToDouble(ClassUse::bytes).sum();
    }
}
