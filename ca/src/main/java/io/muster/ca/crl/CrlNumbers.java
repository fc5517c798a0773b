package io.muster.ca.crl;

/**
 * The CRL numbers of one issuer, counted for each partition, kept for good (RFC 5280, 5.2.3).
 * Called by several threads at once; may block.
 */
public interface CrlNumbers {

    /** The highest one that was ever taken; 0 if none was. */
    long last(int partition);

    /** Takes the one after the last: when this returns, that is durable. */
    long next(int partition);
}
