package io.muster.ca.ocsp;

import io.muster.ca.RevocationReason;
import io.muster.ca.key.KeyUnusableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.ocsp.RevokedInfo;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers OCSP requests about the certificates of some issuers. Shared by threads. Blocks: it looks
 * up each certificate, and signs unless it has just answered the same.
 *
 * <p>A request is of at most 8 KiB and about at most 16 certificates. All that it asks is answered
 * by one signature, of the issuer of the first certificate that is known; what is of others is
 * "unknown" in it. A request with a nonce costs a signature each time, so only some are signed at
 * once; who comes besides is told to try later. Whoever lets strangers ask bounds how often.
 */
public final class OcspResponder {

    /** For how long an answer is good unless something else is said. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofHours(1);

    private static final Logger log = LoggerFactory.getLogger(OcspResponder.class);

    /** By how much {@code thisUpdate} is dated back, for clients whose clock is slow. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    private final List<OcspIssuer> issuers;
    private final Duration lifetime;
    private final Clock clock;
    private final RecentAnswers recent;
    private final Semaphore signing;

    /**
     * @param issuers of which the first that a request names signs
     * @param lifetime for how long an answer is good: for so long a client may take what is revoked
     *     meanwhile for good; at least a minute
     */
    public OcspResponder(List<OcspIssuer> issuers, Duration lifetime, Clock clock) {
        this(issuers, lifetime, clock, 2 * Runtime.getRuntime().availableProcessors());
    }

    /** One that signs so many answers at once at most. */
    OcspResponder(List<OcspIssuer> issuers, Duration lifetime, Clock clock, int atOnce) {
        if (lifetime.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException(
                    "OCSP answers live for " + lifetime + "; at least PT1M is allowed");
        }
        this.issuers = List.copyOf(issuers);
        this.lifetime = lifetime;
        this.clock = clock;
        this.recent = new RecentAnswers();
        this.signing = new Semaphore(atOnce);
    }

    /** Answers the body of a POST; never fails. */
    public OcspAnswer answer(byte[] request) {
        try {
            return answer(OcspRequest.read(request));
        } catch (OcspRefusedException e) {
            return refusal(e.status(), String.valueOf(e.getMessage()));
        }
    }

    /**
     * Answers a GET; never fails.
     *
     * @param path what comes after the responder's own address and a slash, as it was sent, with
     *     its escapes
     */
    public OcspAnswer answerPath(String path) {
        try {
            return answer(OcspRequest.readPath(path));
        } catch (OcspRefusedException e) {
            return refusal(e.status(), String.valueOf(e.getMessage()));
        }
    }

    /** What is told to those whom nobody has time for. */
    public OcspAnswer tryLater() {
        return refusal(OcspStatus.TRY_LATER, "too many ask at once");
    }

    private OcspAnswer answer(OcspRequest request) throws OcspRefusedException {
        OcspIssuer issuer = issuerOf(request);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        if (!issuer.signer().isValidAt(now)) {
            throw new OcspRefusedException(
                    OcspStatus.INTERNAL_ERROR,
                    "the certificate of %s is not valid now"
                            .formatted(issuer.signer().certificate().getSubject()));
        }
        List<CertificateState> states = states(issuer, request);
        Optional<OcspAnswer> before = recent.find(request, states, now);
        if (before.isPresent()) {
            return before.get();
        }
        if (!signing.tryAcquire()) {
            throw new OcspRefusedException(
                    OcspStatus.TRY_LATER, "as many answers as may be are being signed");
        }
        OcspAnswer answer;
        try {
            answer = signed(issuer, request, states, now);
        } finally {
            signing.release();
        }
        recent.keep(request, states, answer);
        return answer;
    }

    private OcspIssuer issuerOf(OcspRequest request) throws OcspRefusedException {
        for (CertID id : request.certificates()) {
            for (OcspIssuer issuer : issuers) {
                if (issuer.isNamedBy(id)) {
                    return issuer;
                }
            }
        }
        throw new OcspRefusedException(
                OcspStatus.UNAUTHORIZED, "it asks about certificates of nobody known here");
    }

    private static List<CertificateState> states(OcspIssuer issuer, OcspRequest request)
            throws OcspRefusedException {
        List<CertificateState> states = new ArrayList<>();
        try {
            for (CertID id : request.certificates()) {
                states.add(issuer.state(id));
            }
        } catch (RuntimeException e) {
            log.error("state of certificates cannot be looked up", e);
            throw new OcspRefusedException(
                    OcspStatus.TRY_LATER, "states cannot be looked up: " + e.getMessage());
        }
        return states;
    }

    private OcspAnswer signed(
            OcspIssuer issuer, OcspRequest request, List<CertificateState> states, Instant now)
            throws OcspRefusedException {
        OcspAnswer.Validity validity = validity(issuer.signer(), now);
        BasicOCSPRespBuilder response = new BasicOCSPRespBuilder(issuer.signer().id());
        for (int i = 0; i < states.size(); i++) {
            response.addResponse(
                    new CertificateID(request.certificates().get(i)),
                    status(states.get(i)),
                    Date.from(validity.thisUpdate()),
                    Date.from(validity.nextUpdate()));
        }
        request.nonce().ifPresent(nonce -> response.setResponseExtensions(new Extensions(nonce)));
        try {
            Object signed =
                    response.build(
                            issuer.signer().key().signer(),
                            issuer.signer().chain(),
                            Date.from(now));
            byte[] encoded =
                    new OCSPRespBuilder().build(OcspStatus.SUCCESSFUL.code(), signed).getEncoded();
            return OcspAnswer.signed(encoded, validity, request.nonce().isEmpty());
        } catch (KeyUnusableException | OCSPException | IOException e) {
            log.error("OCSP answer cannot be signed", e);
            throw new OcspRefusedException(
                    OcspStatus.INTERNAL_ERROR, "it cannot be signed: " + e.getMessage());
        }
    }

    /** Never longer than the certificate with which it is checked. */
    private OcspAnswer.Validity validity(OcspSigner signer, Instant now) {
        Instant end = now.plus(lifetime);
        return new OcspAnswer.Validity(
                now.minus(SKEW), end.isBefore(signer.notAfter()) ? end : signer.notAfter());
    }

    private static CertificateStatus status(CertificateState state) {
        if (state.revocation().isPresent()) {
            return revoked(state.revocation().get());
        }
        return state.isIssued() ? CertificateStatus.GOOD : new UnknownStatus();
    }

    /** Without a reason where none is told, as on a CRL. */
    private static RevokedStatus revoked(CertificateState.Revocation revocation) {
        ASN1GeneralizedTime at =
                new ASN1GeneralizedTime(Date.from(revocation.at().truncatedTo(ChronoUnit.SECONDS)));
        RevocationReason reason = revocation.reason();
        return new RevokedStatus(
                new RevokedInfo(
                        at,
                        reason == RevocationReason.UNSPECIFIED
                                ? null
                                : CRLReason.lookup(reason.code())));
    }

    private static OcspAnswer refusal(OcspStatus status, String detail) {
        try {
            byte[] encoded = new OCSPRespBuilder().build(status.code(), null).getEncoded();
            return OcspAnswer.refused(status, encoded, detail);
        } catch (OCSPException | IOException e) {
            throw new UncheckedIOException(new IOException("five bytes cannot be encoded", e));
        }
    }
}
