package io.muster.broker.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.ListenerConfig;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.net.websocket.WebSocketSettings;
import io.muster.broker.scenarios.TestClient.Options;
import io.muster.broker.scenarios.TestClient.Received;
import io.muster.broker.scenarios.TestClient.Transport;
import io.muster.broker.scenarios.TestClient.Will;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scenarios, each with every library. */
@ParameterizedClass
@EnumSource(ClientScenariosTest.Library.class)
class ClientScenariosTest {

    private static final BrokerFixture BROKER = start();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** A client library, and what carries its packets. */
    enum Library {
        PAHO_V3(Transport.TCP),
        PAHO_V3_WEBSOCKET(Transport.WEBSOCKET),
        PAHO_V5(Transport.TCP),
        PAHO_V5_WEBSOCKET(Transport.WEBSOCKET),
        HIVEMQ(Transport.TCP),
        HIVEMQ_WEBSOCKET(Transport.WEBSOCKET),
        MQTT_JS(Transport.TCP),
        MQTT_JS_WEBSOCKET(Transport.WEBSOCKET);

        private final Transport transport;

        Library(Transport transport) {
            this.transport = transport;
        }

        TestClient client(String clientIdentifier, boolean clean, Optional<Will> will)
                throws Exception {
            InetSocketAddress address =
                    BROKER.address(transport == Transport.WEBSOCKET ? "ws" : "tcp");
            Options options = new Options(address, transport, clientIdentifier, clean, will);
            return switch (this) {
                case PAHO_V3, PAHO_V3_WEBSOCKET -> new PahoV3Client(options);
                case PAHO_V5, PAHO_V5_WEBSOCKET -> new PahoV5Client(options);
                case HIVEMQ, HIVEMQ_WEBSOCKET -> new HiveMqClient(options);
                case MQTT_JS, MQTT_JS_WEBSOCKET -> new MqttJsClient(options);
            };
        }
    }

    private final Library library;
    private final List<TestClient> clients = new ArrayList<>();

    /** A name that no other test uses: topics and client identifiers begin with it. */
    private final String own = "s" + NUMBER.incrementAndGet();

    ClientScenariosTest(Library library) {
        this.library = library;
    }

    private static BrokerFixture start() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.listeners =
                List.of(
                        new ListenerConfig("tcp", "127.0.0.1", 0),
                        new ListenerConfig(
                                "ws",
                                "127.0.0.1",
                                0,
                                // The HiveMQ client sends an Origin as if it were a browser.
                                Optional.of(
                                        new WebSocketSettings(
                                                "/" + TestClient.PATH,
                                                Set.of(WebSocketSettings.ANY_ORIGIN))),
                                Optional.empty()));
        return settings.start();
    }

    @BeforeEach
    void skipWhatIsNotInstalled() {
        if (library == Library.MQTT_JS || library == Library.MQTT_JS_WEBSOCKET) {
            Requirement.MQTT_JS.mustBeThere(MqttJsClient.isInstalled());
        }
    }

    @AfterEach
    void closeClients() throws Exception {
        for (TestClient client : clients) {
            client.close();
        }
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private TestClient create(String name, boolean clean, Optional<Will> will) throws Exception {
        TestClient client = library.client(own + name, clean, will);
        clients.add(client);
        return client;
    }

    private TestClient connected(String name) throws Exception {
        TestClient client = create(name, true, Optional.empty());
        assertThat(client.connect()).isFalse();
        return client;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void deliversInOrderWithTheLowerQos(int qos) throws Exception {
        TestClient subscriber = connected("subscriber");
        subscriber.subscribe(own + "/full", 2);
        subscriber.subscribe(own + "/low", 0);
        TestClient publisher = connected("publisher");
        for (int i = 0; i < 50; i++) {
            // A library hands a message of QoS 2 over after its PUBREL, so one after the other.
            publisher.publish(own + "/full", "" + i, qos, false);
            assertThat(subscriber.next())
                    .isEqualTo(new Received(own + "/full", "" + i, qos, false));
            publisher.publish(own + "/low", "" + i, qos, false);
            assertThat(subscriber.next()).isEqualTo(new Received(own + "/low", "" + i, 0, false));
        }
        subscriber.unsubscribe(own + "/full");
        publisher.publish(own + "/full", "gone", qos, false);
        publisher.publish(own + "/low", "last", qos, false);
        assertThat(subscriber.next().payload()).isEqualTo("last");
        assertThat(subscriber.hasNone()).isTrue();
    }

    @Test
    void matchesWildcards() throws Exception {
        TestClient one = connected("one");
        one.subscribe(own + "/+/b", 1);
        TestClient many = connected("many");
        many.subscribe(own + "/#", 1);
        TestClient system = connected("system");
        system.subscribe("#", 0);
        system.subscribe("+/" + own, 0);
        TestClient publisher = connected("publisher");
        Payload dollar = Payload.of("dollar".getBytes(StandardCharsets.UTF_8)); // [MQTT-4.7.2-1]
        BROKER.broker()
                .publish(Message.of("$" + own + "/" + own, dollar, Qos.AT_LEAST_ONCE, false))
                .toCompletableFuture()
                .join();
        for (String topic : List.of("/a/b", "/a/b/c", "", "//b", "/a")) {
            publisher.publish(own + topic, topic, 1, false);
        }
        assertThat(List.of(one.next().payload(), one.next().payload()))
                .containsExactly("/a/b", "//b");
        for (String topic : List.of("/a/b", "/a/b/c", "", "//b", "/a")) {
            assertThat(many.next().payload()).isEqualTo(topic);
            assertThat(system.next().payload()).isEqualTo(topic);
        }
    }

    @Test
    void retainsTheLastMessageUntilItIsCleared() throws Exception {
        TestClient live = connected("live");
        live.subscribe(own + "/r", 1);
        TestClient publisher = connected("publisher");
        publisher.publish(own + "/r", "old", 1, true);
        publisher.publish(own + "/r", "new", 1, true); // [MQTT-3.3.1-5]
        assertThat(live.next()).isEqualTo(new Received(own + "/r", "old", 1, false));
        assertThat(live.next()).isEqualTo(new Received(own + "/r", "new", 1, false));
        TestClient late = connected("late");
        late.subscribe(own + "/#", 1);
        assertThat(late.next()).isEqualTo(new Received(own + "/r", "new", 1, true));
        publisher.publish(own + "/r", "", 1, true); // [MQTT-3.3.1-6]
        assertThat(late.next()).isEqualTo(new Received(own + "/r", "", 1, false));
        TestClient later = connected("later");
        later.subscribe(own + "/r", 1);
        publisher.publish(own + "/r", "live", 1, false);
        assertThat(later.next().payload()).isEqualTo("live");
    }

    @Test
    void publishesTheWillOfOneWhoIsLost() throws Exception {
        TestClient watcher = connected("watcher");
        watcher.subscribe(own + "/will", 1);
        Optional<Will> will = Optional.of(new Will(own + "/will", "lost"));
        TestClient polite = create("polite", true, will);
        polite.connect();
        polite.disconnect();
        TestClient lost = create("lost", true, will);
        lost.connect();
        lost.drop();
        assertThat(watcher.next()).isEqualTo(new Received(own + "/will", "lost", 1, false));
        assertThat(watcher.hasNone()).isTrue();
    }

    @Test
    void letsTheNewestOfOneNameIn() throws Exception {
        TestClient first = connected("same");
        TestClient second = connected("same");
        await().until(() -> !first.isConnected());
        second.subscribe(own, 1);
        second.publish(own, "x", 1, false);
        assertThat(second.next().payload()).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void keepsASessionForOneWhoComesBack(int qos) throws Exception {
        TestClient client = create("lasting", false, Optional.empty());
        assertThat(client.connect()).isFalse();
        client.subscribe(own + "/q", 2);
        client.disconnect();
        TestClient publisher = connected("publisher");
        for (int i = 0; i < 20; i++) {
            publisher.publish(own + "/q", "" + i, qos, false);
        }
        TestClient again = create("lasting", false, Optional.empty());
        assertThat(again.connect()).isTrue();
        for (int i = 0; i < 20; i++) {
            assertThat(again.next()).isEqualTo(new Received(own + "/q", "" + i, qos, false));
        }
        again.disconnect();
        TestClient clean = connected("lasting");
        clean.disconnect();
        assertThat(create("lasting", false, Optional.empty()).connect()).isFalse();
    }
}
