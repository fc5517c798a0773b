package io.muster.broker.net;

import static io.muster.broker.Packets.auth;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a client sends while a step of its enhanced authentication is being thought over. */
class StepsAheadTest {

    private static final int CONTINUE = 0x18;

    /** Takes some time for each step, and lets everybody in at the third. */
    private static final class Slow
            implements EnhancedAuthenticator, EnhancedAuthenticator.Exchange {

        private final List<String> received = new CopyOnWriteArrayList<>();

        @Override
        public CompletionStage<AuthResult> authenticate(Credentials credentials) {
            return CompletableFuture.completedFuture(AuthResult.abstain());
        }

        @Override
        public Optional<Exchange> begin(String method, Credentials credentials) {
            return Optional.of(this);
        }

        @Override
        public CompletionStage<Step> next(Optional<byte[]> data) {
            received.add(new String(data.orElseThrow(), UTF_8));
            Step step =
                    received.size() < 3
                            ? new Step.Continue(new byte[0])
                            : new Step.Finished(
                                    AuthResult.accept(BrokerFixture.anybody()), Optional.empty());
            return CompletableFuture.supplyAsync(
                    () -> step, CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));
        }

        @Override
        public void close() {}
    }

    private static byte[] answer(String data) {
        return auth(
                CONTINUE,
                text(Packets.AUTHENTICATION_METHOD, "m"),
                text(Packets.AUTHENTICATION_DATA, data));
    }

    @Test
    void waitsForItsTurn() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        Slow authenticator = new Slow();
        settings.authenticator = authenticator;
        try (BrokerFixture broker = settings.start()) {
            RawClient client = broker.raw().speaking(5);
            client.send(
                    connect(5, "hasty")
                            .with(text(Packets.AUTHENTICATION_METHOD, "m"))
                            .with(text(Packets.AUTHENTICATION_DATA, "first"))
                            .bytes());
            client.expectType(15);
            client.send(answer("second"), answer("third"), Packets.PINGREQ);
            client.expectType(15);
            client.expectConnack(false).expect("D0 00");
            assertThat(authenticator.received).containsExactly("first", "second", "third");
        }
    }
}
