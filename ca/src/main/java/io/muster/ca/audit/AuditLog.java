package io.muster.ca.audit;

/** Where acts are recorded, in their order. Shared by threads; it may block. */
public interface AuditLog {

    /**
     * Records events, in this order and with nothing between them. When this returns, they are
     * durable.
     *
     * @return where the record ends with them
     * @throws AuditUnwritableException if they may not be
     */
    AuditHead append(AuditEvent... events);

    /**
     * Records an event that a crash may take away until something is appended after it: where so
     * many come that each cannot wait for the disk.
     *
     * @throws AuditUnwritableException if it may not be
     */
    void note(AuditEvent event);
}
