package io.muster.ca.audit;

/**
 * The last record of a chain: whoever knows it can tell that none before it was changed.
 *
 * @param sequence the number of the record, from 1; 0 before there is one
 * @param sha256 the hash of the record, 64 hexadecimal digits
 */
public record AuditHead(long sequence, String sha256) {

    /** Before the first record. */
    static final AuditHead NONE = new AuditHead(0, "0".repeat(64));

    @Override
    public String toString() {
        return sequence + ":" + sha256;
    }
}
