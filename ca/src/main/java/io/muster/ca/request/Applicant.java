package io.muster.ca.request;

import io.muster.ca.DeviceUrn;
import io.muster.ca.Owner;
import io.muster.ca.issuance.AlternativeName;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.Subject;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who a certificate is for, as is known without the request; the caller has made sure that the
 * request comes from there. Immutable.
 *
 * @param holder whose keys those of the certificates are
 * @param kind what the certificate is for
 * @param commonNames each of which a request may have as its common name
 * @param organizationalUnit which a request may have beside it; null for none
 * @param names the alternative names that the certificate will have
 */
public record Applicant(
        Owner holder,
        CertificateKind kind,
        Set<String> commonNames,
        @Nullable String organizationalUnit,
        List<AlternativeName> names) {

    /** Checks that there is a common name. */
    public Applicant {
        commonNames = Set.copyOf(commonNames);
        names = List.copyOf(names);
        if (commonNames.isEmpty()) {
            throw new IllegalArgumentException("an applicant has no common name");
        }
    }

    /** A device, which may be called so. */
    public static Applicant device(DeviceUrn urn, Set<String> commonNames) {
        return new Applicant(
                new Owner.Device(urn),
                CertificateKind.DEVICE,
                commonNames,
                urn.productKey(),
                List.of(AlternativeName.of(urn)));
    }

    /** A server with the names of this subject, each of which may be its common name. */
    public static Applicant server(Owner.Server server, Subject subject) {
        return new Applicant(
                server,
                CertificateKind.SERVER,
                subject.alternativeNames().stream()
                        .map(AlternativeName::value)
                        .collect(Collectors.toSet()),
                null,
                subject.alternativeNames());
    }
}
