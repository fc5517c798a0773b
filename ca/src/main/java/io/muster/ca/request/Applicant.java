package io.muster.ca.request;

import java.util.Set;

/**
 * Who a certificate is for, as is known without the request; the caller has made sure that the
 * request comes from there. Immutable.
 *
 * @param holder the name by which {@link KnownKeys} tells one holder of keys from others
 * @param commonNames each of which a request may have as its common name
 * @param organizationalUnit which a request may have beside it
 * @param uri the alternative name that the certificate will have
 */
public record Applicant(
        String holder, Set<String> commonNames, String organizationalUnit, String uri) {

    /** Checks that there is a common name. */
    public Applicant {
        commonNames = Set.copyOf(commonNames);
        if (commonNames.isEmpty()) {
            throw new IllegalArgumentException("an applicant has no common name");
        }
    }
}
