package io.muster.ca.ledger;

/** A change is not made, as it does not follow from what is written down. */
public final class LedgerConflictException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The message says which entry it is, and what is against it. */
    public LedgerConflictException(String message) {
        super(message);
    }
}
