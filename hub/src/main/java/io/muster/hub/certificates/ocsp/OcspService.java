package io.muster.hub.certificates.ocsp;

import io.muster.broker.net.tls.ServerCertificate;
import io.muster.ca.IssuerId;
import io.muster.ca.authority.CertificateAuthority;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.view.LedgerStates;
import io.muster.ca.ocsp.CertificateStates;
import io.muster.ca.ocsp.OcspIssuer;
import io.muster.ca.ocsp.OcspResponder;
import io.muster.ca.ocsp.OcspSigner;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.config.certificates.OcspConfig;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The responder for all issuers whose keys are here. A thread of its own makes who signs the
 * answers, at the start and before his certificate expires, and looks whether there are other
 * issuers. Shared.
 */
public final class OcspService implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OcspService.class);

    /** How often it is looked at most, and at least four times in the life of an answer. */
    private static final Duration LOOK = Duration.ofMinutes(1);

    /** How long a look that is under way may take to end. */
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final CertificateAuthority authority;
    private final Function<IssuerId, Optional<CertificateStates>> states;
    private final OcspConfig settings;
    private final Clock clock;
    private final OcspSigners signers;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread keeper = new Thread(task, "muster-ocsp");
                        keeper.setDaemon(true);
                        return keeper;
                    });

    private final Staples staples;

    /** Who signs at present; confined to the thread. */
    private Map<IssuerId, OcspSigner> present = Map.of();

    private volatile Optional<OcspResponder> responder = Optional.empty();

    /**
     * One that does not answer yet.
     *
     * @param authority whose certificates these are, and who issues those of the signers
     * @param states of the certificates of an issuer; empty of one that is left out
     */
    public OcspService(
            CertificateAuthority authority,
            Function<IssuerId, Optional<CertificateStates>> states,
            OcspConfig settings,
            Clock clock) {
        this.authority = authority;
        this.states = states;
        this.settings = settings;
        this.clock = clock;
        this.signers = new OcspSigners(authority, new SecureRandom(), clock);
        this.staples = new Staples(clock, this::stapleSoon);
    }

    /**
     * The responder of the hub's own authority, that does not answer yet.
     *
     * @param ledger of the authority
     */
    public static OcspService of(
            OwnAuthority own, CertificateLedger ledger, OcspConfig settings, Clock clock) {
        return new OcspService(
                own.authority(), issuer -> states(own, ledger, issuer), settings, clock);
    }

    private static Optional<CertificateStates> states(
            OwnAuthority own, CertificateLedger ledger, IssuerId issuer) {
        return own.lists()
                .revocations(issuer)
                .flatMap(
                        revocations ->
                                own.lists()
                                        .of(issuer)
                                        .map(
                                                lists ->
                                                        new PublishedStates(
                                                                new LedgerStates(
                                                                        ledger,
                                                                        revocations,
                                                                        issuer),
                                                                lists)));
    }

    /** Begins to make signers, and to keep them. Does not wait for them. */
    public void start() {
        long quarter = settings.answerLife().toMillis() / 4;
        var unused =
                thread.scheduleWithFixedDelay(
                        this::look, 0, Math.min(LOOK.toMillis(), quarter), TimeUnit.MILLISECONDS);
    }

    /** How it is to answer. */
    public OcspConfig settings() {
        return settings;
    }

    /** What answers; empty before the first signer is there. */
    public Optional<OcspResponder> responder() {
        return responder;
    }

    /**
     * The answer about a certificate that the hub shows, to go with it in handshakes. Never blocks.
     *
     * @return empty if another authority has issued it, or there is none yet
     */
    public Optional<byte[]> staple(ServerCertificate certificate) {
        return staples.of(certificate);
    }

    private void look() {
        try {
            lookAtIssuers();
            staple();
        } catch (RuntimeException e) {
            log.error("the OCSP responder stays as it is", e);
        }
    }

    /** Looks at once whether there are other issuers, or keys that are gone. Never blocks. */
    public void lookSoon() {
        soon(this::look);
    }

    private void stapleSoon() {
        soon(this::staple);
    }

    /** Not at all if the hub is stopping. */
    private void soon(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException stopping) {
            log.debug("the OCSP responder has stopped", stopping);
        }
    }

    private void staple() {
        responder.ifPresent(staples::refresh);
    }

    /** One issuer's trouble is not the others'; who had a signer keeps him until he is replaced. */
    private void lookAtIssuers() {
        Map<IssuerId, OcspSigner> next = new LinkedHashMap<>();
        List<OcspIssuer> issuers = new ArrayList<>();
        signers.forgetDestroyed();
        for (Issuer issuer : authority.hierarchy().issuers()) {
            try {
                Optional<OcspSigner> signer = signer(issuer);
                Optional<CertificateStates> known = states.apply(issuer.id());
                if (signer.isPresent() && known.isPresent()) {
                    next.put(issuer.id(), signer.get());
                    issuers.add(
                            new OcspIssuer(
                                    issuer.certificate().holder(), signer.get(), known.get()));
                }
            } catch (RuntimeException e) {
                log.error("issuer is left out by the OCSP responder issuer={}", issuer.id(), e);
            }
        }
        // What was answered of late is remembered by the responder, so it stays if it can.
        if (!next.equals(present)) {
            present = Map.copyOf(next);
            responder = Optional.of(new OcspResponder(issuers, settings.answerLife(), clock));
        }
    }

    private Optional<OcspSigner> signer(Issuer issuer) {
        try {
            return Optional.of(signers.of(issuer));
        } catch (RuntimeException e) {
            log.error("no new signer of OCSP answers, tried again issuer={}", issuer.id(), e);
            return Optional.ofNullable(present.get(issuer.id()));
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            // A look that is under way may write to the audit chain, which is closed after this.
            if (!thread.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
