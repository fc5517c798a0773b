package io.muster.devices.registry.audit;

/**
 * An entry with its number. Immutable.
 *
 * @param id greater than that of each entry written before
 * @param entry what it says
 */
public record AuditRow(long id, AuditEntry entry) {}
