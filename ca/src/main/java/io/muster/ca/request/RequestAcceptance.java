package io.muster.ca.request;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.request.KnownKeys.KeyHistory;
import io.muster.ca.weakkey.KeyBlocklist;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Decides whether somebody gets the certificate that he asks for. The rules are asked in this
 * order, and the first that is broken is the answer:
 *
 * <ol>
 *   <li>size and form of what was sent, which {@link EncodedRequest} has looked at; who sent it and
 *       whether he may have a certificate at all, which the caller has
 *   <li>a PKCS#10 request of version 0, strictly (RFC 2986)
 *   <li>the key: algorithm, size or curve, known weaknesses
 *   <li>the signature: an algorithm that is allowed, made with this key
 *   <li>the key is not somebody else's, not compromised, not in use but for the same request
 *   <li>subject and extensions ask for nothing that the applicant will not get
 *   <li>the lifetime is allowed, and the issuer lives as long
 * </ol>
 *
 * <p>Whatever the bytes are, nothing but {@link RequestRefusedException} comes of them, within some
 * milliseconds. Shared by threads. It uses a processor for a quarter of a millisecond (4,400
 * requests with RSA-2048 a second on one core) and asks {@link KnownKeys}, so it is not for event
 * loops.
 */
public final class RequestAcceptance {

    private final PublicKeyRules keyRules;
    private final KnownKeys knownKeys;
    private final Clock clock;

    /**
     * One that knows these keys.
     *
     * @param blocklist keys that nobody gets a certificate for
     * @param knownKeys what is known of all others
     * @param clock to count lifetimes from
     */
    public RequestAcceptance(KeyBlocklist blocklist, KnownKeys knownKeys, Clock clock) {
        this.keyRules = new PublicKeyRules(blocklist);
        this.knownKeys = knownKeys;
        this.clock = clock;
    }

    /**
     * What is taken over from a request that breaks no rule.
     *
     * @param applicant who sent it, without any doubt
     * @param policy what is allowed for him
     * @param terms what he says beside it
     * @param issuerEnd when the certificate of the issuer expires
     * @throws RequestRefusedException if it breaks one
     */
    public AcceptedRequest accept(
            EncodedRequest encoded,
            Applicant applicant,
            RequestPolicy policy,
            RequestTerms terms,
            Instant issuerEnd)
            throws RequestRefusedException {
        CertificationRequest request = encoded.read();
        CertificationRequestInfo info = request.getCertificationRequestInfo();
        CandidateKey key = keyRules.check(info.getSubjectPublicKeyInfo(), policy.keyKinds());
        ProofOfPossession.check(request, key);
        checkHistory(history(key, applicant, terms), applicant, policy);
        policy.subject().check(info.getSubject(), applicant);
        ExtensionRules.check(info.getAttributes(), applicant, key.encoded());
        Duration granted = terms.lifetime().orElse(policy.standard());
        checkLifetime(granted, policy, issuerEnd);
        return new AcceptedRequest(key, granted);
    }

    /**
     * The same for another certificate without a new request: for the key of one that the applicant
     * has, of which he proved then that it is his.
     *
     * @param ofCertificate the key as it is in that certificate
     * @throws RequestRefusedException if it breaks a rule that is not about requests, or the key is
     *     not his
     */
    public AcceptedRequest acceptRenewal(
            SubjectPublicKeyInfo ofCertificate,
            Applicant applicant,
            RequestPolicy policy,
            RequestTerms terms,
            Instant issuerEnd)
            throws RequestRefusedException {
        CandidateKey key = keyRules.check(ofCertificate, policy.keyKinds());
        KeyHistory history = history(key, applicant, terms);
        checkHistory(history, applicant, policy);
        if (history.holder().isEmpty()) {
            throw new RequestRefusedException(
                    RefusalCode.CSR_SIGNATURE,
                    "You have no certificate for this key, so a certification request is needed that"
                            + " is signed with its private half.");
        }
        Duration granted = terms.lifetime().orElse(policy.standard());
        checkLifetime(granted, policy, issuerEnd);
        return new AcceptedRequest(key, granted);
    }

    private KeyHistory history(CandidateKey key, Applicant applicant, RequestTerms terms) {
        return knownKeys.historyOf(key.hash(), applicant.holder(), terms.requestKey());
    }

    private static void checkHistory(KeyHistory history, Applicant applicant, RequestPolicy policy)
            throws RequestRefusedException {
        boolean foreign = history.holder().filter(h -> !h.equals(applicant.holder())).isPresent();
        if (foreign) {
            throw new RequestRefusedException(
                    RefusalCode.KEY_REUSED,
                    "This key is in use elsewhere. Make a new key pair; each holder has its own.");
        }
        if (history.compromised()) {
            throw new RequestRefusedException(
                    RefusalCode.KEY_COMPROMISED,
                    "A certificate for this key was revoked since the key is compromised. Make a"
                            + " new key pair.");
        }
        // Who asks again since no answer came gets the certificate that was made for him.
        if (history.inUse() && !history.requested() && !policy.sameKeyRenewal()) {
            throw new RequestRefusedException(
                    RefusalCode.KEY_REUSED,
                    "This is the key of your present certificate. Make a new key pair for the next"
                            + " one.");
        }
    }

    private void checkLifetime(Duration lifetime, RequestPolicy policy, Instant issuerEnd)
            throws RequestRefusedException {
        if (lifetime.compareTo(policy.shortest()) < 0 || lifetime.compareTo(policy.longest()) > 0) {
            throw new RequestRefusedException(
                    RefusalCode.VALIDITY_RANGE,
                    "A certificate is valid for at least "
                            + inWords(policy.shortest())
                            + " and at most "
                            + inWords(policy.longest())
                            + ", not for "
                            + inWords(lifetime)
                            + ".");
        }
        Duration left = Duration.between(clock.instant(), issuerEnd);
        if (lifetime.compareTo(left) > 0) {
            throw new RequestRefusedException(
                    RefusalCode.VALIDITY_RANGE,
                    "A certificate of this issuer is valid until "
                            + issuerEnd
                            + " at most, which is less than "
                            + inWords(lifetime)
                            + " from now.");
        }
    }

    private static String inWords(Duration duration) {
        if (duration.compareTo(Duration.ofHours(2)) < 0) {
            return duration.toMinutes() + " minutes";
        }
        return duration.compareTo(Duration.ofDays(2)) < 0
                ? duration.toHours() + " hours"
                : duration.toDays() + " days";
    }
}
