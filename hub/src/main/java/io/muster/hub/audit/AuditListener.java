package io.muster.hub.audit;

/** Counts what becomes of audit rows. Shared by all threads; returns at once. */
public interface AuditListener {

    /** So many rows were written. */
    void written(int rows);

    /** So many rows will never be written. */
    void lost(int rows);

    /** A refusal is counted in a row together with others, since there were too many. */
    void summarized();
}
