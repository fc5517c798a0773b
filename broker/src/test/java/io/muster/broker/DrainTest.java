package io.muster.broker;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.protocol.Redirection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    @Test
    void theWillIsPublished() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.raw()
                    .connect(connect(5, "c").will("will", "drained", 0x28, Packets.NO_PROPERTIES));
            broker.broker().drain().start(ELSEWHERE, 100);
            await().until(() -> broker.metric("muster.retained.messages") == 1);
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
            assertThat(broker.metric("muster.clients")).isZero();
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
