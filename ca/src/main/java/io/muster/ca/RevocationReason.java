package io.muster.ca;

import java.util.Arrays;
import java.util.Optional;

/**
 * Why a certificate is revoked (RFC 5280, 5.3.1). Not there are {@code certificateHold} (6), since
 * what is revoked stays so; {@code removeFromCRL} (8), which only a delta has; and 7, which is not
 * assigned.
 */
public enum RevocationReason {
    /** No reason is told; the entry of a CRL has none then. */
    UNSPECIFIED(0),
    /** Somebody else may have the private key. */
    KEY_COMPROMISE(1),
    /** The same of a certificate authority's key. */
    CA_COMPROMISE(2),
    /** It is somebody else's, or called otherwise, now. */
    AFFILIATION_CHANGED(3),
    /** Another certificate took its place. */
    SUPERSEDED(4),
    /** It is not needed any more. */
    CESSATION_OF_OPERATION(5),
    /** Its owner may not have one any more. */
    PRIVILEGE_WITHDRAWN(9);

    private final int code;

    RevocationReason(int code) {
        this.code = code;
    }

    /** Its number in a CRL. */
    public int code() {
        return code;
    }

    /** The one with this number, if it is one of ours. */
    public static Optional<RevocationReason> of(int code) {
        return Arrays.stream(values()).filter(reason -> reason.code == code).findAny();
    }
}
