package io.muster.broker;

import static io.muster.broker.Packets.SERVER_REFERENCE;
import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.broker.RawClient.Packet;
import io.muster.broker.protocol.Redirection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see of a broker that is being drained [MQTT5 4.11]. */
class DrainTest {

    private static final Redirection ELSEWHERE = new Redirection(false, Optional.empty());
    private static final Redirection MOVED = new Redirection(true, Optional.empty());

    @Test
    void aClientIsToldToUseAnotherServer() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(5, "c");
            broker.broker().drain().start(ELSEWHERE, 100);
            client.expect("E0 01 9C").expectClosed();
        }
    }

    @Test
    void aClientIsToldThatTheServerHasMoved() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(5, "c");
            broker.broker().drain().start(MOVED, 100);
            client.expect("E0 01 9D").expectClosed();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void beforeMqtt5AClientIsClosedWithoutAWord(int level) {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(level, "c");
            broker.broker().drain().start(ELSEWHERE, 100);
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 156", "true, 157"})
    void whoIsDisconnectedAndWhoConnectsIsToldWhereToGo(boolean moved, int reason) {
        String reference = "b.example:1883 [2001:db8::7]";
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(5, "c");
            broker.broker().drain().start(new Redirection(moved, Optional.of(reference)), 100);

            Packet disconnect = client.expectDisconnect5(reason);
            assertThat(disconnect.propertyList().text(SERVER_REFERENCE)).isEqualTo(reference);
            RawClient late = broker.raw().speaking(5);
            Packet connack = late.send(connect(5, "late").bytes()).expectRefused(reason);
            assertThat(connack.propertyList().text(SERVER_REFERENCE)).isEqualTo(reference);
            assertThat(
                            broker.metric(
                                    "muster.connects.refused",
                                    "reason",
                                    moved ? "server_moved" : "use_another_server"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void beforeMqtt5AConnectIsAnsweredThatTheServerIsUnavailable(int level) {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.broker().drain().start(MOVED, 100);
            broker.raw().send(connect(level, "c").bytes()).expect("20 02 00 03").expectClosed();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void whoSignsInWhileTheDrainBeginsIsSentElsewhereToo(int level) {
        CompletableFuture<AuthResult> signIn = new CompletableFuture<>();
        CompletableFuture<Credentials> asked = new CompletableFuture<>();
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials -> {
                    asked.complete(credentials);
                    return signIn;
                };
        try (BrokerFixture broker = settings.start()) {
            RawClient client = broker.raw().speaking(level).send(connect(level, "c").bytes());
            assertThat(asked).succeedsWithin(Duration.ofSeconds(10));
            broker.broker().drain().start(ELSEWHERE, 100);
            signIn.complete(AuthResult.accept(BrokerFixture.anybody()));

            client.expectRefused(level == 5 ? 0x9C : 0x03);
            await().until(() -> broker.metric("muster.sessions") == 0);
            assertThat(broker.metric("muster.clients")).isZero();
        }
    }

    @Test
    void theWillIsPublishedToThoseWhoAreStillThere() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.raw()
                    .connect(connect(5, "c").will("will", "drained", 0x28, Packets.NO_PROPERTIES));
            RawClient heir = broker.raw().speaking(5);
            heir.connect(connect(5, "heir").resume().expiry(600)).subscribe("will", 1);
            broker.broker().drain().start(ELSEWHERE, 100);
            await().until(() -> broker.metric("muster.retained.messages") == 1);
            heir.closeAtEnd();
            broker.broker().drain().stop();
            // Sent before its DISCONNECT and not acknowledged, or kept: either way it comes.
            RawClient again = broker.raw().speaking(5);
            again.connect(connect(5, "heir").resume().expiry(600), true).expectPublish("drained");
        }
    }

    @Test
    void everybodyIsDisconnectedAndTheSessionsStay() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                RawClient client = broker.raw().speaking(5);
                clients.add(client.connect(connect(5, "c" + i).resume().expiry(600)));
            }
            assertThat(broker.metric("muster.draining")).isZero();
            broker.broker().drain().start(ELSEWHERE, 10_000);
            assertThat(broker.metric("muster.draining")).isEqualTo(1);
            clients.forEach(client -> client.expect("E0 01 9C").expectClosed());
            await().until(() -> broker.metric("muster.clients") == 0);
            assertThat(broker.metric("muster.sessions")).isEqualTo(50);
            broker.broker().drain().stop();
            assertThat(broker.metric("muster.draining")).isZero();
        }
    }

    @Test
    void afterTheDrainClientsMayStay() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(5, "c");
            broker.broker().drain().start(ELSEWHERE, 100);
            client.expect("E0 01 9C").expectClosed();
            broker.broker().drain().stop();
            RawClient back = broker.client(5, "c");
            assertThat(broker.broker().drain().status()).isEmpty();
            back.expectNothing();
        }
    }
}
