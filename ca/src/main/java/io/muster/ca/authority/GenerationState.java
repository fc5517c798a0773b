package io.muster.ca.authority;

/** What a generation of an authority is there for at one time. */
public enum GenerationState {
    /** Made, and trusted, and issues nothing yet. */
    NEXT,
    /** Issues. */
    ACTIVE,
    /** Issued before; what it has issued is good, and it signs revocation lists. */
    PREVIOUS,
    /** What it has issued is not to be taken any more; it still signs revocation lists. */
    RETIRED,
    /** Its own certificate is revoked, or its root's, and with it all that it has issued. */
    REVOKED
}
