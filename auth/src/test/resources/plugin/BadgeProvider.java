package com.example.badge;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * An example of a third party's authenticator: lets in who shows the one badge number that the
 * operator configured. Compiled by a test into a jar of its own, against auth-spi and nothing else.
 */
public class BadgeProvider implements AuthenticatorProvider {

    private static final String PREFIX = "badge:";

    @Override
    public String type() {
        return "badge";
    }

    @Override
    public Authenticator create(AuthenticatorProvider.Settings settings) {
        String number = settings.require("number");
        return credentials -> {
            String username = credentials.username().orElse("");
            if (!username.startsWith(PREFIX)) {
                return CompletableFuture.completedFuture(AuthResult.abstain());
            }
            if (!username.equals(PREFIX + number)) {
                return CompletableFuture.completedFuture(
                        AuthResult.deny(DenyReason.BAD_CREDENTIALS, "another badge"));
            }
            return CompletableFuture.completedFuture(
                    AuthResult.accept(
                            new Identity(username, "", new OneGate(number), Map.of())));
        };
    }

    /** A second provider of the same type. */
    public static final class Copy extends BadgeProvider {}

    private static final class OneGate implements TopicPermissions {

        private final String topic;

        OneGate(String number) {
            this.topic = "gates/" + number;
        }

        @Override
        public boolean mayPublish(String topicName) {
            return topicName.equals(topic);
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            return topicFilter.equals(topic);
        }
    }
}
