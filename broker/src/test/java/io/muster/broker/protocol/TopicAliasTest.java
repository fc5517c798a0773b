package io.muster.broker.protocol;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.RawClient.Packet;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Topic aliases that the broker gives, and those that it takes, on one connection. */
class TopicAliasTest {

    private static final String HOT = "factory/hall/machine/temperature";
    private static final byte[] TAKES_ALIASES = u16(Packets.TOPIC_ALIAS_MAXIMUM, 5);

    private static byte[] message(int qos, int packetId, String payload) {
        return qos == 0
                ? publish5(HOT, NO_PROPERTIES, payload)
                : publish5(qos << 1, packetId, HOT, NO_PROPERTIES, payload);
    }

    private static boolean hasAlias(Packet publish) {
        return publish.propertyList().has(Packets.TOPIC_ALIAS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void fromTheSecondMessageOnATopicIsAnAliasOnly(int qos) {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.raw().speaking(5);
            client.connect(connect(5, "client").with(TAKES_ALIASES)).subscribe(HOT, qos);
            RawClient publisher = broker.client(5, "publisher");
            for (int i = 1; i <= 10; i++) {
                publisher.send(message(qos, i, "" + i));
            }

            Packet first = client.expectPublish("1");
            assertThat(first.topic()).isEqualTo(HOT);
            long alias = first.propertyList().number(Packets.TOPIC_ALIAS);
            assertThat(alias).isBetween(1L, 5L);
            for (int i = 2; i <= 10; i++) {
                Packet next = client.expectPublish("" + i);
                assertThat(next.topic()).isEmpty();
                assertThat(next.propertyList().number(Packets.TOPIC_ALIAS)).isEqualTo(alias);
            }
        }
    }

    /** One client, two namespaces of the same numbers. */
    @Test
    void bothSidesGiveAliasesOfTheirOwn() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient one = broker.raw().speaking(5);
            RawClient two = broker.raw().speaking(5);
            one.connect(connect(5, "one").with(TAKES_ALIASES)).subscribe("to-one", 0);
            two.connect(connect(5, "two").with(TAKES_ALIASES)).subscribe("to-two", 0);
            Map<Long, String> oneKnows = new HashMap<>();
            Map<Long, String> twoKnows = new HashMap<>();
            for (int i = 0; i < 6; i++) {
                // An alias stands for its topic from its second use on.
                one.send(publish5(i == 0 ? "to-two" : "", u16(Packets.TOPIC_ALIAS, 1), "" + i));
                two.send(publish5(i == 0 ? "to-one" : "", u16(Packets.TOPIC_ALIAS, 1), "" + i));
                assertThat(topic(two.expectPublish("" + i), twoKnows)).isEqualTo("to-two");
                assertThat(topic(one.expectPublish("" + i), oneKnows)).isEqualTo("to-one");
            }
            assertThat(oneKnows).containsValue("to-one");
            assertThat(twoKnows).containsValue("to-two");
        }
    }

    private static String topic(Packet publish, Map<Long, String> known) {
        if (!hasAlias(publish)) {
            return publish.topic();
        }
        long alias = publish.propertyList().number(Packets.TOPIC_ALIAS);
        if (!publish.topic().isEmpty()) {
            known.put(alias, publish.topic());
        }
        return known.getOrDefault(alias, "an alias without a topic");
    }

    /** The alias itself takes bytes, which must not make a packet larger than the client takes. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void noAliasMakesAPacketLargerThanTheClientTakes(int qos) {
        int packetBytesMax = 150;
        // Type, two bytes of length, topic, packet identifier and the length of no properties.
        int overhead = 1 + 2 + 2 + HOT.length() + (qos == 0 ? 0 : 2) + 1;
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.raw().speaking(5);
            client.connect(
                    connect(5, "client")
                            .with(TAKES_ALIASES)
                            .with(u32(Packets.MAXIMUM_PACKET_SIZE, packetBytesMax)));
            client.subscribe(HOT, qos);
            RawClient publisher = broker.client(5, "publisher");
            Map<Long, String> known = new HashMap<>();
            int id = 1;
            for (int round = 0; round < 3; round++) {
                // Those above the limit are dropped. The topic comes to be hot at the limit.
                for (int size = packetBytesMax + 3; size >= packetBytesMax - 12; size--) {
                    String payload = "x".repeat(size - overhead);
                    publisher.send(message(qos, id++, payload));
                    if (size <= packetBytesMax) {
                        Packet packet = client.expectPublish(payload);
                        assertThat(packet.hex().length() / 3 + 1)
                                .as("bytes of the packet")
                                .isLessThanOrEqualTo(packetBytesMax);
                        assertThat(topic(packet, known)).isEqualTo(HOT);
                    }
                }
            }
            await().until(
                            () ->
                                    broker.metric("muster.messages.dropped", "reason", "too_large")
                                            == 9);
            client.expectNothing();
            assertThat(known).containsValue(HOT);
        }
    }
}
