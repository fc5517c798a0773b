package io.muster.hub.certificates.ocsp;

import io.muster.broker.net.tls.ServerCertificate;
import io.muster.ca.ocsp.OcspAnswer;
import io.muster.ca.ocsp.OcspResponder;
import io.muster.ca.ocsp.OcspStatus;
import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers of the responder about the hub's own certificates, at hand for handshakes. Asked for
 * by event loops, which never wait: of a certificate that nobody has asked for before there is none
 * yet. Looked up again when half of their time is over, by the thread of the responder. Shared.
 */
final class Staples {

    private static final Logger log = LoggerFactory.getLogger(Staples.class);

    /** More certificates than a server shows at a time, those of before a renewal included. */
    private static final int CERTIFICATES_MAX = 64;

    private final Clock clock;
    private final Runnable refreshSoon;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Map<X509Certificate, Staple> staples = new ConcurrentHashMap<>();

    /**
     * None yet.
     *
     * @param refreshSoon has {@link #refresh} called by another thread
     */
    Staples(Clock clock, Runnable refreshSoon) {
        this.clock = clock;
        this.refreshSoon = refreshSoon;
    }

    /**
     * What is known of a certificate.
     *
     * @param answer empty if there was none
     */
    private record Staple(ServerCertificate certificate, Optional<OcspAnswer> answer) {

        private Optional<byte[]> good(Instant now) {
            return answer.filter(each -> now.isBefore(until(each))).map(OcspAnswer::encoded);
        }
    }

    /** The answer about a certificate, if there is one that is good now. */
    Optional<byte[]> of(ServerCertificate certificate) {
        X509Certificate own = certificate.chain().get(0);
        Staple staple = staples.get(own);
        if (staple != null) {
            return staple.good(clock.instant());
        }
        if (staples.size() < CERTIFICATES_MAX) {
            staples.putIfAbsent(own, new Staple(certificate, Optional.empty()));
            if (asked.compareAndSet(false, true)) {
                refreshSoon.run();
            }
        }
        return Optional.empty();
    }

    /** Asks for all of them, and forgets those whose certificates have expired. Blocks. */
    void refresh(OcspResponder responder) {
        asked.set(false);
        Instant now = clock.instant();
        List<X509Certificate> expired = new ArrayList<>();
        staples.forEach(
                (certificate, staple) -> {
                    if (now.isAfter(certificate.getNotAfter().toInstant())) {
                        expired.add(certificate);
                    } else {
                        request(staple.certificate())
                                .flatMap(request -> answered(responder.answer(request)))
                                .ifPresent(
                                        answer ->
                                                staples.put(
                                                        certificate,
                                                        new Staple(
                                                                staple.certificate(),
                                                                Optional.of(answer))));
                    }
                });
        expired.forEach(staples::remove);
    }

    /** Of certificates that others have issued the responder knows nothing, and says so. */
    private static Optional<OcspAnswer> answered(OcspAnswer answer) {
        if (answer.status() != OcspStatus.SUCCESSFUL
                && answer.status() != OcspStatus.UNAUTHORIZED) {
            log.warn("no OCSP answer about a certificate of the server: {}", answer.detail());
        }
        return Optional.of(answer).filter(each -> each.status() == OcspStatus.SUCCESSFUL);
    }

    private static Instant until(OcspAnswer answer) {
        return answer.validity().map(OcspAnswer.Validity::nextUpdate).orElse(Instant.MIN);
    }

    /** The question; empty if the certificate comes without its issuer's. */
    private static Optional<byte[]> request(ServerCertificate certificate) {
        if (certificate.chain().size() < 2) {
            return Optional.empty();
        }
        try {
            DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
            CertificateID id =
                    new CertificateID(
                            digests.get(CertificateID.HASH_SHA1),
                            new X509CertificateHolder(certificate.chain().get(1).getEncoded()),
                            certificate.chain().get(0).getSerialNumber());
            return Optional.of(new OCSPReqBuilder().addRequest(id).build().getEncoded());
        } catch (OperatorCreationException
                | OCSPException
                | CertificateEncodingException
                | IOException e) {
            throw new IllegalStateException("a question of two hashes cannot be encoded", e);
        }
    }
}
