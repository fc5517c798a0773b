package io.muster.ca.authority;

import io.muster.ca.audit.AuditEvent;
import io.muster.ca.audit.AuditHead;
import io.muster.ca.audit.AuditLog;
import io.muster.ca.audit.AuditUnwritableException;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Acts that were recorded, as texts; durable as long as a test. */
final class AuditedActs implements AuditLog {

    private final Queue<String> acts = new ConcurrentLinkedQueue<>();
    private final AtomicLong count = new AtomicLong();
    private volatile boolean full;

    /** Nothing can be recorded any more. */
    void fill() {
        full = true;
    }

    /** What was recorded, of one kind or which else a part of its text tells. */
    List<String> about(String part) {
        return acts.stream().filter(act -> act.contains(part)).toList();
    }

    @Override
    public AuditHead append(AuditEvent... events) {
        for (AuditEvent event : events) {
            note(event);
        }
        return new AuditHead(count.get(), "0".repeat(64));
    }

    @Override
    public void note(AuditEvent event) {
        if (full) {
            throw new AuditUnwritableException("no room", new IOException("no room"));
        }
        acts.add(event.toString());
        count.incrementAndGet();
    }
}
