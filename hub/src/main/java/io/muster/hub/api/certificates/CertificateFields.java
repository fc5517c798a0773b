package io.muster.hub.api.certificates;

import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.request.EncodedRequest;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.DeviceCaller;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.enrolment.IssuerAlgorithm;
import io.muster.hub.certificates.enrolment.Requester;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What requests about certificates say. Shared, without state. */
final class CertificateFields {

    private static final String REASON = "reason";
    private static final String COMPROMISED_AT = "compromisedAt";
    private static final Set<RevocationReason> OF_DEVICES =
            EnumSet.complementOf(EnumSet.of(RevocationReason.CA_COMPROMISE));
    private static final String REQUEST_KEY = "Idempotency-Key";
    private static final Pattern REQUEST_KEY_FORM = Pattern.compile("[\\x21-\\x7e]{1,200}");

    private static final int TOO_LARGE = 413;

    /** Any number that is meant as days: the rules say which ones are allowed. */
    private static final int DAYS_MAX = 1_000_000;

    private CertificateFields() {}

    /** Who asks. */
    static Requester requester(Context ctx) {
        return DeviceCaller.of(ctx)
                .map(
                        device ->
                                device.certificate()
                                        .map(by -> Requester.device(device.id(), by))
                                        .orElseGet(() -> Requester.device(device.id())))
                .orElseGet(() -> Requester.operator(Caller.of(ctx).actor()));
    }

    /**
     * The serial number in the path, as the registry has it, however it is written there: openssl,
     * for one, leaves out the octets before it that are zero.
     *
     * @throws ApiProblem 400 if it is none
     */
    static String serial(Context ctx) {
        return Problems.unlessInvalid(() -> CertificateId.serialOf(ctx.pathParam("serial")));
    }

    /**
     * What a request for a certificate says.
     *
     * @throws RequestRefusedException if it says too much
     */
    static RequestFields enrolment(Context ctx) {
        return tooLarge(() -> RequestFields.of(ctx, List.of("csr", "validDays", "issuer")));
    }

    /** That the HTTP server takes no such body is told by the code for it. */
    private static RequestFields tooLarge(Supplier<RequestFields> reading) {
        try {
            return reading.get();
        } catch (HttpResponseException refused) {
            if (refused.getStatus() != TOO_LARGE) {
                throw refused;
            }
            throw new RequestRefusedException(
                    RefusalCode.CSR_TOO_LARGE,
                    "the body is larger than " + RequestFields.BODY_BYTES_MAX + " bytes");
        }
    }

    /** The certificate that is to be bound. */
    static String certificate(Context ctx) {
        return RequestFields.of(ctx, List.of("certificate"))
                .text("certificate")
                .orElseThrow(
                        () ->
                                new RequestRefusedException(
                                        RefusalCode.CERTIFICATE_MALFORMED,
                                        "the field 'certificate' is missing; it is a certificate in"
                                                + " PEM"));
    }

    /** The request for a certificate, of which no more is known than that it is one of DER. */
    static EncodedRequest csr(RequestFields fields) {
        return optionalCsr(fields)
                .orElseThrow(
                        () ->
                                new RequestRefusedException(
                                        RefusalCode.CSR_MALFORMED,
                                        "the field 'csr' is missing; it is a certification request"
                                                + " in PEM"));
    }

    static Optional<EncodedRequest> optionalCsr(RequestFields fields) {
        return fields.text("csr").map(EncodedRequest::of);
    }

    static Wishes wishes(Context ctx, RequestFields fields) {
        OptionalInt days = fields.wholeNumber("validDays", -DAYS_MAX, DAYS_MAX);
        return new Wishes(
                days.isPresent() ? Optional.of(days.getAsInt()) : Optional.empty(),
                requestKey(ctx),
                fields.text("issuer").map(CertificateFields::issuer));
    }

    private static Optional<String> requestKey(Context ctx) {
        String key = ctx.header(REQUEST_KEY);
        if (key != null && !REQUEST_KEY_FORM.matcher(key).matches()) {
            throw ApiProblem.badRequest(
                    "the header " + REQUEST_KEY + " must be 1 to 200 visible characters of ASCII");
        }
        return Optional.ofNullable(key);
    }

    private static IssuerAlgorithm issuer(String text) {
        return Arrays.stream(IssuerAlgorithm.values())
                .filter(algorithm -> algorithm.name().equals(text))
                .findAny()
                .orElseThrow(
                        () ->
                                ApiProblem.badRequest(
                                        "the field 'issuer' must be RSA or EC, not '"
                                                + text
                                                + "'"));
    }

    /** Why several certificates of devices are revoked. */
    static RevocationReason reason(Context ctx) {
        return reason(ctx, OF_DEVICES);
    }

    /** Why something is revoked, for one of these reasons. */
    static RevocationReason reason(Context ctx, Set<RevocationReason> allowed) {
        return reason(RequestFields.of(ctx, List.of(REASON)), allowed);
    }

    private static RevocationReason reason(RequestFields fields, Set<RevocationReason> allowed) {
        return fields.text(REASON)
                .map(text -> reason(text, allowed))
                .orElse(RevocationReason.UNSPECIFIED);
    }

    /**
     * Why one is revoked.
     *
     * @param since since when others may know its key, if that is why: what was got by means of it
     *     before stays
     */
    record Ending(RevocationReason reason, Instant since) {}

    static Ending ending(Context ctx, Instant now) {
        RequestFields fields = RequestFields.of(ctx, List.of(REASON, COMPROMISED_AT));
        RevocationReason reason = reason(fields, OF_DEVICES);
        Instant since =
                fields.text(COMPROMISED_AT)
                        .map(text -> since(text, reason, now))
                        .orElse(Instant.MIN);
        return new Ending(reason, since);
    }

    private static Instant since(String text, RevocationReason reason, Instant now) {
        if (reason != RevocationReason.KEY_COMPROMISE) {
            throw ApiProblem.badRequest(
                    "the field '" + COMPROMISED_AT + "' is for the reason KEY_COMPROMISE only");
        }
        try {
            Instant since = Instant.parse(text);
            if (since.isAfter(now)) {
                throw ApiProblem.badRequest(
                        "the field '%s' is %s, but it is %s now"
                                .formatted(COMPROMISED_AT, since, now));
            }
            return since;
        } catch (DateTimeParseException e) {
            throw ApiProblem.badRequest(
                    "the field '%s' is '%s', but must be a time such as 2030-01-31T00:00:00Z"
                            .formatted(COMPROMISED_AT, text));
        }
    }

    /** As it is called here or in RFC 5280: keyCompromise is KEY_COMPROMISE. */
    private static RevocationReason reason(String text, Set<RevocationReason> allowed) {
        return allowed.stream()
                .filter(reason -> plain(reason.name()).equals(plain(text)))
                .findAny()
                .orElseThrow(
                        () ->
                                ApiProblem.badRequest(
                                        "the field 'reason' is '"
                                                + text
                                                + "'; allowed are "
                                                + allowed.stream()
                                                        .map(RevocationReason::name)
                                                        .collect(Collectors.joining(", "))));
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** What {@code work} gives; that it is refused is told to the audit log by its code. */
    static <T> T told(Context ctx, Supplier<T> work) {
        try {
            return work.get();
        } catch (RequestRefusedException refused) {
            Acts.detail(ctx, refused.code() + ": " + refused.getMessage());
            throw refused;
        }
    }
}
