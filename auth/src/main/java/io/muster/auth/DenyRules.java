package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Topics that no client may use, whoever it is: stands in front of all permissions that an
 * authenticator gives. Shared by all threads.
 *
 * <p>A rule is a topic filter. A topic that it matches is not published to. A subscription is
 * refused if the rule matches every topic that the subscription could: {@code a/b} refuses {@code
 * a/b}, and {@code a/#} refuses {@code a/+}, but a wider subscription such as {@code #} is not
 * refused, and is sent the messages of {@code a/b} too. So a rule on subscribing keeps clients from
 * asking for a topic by name; what nobody shall read must not be published.
 */
public final class DenyRules implements EnhancedAuthenticator {

    private final EnhancedAuthenticator authenticator;
    private final List<TopicPattern> subscribe;
    private final List<TopicPattern> publish;

    /**
     * Rules in front of {@code authenticator}, which is closed with them.
     *
     * @param subscribe what may not be subscribed to
     * @param publish what may not be published to
     * @throws IllegalArgumentException naming what is not a topic filter
     */
    public DenyRules(
            EnhancedAuthenticator authenticator, List<String> subscribe, List<String> publish) {
        this.authenticator = authenticator;
        this.subscribe = subscribe.stream().map(TopicPattern::of).toList();
        this.publish = publish.stream().map(TopicPattern::of).toList();
    }

    /**
     * Whether {@code text} can stand in a rule: a topic filter, not one of a shared subscription,
     * which is judged by its filter alone.
     */
    public static boolean isRule(String text) {
        return TopicPattern.isFilter(text) && TopicPattern.withoutShare(text).equals(text);
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        return authenticator.authenticate(credentials).thenApply(this::restricted);
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return authenticator.begin(method, credentials).map(RestrictedExchange::new);
    }

    @Override
    public void close() {
        authenticator.close();
    }

    private AuthResult restricted(AuthResult result) {
        if (!(result instanceof AuthResult.Accept accept)) {
            return result;
        }
        Identity identity = accept.identity();
        return AuthResult.accept(
                new Identity(
                        identity.principal(),
                        identity.clientIdentifier(),
                        new RestrictedPermissions(identity.permissions()),
                        identity.attributes()));
    }

    private final class RestrictedPermissions implements TopicPermissions {

        private final TopicPermissions own;

        RestrictedPermissions(TopicPermissions own) {
            this.own = own;
        }

        @Override
        public boolean mayPublish(String topicName) {
            return !isCovered(publish, topicName) && own.mayPublish(topicName);
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            return !isDenied(topicFilter) && own.maySubscribe(topicFilter);
        }

        @Override
        public boolean isUndecidedWhileAway(String topicFilter) {
            return !isDenied(topicFilter) && own.isUndecidedWhileAway(topicFilter);
        }

        @Override
        public Optional<Predicate<String>> withheld() {
            return own.withheld();
        }

        /** What is closed to everybody is not a matter of who asks. */
        @Override
        public boolean tellsWhyNot(String topicFilter) {
            return !isDenied(topicFilter) && own.tellsWhyNot(topicFilter);
        }

        @Override
        public int subscriptionsBesides() {
            return own.subscriptionsBesides();
        }

        private boolean isDenied(String topicFilter) {
            return isCovered(subscribe, TopicPattern.withoutShare(topicFilter));
        }

        private static boolean isCovered(List<TopicPattern> rules, String topic) {
            for (TopicPattern rule : rules) {
                if (rule.covers(topic)) {
                    return true;
                }
            }
            return false;
        }
    }

    private final class RestrictedExchange implements Exchange {

        private final Exchange exchange;

        RestrictedExchange(Exchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public Optional<String> claimedName(Optional<byte[]> data) {
            return exchange.claimedName(data);
        }

        @Override
        public CompletionStage<Step> next(Optional<byte[]> data) {
            return exchange.next(data)
                    .thenApply(
                            step ->
                                    step instanceof Step.Finished finished
                                            ? new Step.Finished(
                                                    restricted(finished.result()), finished.data())
                                            : step);
        }

        @Override
        public void close() {
            exchange.close();
        }
    }
}
