package io.muster.ca.audit;

/**
 * The chain is not as it was written: a record was changed, moved or taken away. The message names
 * the file, the record, the byte at which it begins, and what is wrong with it.
 */
public final class AuditChainBrokenException extends Exception {

    private static final long serialVersionUID = 1L;

    AuditChainBrokenException(String message) {
        super(message);
    }
}
