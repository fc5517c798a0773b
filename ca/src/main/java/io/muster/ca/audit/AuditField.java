package io.muster.ca.audit;

/**
 * What a record may tell. There is no field for anything secret, and none for whole requests or
 * certificates: their hashes tell them apart.
 */
public enum AuditField {
    /** Who signs: the name of the issuer. */
    ISSUER("issuer"),
    /** Whom a certificate is for. */
    SUBJECT("subject"),
    /** Who asked or acted: an operator, a device, the authority itself. */
    ACTOR("actor"),
    /** From where they did. */
    SOURCE("source"),
    /** Which profile a certificate has. */
    PROFILE("profile"),
    /** A certificate's serial number. */
    SERIAL("serial"),
    /** The SHA-256 of a certificate. */
    FINGERPRINT("fingerprint"),
    /** The SHA-256 of a public key. */
    PUBLIC_KEY("publicKey"),
    /** The SHA-256 of something else. */
    SHA256("sha256"),
    /** What is decided, or what happened to a key. */
    OUTCOME("outcome"),
    /** The code of a refusal. */
    CODE("code"),
    /** Why something is revoked. */
    REASON("reason"),
    /** From when. */
    NOT_BEFORE("notBefore"),
    /** Until when. */
    NOT_AFTER("notAfter"),
    /** The partition of a CRL. */
    PARTITION("partition"),
    /** The number of a CRL. */
    NUMBER("number"),
    /** How many there are in it. */
    ENTRIES("entries"),
    /** How many bytes. */
    BYTES("bytes"),
    /** The name of a file. */
    FILE("file"),
    /** Which setting is another; not what it is. */
    SETTING("setting"),
    /** A sentence. */
    DETAIL("detail");

    private final String word;

    AuditField(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
