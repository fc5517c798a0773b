package io.muster.broker;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.spi.AuthResult;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ConnectedClient;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators and the hub see of the broker, and do to it. */
class OperationsTest {

    private static BrokerFixture observed(ClientObserver observer) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = observer;
        return settings.start();
    }

    private static boolean disconnect(BrokerFixture broker, String clientIdentifier) {
        return broker.broker()
                .clients()
                .disconnect(clientIdentifier)
                .toCompletableFuture()
                .orTimeout(5, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void listsClientsInPages() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            for (String name : List.of("d", "b", "a", "c")) {
                broker.client(4, name);
            }
            broker.raw()
                    .connect(connect(4, "offline").resume())
                    .send(Packets.DISCONNECT)
                    .expectClosed();
            Clients clients = broker.broker().clients();
            assertThat(clients.list("", 3))
                    .extracting(ConnectedClient::clientIdentifier)
                    .containsExactly("a", "b", "c");
            assertThat(clients.list("c", 3))
                    .extracting(ConnectedClient::clientIdentifier)
                    .containsExactly("d");
            assertThat(clients.find("b").orElseThrow().protocolLevel()).isEqualTo(4);
            assertThat(clients.find("offline")).isEmpty();
            assertThat(clients.find("nobody")).isEmpty();
        }
    }

    /** An operator who has barred somebody is not to see one who is about to be refused. */
    @Test
    void whoIsNotAdmittedYetIsNotListed() {
        RecordingObserver observer = new RecordingObserver();
        try (BrokerFixture broker = observed(observer)) {
            Clients clients = broker.broker().clients();
            observer.admission = new CompletableFuture<>();
            RawClient client = broker.raw();
            client.send(connect(4, "c").bytes());
            await().until(() -> observer.events.contains("connecting c"));

            assertThat(clients.list("", 3)).isEmpty();
            assertThat(clients.find("c")).isEmpty();
            observer.admission.complete(Admission.ADMITTED);

            client.expectConnack(false);
            assertThat(clients.list("", 3)).hasSize(1);
            assertThat(clients.find("c")).isPresent();
        }
    }

    @Test
    void disconnectsAClientAndTellsItWhy() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient watcher = broker.client(4, "watcher").subscribe("will", 0);
            RawClient client = broker.raw().speaking(5);
            client.connect(connect(5, "c").will("will", "ended", 0, Packets.NO_PROPERTIES));
            CompletableFuture<Boolean> ended =
                    broker.broker().clients().disconnect("c").toCompletableFuture();
            client.expect("E0 01 98").expectClosed(); // [MQTT5 3.14.2.1]
            client.close();
            assertThat(ended.orTimeout(5, TimeUnit.SECONDS).join()).isTrue();
            watcher.expectPublish("ended");
            assertThat(disconnect(broker, "c")).isFalse();
        }
    }

    @Test
    void endsAClientThatIsNotAdmittedYet() {
        RecordingObserver observer = new RecordingObserver();
        observer.admission = new CompletableFuture<>();
        try (BrokerFixture broker = observed(observer)) {
            RawClient client = broker.raw().speaking(5).send(connect(5, "c").bytes());
            await().until(() -> observer.events.contains("connecting c"));
            assertThat(disconnect(broker, "c")).isTrue();
            client.expectClosed(); // and no DISCONNECT before a CONNACK [MQTT-3.14.0-1]
            observer.admission.complete(Admission.ADMITTED);
            // It was admitted, so its end is told, once.
            await().until(() -> observer.disconnected().size() == 1);
            await().until(
                            () ->
                                    observer.refused()
                                            .equals(
                                                    List.of(
                                                            "c - administrative_action: connection"
                                                                    + " was ended during sign-in")));
            broker.client(5, "c").expectNothing();
            assertThat(observer.events)
                    .containsExactly("connecting c", "disconnected c", "connecting c");
        }
    }

    @Test
    void leavesNoClientConnectedThatWasEndedWhileItConnected() {
        RecordingObserver observer = new RecordingObserver();
        try (BrokerFixture broker = observed(observer)) {
            for (int i = 0; i < 200; i++) {
                RawClient client = broker.raw().send(connect(4, "racer").bytes());
                CompletableFuture<Void> ended = CompletableFuture.runAsync(client::closeAtEnd);
                while (!disconnect(broker, "racer")) {
                    Thread.onSpinWait();
                }
                assertThat(broker.broker().clients().find("racer")).isEmpty();
                ended.orTimeout(5, TimeUnit.SECONDS).join();
            }
            await().until(() -> broker.metric("muster.clients") == 0);
            await().until(() -> observer.disconnected().size() == observer.events.size() / 2);
        }
    }

    @Test
    void tellsTheObserverOfTheOldConnectionBeforeTheNewOne() {
        RecordingObserver observer = new RecordingObserver();
        // Three canonical connections of one session, told apart by the string that they sent.
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = observer;
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(
                                        BrokerFixture.identity(
                                                "one", BrokerFixture.anybody().permissions())));
        try (BrokerFixture broker = settings.start()) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                broker.raw().connect(connect(4, "c" + i));
                expected.add("connecting c" + i);
                expected.add("disconnected c" + i);
            }
            broker.raw().connect(connect(4, "last"));
            expected.add("connecting last");
            assertThat(observer.events).isEqualTo(expected);
        }
    }

    @Test
    void answersAThousandConnectionsOfOneNameThatWaitForEachOther() {
        RecordingObserver observer = new RecordingObserver();
        observer.admission = new CompletableFuture<>();
        try (BrokerFixture broker = observed(observer)) {
            for (int i = 0; i < 1_000; i++) {
                broker.raw().send(connect(4, "same").bytes());
            }
            await().until(() -> broker.metric("muster.connections") == 1_000);
            observer.admission.complete(Admission.ADMITTED);
            // Each takes over from the one before; one is left.
            await().until(() -> broker.metric("muster.connections") == 1);
            assertThat(broker.metric("muster.clients")).isEqualTo(1);
            await().until(() -> observer.disconnected().size() == 999);
        }
    }

    @Test
    void tellsThatAClientPublishesAtMostOnceASecondAndNothingOfMereLife() {
        RecordingObserver observer = new RecordingObserver();
        try (BrokerFixture broker = observed(observer)) {
            RawClient client = broker.client(4, "c");
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < Duration.ofMillis(1_300).toNanos()) {
                client.expectNothing();
            }
            assertThat(observer.events).containsExactly("connecting c");
            for (int i = 0; i < 5; i++) {
                client.send(Packets.publish("t", "data")).expectNothing();
            }
            assertThat(observer.events).containsExactly("connecting c", "published c");
            await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
            client.expectNothing();
            assertThat(observer.events).containsExactly("connecting c", "published c");
            client.send(Packets.publish("t", "data")).expectNothing();
            assertThat(observer.events)
                    .containsExactly("connecting c", "published c", "published c");
        }
    }

    @Test
    void survivesAnObserverThatThrows() {
        ClientObserver observer = new RecordingObserverThatThrows();
        try (BrokerFixture broker = observed(observer)) {
            RawClient watcher = broker.client(4, "watcher").subscribe("will", 0);
            broker.raw()
                    .connect(connect(4, "c").will("will", "x", 0, Packets.NO_PROPERTIES))
                    .close();
            watcher.expectPublish("x");
            broker.client(4, "c").expectNothing();
            broker.client(4, "c").expectNothing();
        }
    }

    /** Fails at every end. */
    private static final class RecordingObserverThatThrows implements ClientObserver {
        @Override
        public CompletionStage<Admission> connecting(ConnectedClient client) {
            return CompletableFuture.completedFuture(Admission.ADMITTED);
        }

        @Override
        public void disconnected(ConnectedClient client) {
            throw new IllegalStateException("broken observer");
        }

        @Override
        public void published(ConnectedClient client) {}
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void closesListenersFirstAndTellsTheClients(int level) {
        BrokerFixture broker = BrokerFixture.open();
        InetSocketAddress address = broker.address();
        RawClient client = broker.client(level, "c");
        CompletableFuture<Void> closing = CompletableFuture.runAsync(broker.broker()::close);
        if (level == 5) {
            client.expect("E0 01 8B");
        }
        client.expectClosed();
        assertThatThrownBy(() -> RawClient.to(address)).isInstanceOf(UncheckedIOException.class);
        client.close();
        closing.orTimeout(10, TimeUnit.SECONDS).join();
        broker.close(); // a second time does no harm
    }

    @Test
    void doesNotStartWithoutItsListener() {
        try (BrokerFixture present = BrokerFixture.open()) {
            BrokerConfig config =
                    BrokerConfig.of(
                            List.of(
                                    new ListenerConfig("free", "127.0.0.1", 0),
                                    new ListenerConfig(
                                            "taken", "127.0.0.1", present.address().getPort())));
            assertThatThrownBy(
                            () ->
                                    Broker.start(
                                            config,
                                            BrokerFixture.OPEN,
                                            ClientObserver.NONE,
                                            new SimpleMeterRegistry()))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("taken")
                    .hasMessageContaining("" + present.address().getPort());
        }
    }

    @Test
    void acceptsNobodyBeforeItIsToldToListen() {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (Broker broker =
                Broker.prepare(
                        BrokerFixture.settings().config(),
                        BrokerFixture.OPEN,
                        ClientObserver.NONE,
                        new SimpleMeterRegistry())) {
            assertThat(broker.addresses()).isEmpty();
            broker.subscribe("#", message -> heard.add(message.topic()));

            broker.listen();

            InetSocketAddress address = broker.addresses().values().iterator().next();
            RawClient.to(address).send(connect(4, "c").bytes(), publish("first", "x")).close();
            await().until(() -> heard.contains("first"));
        }
    }

    @Test
    void publishesMessagesOfTheHub() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(4, "c").subscribe("$muster/#", 1);
            for (int i = 0; i < 100; i++) {
                broker.broker().publish(message("$muster/state", "" + i));
            }
            for (int i = 0; i < 100; i++) {
                RawClient.Packet packet = client.expectPublish("" + i);
                client.send(Packets.puback(packet.packetId()));
            }
            RawClient later = broker.client(4, "later").subscribe("$muster/+", 0);
            assertThat(later.expectPublish("99").retain()).isTrue();
        }
    }

    private static Message message(String topic, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return Message.of(topic, Payload.of(bytes), Qos.AT_LEAST_ONCE, true);
    }

    @Test
    void countsWhatHappens() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.retainedMax = 1;
        try (BrokerFixture broker = settings.start()) {
            RawClient subscriber = broker.raw().connect(connect(4, "s").resume()).subscribe("t", 1);
            RawClient publisher = broker.client(4, "p");
            publisher.send(publish("t", "12345"), publish(0x02, 1, "t", "123"));
            subscriber.expectPublish("12345");
            subscriber.expectPublish("123");
            publisher.send(publish(0x05, 2, "t", "1"), Packets.pubrel(2));
            subscriber.expectPublish("1");
            publisher.send(publish(0x03, 3, "another", "refused"));
            publisher.expect("40 02 00 01").expect("50 02 00 02").expect("70 02 00 02");
            publisher.expect("40 02 00 03");
            String[] received = {"direction", "received", "qos", "1"};
            String[] sent = {"direction", "sent", "qos", "1"};
            assertThat(broker.metric("muster.messages", received)).isEqualTo(2);
            assertThat(broker.metric("muster.messages", sent)).isEqualTo(2);
            assertThat(broker.metric("muster.message.bytes", sent)).isEqualTo(4);
            assertThat(broker.metric("muster.messages", "direction", "sent", "qos", "0"))
                    .isEqualTo(1);
            assertThat(broker.metric("muster.clients")).isEqualTo(2);
            assertThat(broker.metric("muster.sessions")).isEqualTo(2);
            assertThat(broker.metric("muster.subscriptions")).isEqualTo(1);
            assertThat(broker.metric("muster.retained.messages")).isEqualTo(1);
            System.gc(); // The counts must not hang on something that only the registry knows.
            assertThat(broker.metric("muster.messages.dropped", "reason", "retained_full"))
                    .isEqualTo(1);
            subscriber.close();
            publisher.close();
            await().until(() -> broker.metric("muster.clients") == 0);
            await().until(() -> broker.metric("muster.sessions") == 1);
            await().until(() -> broker.metric("muster.connections") == 0);
        }
    }
}
