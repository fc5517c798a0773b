package io.muster.hub.certificates.signin;

import io.muster.auth.RegistryOutage;
import io.muster.auth.certificate.BoundCertificate;
import io.muster.auth.certificate.CertificateBindings;
import io.muster.auth.certificate.DeviceNames;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificate;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.certificates.trust.Trust;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stands before all authenticators. A certificate that a client showed must be good at this
 * CONNECT, whatever was found in its handshake; and whoever the authenticators find the client to
 * be, it must be the device that the certificate is bound to. A device whose product demands a
 * certificate does not get in without one that is bound to it. Shared; never blocks.
 */
public final class CertificateGate implements EnhancedAuthenticator {

    /** The attribute of an identity that names the certificate that was shown. */
    public static final String CERTIFICATE = "certificate";

    /** The attribute of an identity whose certificate is bound to it; what it says is no matter. */
    static final String BOUND = "certificateBound";

    private static final AuthResult NONE_SHOWN =
            AuthResult.deny(
                    DenyReason.NOT_AUTHORIZED, "no certificate, where each client shows one");

    private final EnhancedAuthenticator authenticator;
    private final Set<String> mutualListeners;
    private final Trust trust;
    private final ClientCertificateCheck check;
    private final Lookups lookups;
    private final CertificateMetrics metrics;

    /**
     * What is asked besides.
     *
     * @param bindings whose a certificate is
     * @param firstUse binds those that are bound to nobody, where that is wanted
     * @param demanded which devices must have one
     */
    record Lookups(
            CertificateBindings bindings,
            FirstUseBinding firstUse,
            DemandedCertificates demanded) {}

    /**
     * Before {@code authenticator}, which is closed with it.
     *
     * @param mutualListeners where nobody gets in without a certificate
     */
    CertificateGate(
            EnhancedAuthenticator authenticator,
            Set<String> mutualListeners,
            Trust trust,
            Lookups lookups,
            CertificateMetrics metrics) {
        this.authenticator = authenticator;
        this.mutualListeners = Set.copyOf(mutualListeners);
        this.trust = trust;
        this.check = trust.check();
        this.lookups = lookups;
        this.metrics = metrics;
    }

    /** A certificate that is good, and what is known of it. */
    private record Shown(
            ClientCertificate certificate,
            TrustedAuthority authority,
            CertificateId id,
            Optional<BoundCertificate> bound,
            Credentials credentials) {}

    /** What came of the look at a certificate: one of the two. */
    private record Look(@Nullable AuthResult refusal, @Nullable Shown shown) {}

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        if (credentials.peerCertificates().isEmpty()) {
            return mutualListeners.contains(credentials.listener())
                    ? CompletableFuture.completedFuture(NONE_SHOWN)
                    : authenticator.authenticate(credentials).thenCompose(this::withoutCertificate);
        }
        return look(credentials).thenCompose(look -> looked(look, credentials));
    }

    private CompletionStage<AuthResult> looked(Look look, Credentials credentials) {
        Shown shown = look.shown();
        return shown == null
                ? CompletableFuture.completedFuture(refusal(look))
                : authenticator
                        .authenticate(credentials)
                        .thenCompose(result -> concluded(shown, result));
    }

    private static AuthResult refusal(Look look) {
        return look.refusal() == null ? NONE_SHOWN : look.refusal();
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        boolean lacks =
                credentials.peerCertificates().isEmpty()
                        && mutualListeners.contains(credentials.listener());
        return authenticator
                .begin(method, credentials)
                .map(exchange -> new GatedExchange(exchange, credentials, lacks));
    }

    @Override
    public void close() {
        authenticator.close();
    }

    // ------------------------------------------------------------------- before the chain

    private CompletionStage<Look> look(Credentials credentials) {
        CertificateVerdict verdict = check.check(credentials.peerCertificates());
        if (verdict instanceof CertificateVerdict.Refused refused) {
            metrics.refused(refused);
            return looked(
                    denied("certificate refused: " + refused.cause() + ": " + refused.detail()));
        }
        CertificateVerdict.Accepted accepted = (CertificateVerdict.Accepted) verdict;
        metrics.accepted(accepted);
        ClientCertificate certificate = accepted.certificate();
        Optional<TrustedAuthority> authority = trust.authority(certificate);
        if (authority.isEmpty()) {
            return looked(denied("issuer of the certificate is not trusted any more"));
        }
        return bound(new Sha256(certificate.fingerprint()), authority.get())
                .thenApply(
                        bound ->
                                look(
                                        new Shown(
                                                certificate,
                                                authority.get(),
                                                authority.get().id(certificate.serial()),
                                                bound,
                                                credentials)))
                .exceptionally(failure -> new Look(RegistryOutage.answer(failure), null));
    }

    /** Where nobody needs to be bound, somebody may be taken for unbound a little longer. */
    private CompletionStage<Optional<BoundCertificate>> bound(
            Sha256 fingerprint, TrustedAuthority authority) {
        return authority.binding() == Binding.NONE
                ? lookups.bindings().findLately(fingerprint)
                : lookups.bindings().find(fingerprint);
    }

    private static CompletionStage<Look> looked(AuthResult refusal) {
        return CompletableFuture.completedFuture(new Look(refusal, null));
    }

    private Look look(Shown shown) {
        if (shown.bound().isEmpty()) {
            return shown.authority().binding() == Binding.REQUIRED
                    ? refused(shown, "not_bound", "is bound to no device")
                    : new Look(null, shown);
        }
        BoundCertificate bound = shown.bound().get();
        if (!bound.id().equals(shown.id())) {
            return refused(shown, "not_bound", "is known as another one: " + bound.id());
        }
        Optional<String> objection = DeviceNames.objection(shown.certificate(), bound);
        return objection.isPresent()
                ? refused(
                        shown,
                        "other_names",
                        "is bound to %s, but %s".formatted(bound.device(), objection.get()))
                : new Look(null, shown);
    }

    private Look refused(Shown shown, String outcome, String what) {
        metrics.refused(outcome);
        return new Look(denied("certificate " + shown.id() + " " + what), null);
    }

    private static AuthResult denied(String detail) {
        return AuthResult.deny(DenyReason.NOT_AUTHORIZED, detail);
    }

    // -------------------------------------------------------------------- behind the chain

    private CompletionStage<AuthResult> concluded(Shown shown, AuthResult result) {
        if (!(result instanceof AuthResult.Accept accept)) {
            return CompletableFuture.completedFuture(result);
        }
        Identity identity = accept.identity();
        AuthResult bound = AuthResult.accept(marked(identity, shown.id(), true));
        Optional<DeviceId> device = DemandedCertificates.device(identity);
        if (shown.bound().isPresent()) {
            DeviceId owner = shown.bound().get().device();
            return CompletableFuture.completedFuture(
                    device.filter(owner::equals).isPresent()
                            ? bound
                            : another(shown, "is bound to " + owner, identity));
        }
        Optional<DeviceId> named = shown.certificate().deviceUri().flatMap(DeviceNames::device);
        if (named.isPresent() && !device.equals(named)) {
            return CompletableFuture.completedFuture(
                    another(shown, "names " + named.get(), identity));
        }
        if (shown.authority().binding() == Binding.NONE) {
            return withoutCertificate(AuthResult.accept(marked(identity, shown.id(), false)));
        }
        boolean isSignedIn =
                !DeviceSecretAuthenticator.ACTIVATING.equals(identity.attributes().get("kind"));
        if (device.isEmpty() || !isSignedIn) {
            return CompletableFuture.completedFuture(
                    another(shown, "is bound to no device yet", identity));
        }
        return bindAtFirstUse(shown, device.get(), bound);
    }

    private CompletionStage<AuthResult> bindAtFirstUse(
            Shown shown, DeviceId device, AuthResult bound) {
        return lookups.firstUse()
                .bind(shown.id(), shown.credentials().peerCertificates().get(0), device)
                .thenApply(
                        refusal ->
                                refusal.<AuthResult>map(
                                                why ->
                                                        denied(
                                                                "certificate %s is not bound to %s: %s"
                                                                        .formatted(
                                                                                shown.id(),
                                                                                device,
                                                                                why)))
                                        .orElse(bound))
                .exceptionally(RegistryOutage::answer);
    }

    private AuthResult another(Shown shown, String what, Identity identity) {
        metrics.refused("other_client");
        return denied(
                "certificate %s %s, and the client is %s"
                        .formatted(shown.id(), what, identity.principal()));
    }

    private static Identity marked(Identity identity, CertificateId id, boolean isBound) {
        Map<String, String> attributes = new HashMap<>(identity.attributes());
        attributes.put(CERTIFICATE, id.toString());
        if (isBound) {
            attributes.put(BOUND, "true");
        }
        return new Identity(
                identity.principal(),
                identity.clientIdentifier(),
                identity.permissions(),
                attributes);
    }

    /** A device that has none of its own, though its product may demand one. */
    private CompletionStage<AuthResult> withoutCertificate(AuthResult result) {
        return result instanceof AuthResult.Accept accept
                ? lookups.demanded()
                        .lacking(accept.identity())
                        .thenApply(lacking -> lacking.map(this::demanded).orElse(result))
                        .exceptionally(RegistryOutage::answer)
                : CompletableFuture.completedFuture(result);
    }

    private AuthResult demanded(DeviceId device) {
        metrics.refused("demanded");
        return denied("product requires a certificate that is bound to the device: " + device);
    }

    /** An enhanced authentication, with a look at the certificate before each step. Confined. */
    private final class GatedExchange implements Exchange {

        private final Exchange exchange;
        private final Credentials credentials;
        private final boolean lacksCertificate;

        GatedExchange(Exchange exchange, Credentials credentials, boolean lacksCertificate) {
            this.exchange = exchange;
            this.credentials = credentials;
            this.lacksCertificate = lacksCertificate;
        }

        @Override
        public Optional<String> claimedName(Optional<byte[]> data) {
            return exchange.claimedName(data);
        }

        @Override
        public CompletionStage<Step> next(Optional<byte[]> data) {
            if (credentials.peerCertificates().isEmpty()) {
                return lacksCertificate
                        ? CompletableFuture.completedFuture(finished(NONE_SHOWN))
                        : exchange.next(data)
                                .thenCompose(
                                        step ->
                                                ended(
                                                        step,
                                                        CertificateGate.this::withoutCertificate));
            }
            return look(credentials).thenCompose(look -> next(look, data));
        }

        private CompletionStage<Step> next(Look look, Optional<byte[]> data) {
            Shown shown = look.shown();
            return shown == null
                    ? CompletableFuture.completedFuture(finished(refusal(look)))
                    : exchange.next(data)
                            .thenCompose(step -> ended(step, result -> concluded(shown, result)));
        }

        private static Step finished(AuthResult result) {
            return new Step.Finished(result, Optional.empty());
        }

        private static CompletionStage<Step> ended(
                Step step, Function<AuthResult, CompletionStage<AuthResult>> conclusion) {
            return step instanceof Step.Finished finished
                    ? conclusion
                            .apply(finished.result())
                            .thenApply(result -> new Step.Finished(result, finished.data()))
                    : CompletableFuture.completedFuture(step);
        }

        @Override
        public void close() {
            exchange.close();
        }
    }
}
