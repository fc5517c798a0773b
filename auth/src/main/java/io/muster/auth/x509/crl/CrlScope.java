package io.muster.auth.x509.crl;

/** What a list is about, if it is not about all certificates of its issuer. */
public enum CrlScope {
    /** Of devices, servers, people: of those who issue none themselves. */
    END_ENTITY,
    /** Of authorities. */
    AUTHORITY
}
