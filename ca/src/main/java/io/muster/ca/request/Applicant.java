package io.muster.ca.request;

import io.muster.ca.Owner;
import java.util.Set;

/**
 * Who a certificate is for, as is known without the request; the caller has made sure that the
 * request comes from there. Immutable.
 *
 * @param holder whose keys those of the certificates are
 * @param commonNames each of which a request may have as its common name
 * @param organizationalUnit which a request may have beside it
 * @param uri the alternative name that the certificate will have
 */
public record Applicant(
        Owner holder, Set<String> commonNames, String organizationalUnit, String uri) {

    /** Checks that there is a common name. */
    public Applicant {
        commonNames = Set.copyOf(commonNames);
        if (commonNames.isEmpty()) {
            throw new IllegalArgumentException("an applicant has no common name");
        }
    }
}
