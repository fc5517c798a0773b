package io.muster.hub.certificates.enrolment;

import io.muster.ca.request.EncodedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import java.util.Optional;

/**
 * That somebody wants a certificate for a device. Immutable.
 *
 * @param device whom it is for
 * @param requester who asks; whether he may was found out before
 * @param key the key that it is for: that of a request, or of {@code replaces} if it is empty
 * @param replaces the certificate in whose place it will be used
 * @param form in whose words it is asked for
 * @param wishes what else is asked for
 */
public record EnrolmentRequest(
        DeviceId device,
        Requester requester,
        Optional<EncodedRequest> key,
        Optional<CertificateId> replaces,
        EnrolmentForm form,
        Wishes wishes) {

    /**
     * What may be asked for beside the key.
     *
     * @param validDays for how many days it is to be good
     * @param requestKey what tells this request from others, if it may come again: 1 to 200
     *     characters
     * @param issuer with what kind of key it is to be signed
     */
    public record Wishes(
            Optional<Integer> validDays,
            Optional<String> requestKey,
            Optional<IssuerAlgorithm> issuer) {

        /** Nothing. */
        public static final Wishes NONE =
                new Wishes(Optional.empty(), Optional.empty(), Optional.empty());

        /** The same for so many days. */
        public Wishes withValidDays(Optional<Integer> days) {
            return new Wishes(days, requestKey, issuer);
        }

        /** The same, which may come again. */
        public Wishes withRequestKey(Optional<String> key) {
            return new Wishes(validDays, key, issuer);
        }
    }

    /**
     * Checks that there is a key.
     *
     * @throws IllegalArgumentException if there is neither a request nor a certificate
     */
    public EnrolmentRequest {
        if (key.isEmpty() && replaces.isEmpty()) {
            throw new IllegalArgumentException("there is no key that a certificate is wanted for");
        }
    }

    /** A first certificate, or another one beside those that there are. */
    public static EnrolmentRequest of(
            DeviceId device, Requester requester, EncodedRequest request, Wishes wishes) {
        return new EnrolmentRequest(
                device,
                requester,
                Optional.of(request),
                requester.certificate(),
                EnrolmentForm.OWN,
                wishes);
    }
}
