package io.muster.ca.issuance;

import java.util.List;

/**
 * A certificate is not as it should be: an error of ours. It was not signed, or, if {@link
 * #isSigned}, must not leave the house.
 */
public final class FaultyCertificateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean signed;

    FaultyCertificateException(boolean signed, List<String> faults) {
        super(
                (signed ? "signed certificate" : "certificate to be signed")
                        + " is not as it should be: "
                        + String.join("; ", faults));
        this.signed = signed;
    }

    /** Whether the issuer's key has signed it. */
    public boolean isSigned() {
        return signed;
    }
}
