package io.muster.ca.ocsp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.util.encoders.Hex;

/**
 * Answers that need not be signed again, since nothing has changed and they are still good for half
 * of their time (RFC 5019, 4). Those with a nonce are not kept: nobody else asks the same. Shared
 * by threads.
 */
final class RecentAnswers {

    /** About 5 MB, with keys that sign by 256 bytes. */
    private static final int MAX_ENTRIES = 4096;

    /** What was used longest ago comes first. */
    private final Map<String, Kept> answers =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
                    return size() > MAX_ENTRIES;
                }
            };

    /** An answer that is as true now as when it was signed. */
    Optional<OcspAnswer> find(OcspRequest request, List<CertificateState> states, Instant now) {
        if (!isKept(request, states)) {
            return Optional.empty();
        }
        Kept kept;
        synchronized (answers) {
            kept = answers.get(key(request));
        }
        return kept != null && kept.states.equals(states) && kept.isFreshAt(now)
                ? Optional.of(kept.answer)
                : Optional.empty();
    }

    void keep(OcspRequest request, List<CertificateState> states, OcspAnswer answer) {
        Optional<OcspAnswer.Validity> validity = answer.validity();
        if (validity.isPresent() && isKept(request, states)) {
            Kept kept = new Kept(List.copyOf(states), answer, validity.get());
            synchronized (answers) {
                answers.put(key(request), kept);
            }
        }
    }

    /**
     * Who asks about several at once asks what nobody else does; and of numbers that were never
     * given there are more than can be kept.
     */
    private static boolean isKept(OcspRequest request, List<CertificateState> states) {
        return request.nonce().isEmpty()
                && request.certificates().size() == 1
                && states.get(0).isIssued()
                && isPlain(request.certificates().get(0));
    }

    /** What tells nothing but which certificate it is cannot be written in many ways. */
    private static boolean isPlain(CertID id) {
        ASN1Encodable parameters = id.getHashAlgorithm().getParameters();
        return parameters == null || DERNull.INSTANCE.equals(parameters);
    }

    private static String key(OcspRequest request) {
        CertID id = request.certificates().get(0);
        try {
            return Hex.toHexString(id.getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException("certificate identifier cannot be encoded", e);
        }
    }

    private record Kept(
            List<CertificateState> states, OcspAnswer answer, OcspAnswer.Validity validity) {

        /** Not before it began either, which happens when a clock is put back. */
        boolean isFreshAt(Instant now) {
            Duration all = Duration.between(validity.thisUpdate(), validity.nextUpdate());
            return !now.isBefore(validity.thisUpdate())
                    && now.isBefore(validity.thisUpdate().plus(all.dividedBy(2)));
        }
    }
}
