package io.muster.hub.api.certificates;

import io.javalin.http.Context;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.request.EncodedRequest;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.DeviceCaller;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.enrolment.IssuerAlgorithm;
import io.muster.hub.certificates.enrolment.Requester;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What requests about certificates say. Shared, without state. */
final class CertificateFields {

    private static final String REQUEST_KEY = "Idempotency-Key";
    private static final Pattern REQUEST_KEY_FORM = Pattern.compile("[\\x21-\\x7e]{1,200}");

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

    static RequestFields enrolment(Context ctx) {
        return RequestFields.of(ctx, List.of("csr", "validDays", "issuer"));
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

    /** Why something is revoked. */
    static RevocationReason reason(Context ctx) {
        return RequestFields.of(ctx, List.of("reason"))
                .text("reason")
                .map(CertificateFields::reason)
                .orElse(RevocationReason.UNSPECIFIED);
    }

    /** As it is called here or in RFC 5280: keyCompromise is KEY_COMPROMISE. */
    private static RevocationReason reason(String text) {
        return Arrays.stream(RevocationReason.values())
                .filter(reason -> reason != RevocationReason.CA_COMPROMISE)
                .filter(reason -> plain(reason.name()).equals(plain(text)))
                .findAny()
                .orElseThrow(
                        () ->
                                ApiProblem.badRequest(
                                        "the field 'reason' is '"
                                                + text
                                                + "'; allowed are "
                                                + Arrays.stream(RevocationReason.values())
                                                        .filter(
                                                                each ->
                                                                        each
                                                                                != RevocationReason
                                                                                        .CA_COMPROMISE)
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
