package io.muster.ca.audit;

/** What a record is about. */
public enum AuditKind {
    /** The first record of all, or of a chain that follows one that is broken. */
    CHAIN,
    /** The first record of a file that follows another: names it, its length and its hash. */
    SEGMENT,
    /** A record that a crash had cut short was taken away. */
    REPAIR,
    /** Somebody asked for something. */
    REQUEST,
    /** It was granted or refused. */
    DECISION,
    /** A certificate was signed. */
    ISSUANCE,
    /** A certificate was revoked. */
    REVOCATION,
    /** A CRL was published. */
    CRL,
    /** A key was made, taken into use, or destroyed. */
    KEY,
    /** The authority was set up otherwise. */
    CONFIGURATION;

    String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
