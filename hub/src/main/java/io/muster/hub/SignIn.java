package io.muster.hub;

import io.muster.auth.AnonymousAccess;
import io.muster.auth.AuthenticatorChain;
import io.muster.auth.AuthenticatorLoader;
import io.muster.auth.DenyRules;
import io.muster.auth.NamedAuthenticator;
import io.muster.auth.SignInListener;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.hub.config.HubConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * The one authenticator that the broker asks: the configured chain, anonymous access before it
 * where the operator wants that, and the rules for everybody. Shared by all event loops.
 */
final class SignIn implements EnhancedAuthenticator {

    private final EnhancedAuthenticator front;
    private final ScheduledThreadPoolExecutor deadlines;

    private SignIn(EnhancedAuthenticator front, ScheduledThreadPoolExecutor deadlines) {
        this.front = front;
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
            return new SignIn(front(config, links, deadlines, listener), deadlines);
        } catch (RuntimeException e) {
            links.forEach(link -> link.authenticator().close());
            deadlines.shutdownNow();
            throw e;
        }
    }

    private static EnhancedAuthenticator front(
            HubConfig config,
            List<NamedAuthenticator> links,
            ScheduledThreadPoolExecutor deadlines,
            SignInListener listener) {
        Set<String> anonymous = config.anonymousListeners();
        if (links.isEmpty()) {
            return restricted(config, new AnonymousAccess(anonymous, listener));
        }
        AuthenticatorChain chain =
                new AuthenticatorChain(
                        links, config.authentication().deadline(), deadlines, listener);
        return restricted(
                config,
                anonymous.isEmpty() ? chain : new AnonymousAccess(anonymous, chain, listener));
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
