package io.muster.hub;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.AnonymousAccess;
import io.muster.auth.AuthenticatorChain;
import io.muster.auth.AuthenticatorLoader;
import io.muster.auth.DenyRules;
import io.muster.auth.NamedAuthenticator;
import io.muster.auth.NoTopics;
import io.muster.auth.SignInListener;
import io.muster.auth.guard.Bars;
import io.muster.auth.guard.SignInGuard;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.broker.net.proxy.Network;
import io.muster.hub.config.HubConfig;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/**
 * The one authenticator that the broker asks: the configured chain with its guard, anonymous access
 * before them where the operator wants that, and the rules for everybody. Shared by all event
 * loops.
 */
final class SignIn implements EnhancedAuthenticator {

    private static final Authenticator NOBODY_OBJECTS =
            credentials ->
                    CompletableFuture.completedFuture(
                            AuthResult.accept(
                                    new Identity(
                                            "nobody-objects", "", NoTopics.INSTANCE, Map.of())));

    private final EnhancedAuthenticator front;
    private final Bars bars;
    private final ScheduledThreadPoolExecutor deadlines;

    /** Null if nobody is guarded, since all are let in. */
    private final @Nullable SignInGuard guard;

    private final Secrets secrets;

    /**
     * The sign-in with secrets of devices, as it stands in the chain.
     *
     * @param authenticator the first of its kind; empty if there is none
     * @param objectors asked before it whether a device is refused: accepts what none of those
     *     denies that stand before it
     */
    record Secrets(Optional<DeviceSecretAuthenticator> authenticator, Authenticator objectors) {}

    private SignIn(
            EnhancedAuthenticator front,
            @Nullable SignInGuard guard,
            Secrets secrets,
            ScheduledThreadPoolExecutor deadlines) {
        this.front = front;
        this.guard = guard;
        this.secrets = secrets;
        this.bars = guard == null ? Bars.none() : guard.bars();
        this.deadlines = deadlines;
    }

    /**
     * Makes all configured authenticators.
     *
     * @param builtIn the kinds that come with the hub; plug-ins are found on the class path
     * @param listener is told of every outcome
     * @throws IllegalArgumentException naming the entry of the configuration that is wrong
     */
    static SignIn of(
            HubConfig config, List<AuthenticatorProvider> builtIn, SignInListener listener) {
        List<NamedAuthenticator> links = new ArrayList<>();
        ScheduledThreadPoolExecutor deadlines = deadlines();
        try {
            AuthenticatorLoader loader =
                    new AuthenticatorLoader(builtIn, SignIn.class.getClassLoader());
            for (HubConfig.Authentication.Entry entry : config.authentication().chain()) {
                links.add(
                        new NamedAuthenticator(
                                entry.settings().name(),
                                loader.create(entry.type(), entry.settings())));
            }
            Set<String> anonymous = config.authentication().anonymousListeners();
            if (links.isEmpty()) {
                AnonymousAccess all = new AnonymousAccess(anonymous, listener);
                return new SignIn(
                        restricted(config, all),
                        null,
                        secrets(config, links, deadlines),
                        deadlines);
            }
            SignInGuard guard = guard(config, links, deadlines, listener);
            EnhancedAuthenticator front =
                    anonymous.isEmpty() ? guard : new AnonymousAccess(anonymous, guard, listener);
            return new SignIn(
                    restricted(config, front), guard, secrets(config, links, deadlines), deadlines);
        } catch (RuntimeException e) {
            links.forEach(link -> link.authenticator().close());
            deadlines.shutdownNow();
            throw e;
        }
    }

    /** Behind anonymous access, so that it sees who guesses where all are let in. */
    private static SignInGuard guard(
            HubConfig config,
            List<NamedAuthenticator> links,
            ScheduledThreadPoolExecutor deadlines,
            SignInListener listener) {
        HubConfig.Authentication authentication = config.authentication();
        return new SignInGuard(
                new AuthenticatorChain(links, authentication.deadline(), deadlines, listener),
                authentication.guard(),
                address -> isIn(authentication.exempt(), address),
                config.authentication().anonymousListeners(),
                Ticker.systemTicker(),
                listener);
    }

    private static Secrets secrets(
            HubConfig config,
            List<NamedAuthenticator> links,
            ScheduledThreadPoolExecutor deadlines) {
        List<NamedAuthenticator> before = new ArrayList<>();
        for (NamedAuthenticator link : links) {
            if (link.authenticator() instanceof DeviceSecretAuthenticator found) {
                before.add(new NamedAuthenticator(SignInListener.END_OF_CHAIN, NOBODY_OBJECTS));
                AuthenticatorChain objectors =
                        new AuthenticatorChain(
                                before,
                                config.authentication().deadline(),
                                deadlines,
                                (authenticator, result) -> {});
                return new Secrets(
                        Optional.of(found), before.size() == 1 ? NOBODY_OBJECTS : objectors);
            }
            Authenticator asked = link.authenticator();
            before.add(
                    new NamedAuthenticator(
                            link.name(),
                            credentials ->
                                    asked.authenticate(credentials).thenApply(SignIn::objection)));
        }
        return new Secrets(Optional.empty(), NOBODY_OBJECTS);
    }

    /** Whoever accepts a device there says nothing of its secret: he only does not object. */
    private static AuthResult objection(AuthResult result) {
        return result instanceof AuthResult.Accept ? AuthResult.abstain() : result;
    }

    private static boolean isIn(List<Network> networks, InetAddress address) {
        for (Network network : networks) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static EnhancedAuthenticator restricted(
            HubConfig config, EnhancedAuthenticator authenticator) {
        HubConfig.Permissions permissions = config.permissions();
        return permissions.isEmpty()
                ? authenticator
                : new DenyRules(
                        authenticator, permissions.denySubscribe(), permissions.denyPublish());
    }

    private static ScheduledThreadPoolExecutor deadlines() {
        ScheduledThreadPoolExecutor deadlines =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "muster-sign-in-deadlines");
                            thread.setDaemon(true);
                            return thread;
                        });
        deadlines.setRemoveOnCancelPolicy(true);
        return deadlines;
    }

    /** Who is barred at present. */
    Bars bars() {
        return bars;
    }

    /** By what the secrets of devices are proved that come through gateways. */
    Secrets secrets() {
        return secrets;
    }

    /** Who stands before the chain; empty if all are let in. */
    Optional<SignInGuard> guard() {
        return Optional.ofNullable(guard);
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        return front.authenticate(credentials);
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return front.begin(method, credentials);
    }

    @Override
    public void close() {
        front.close();
        deadlines.shutdownNow();
    }
}
