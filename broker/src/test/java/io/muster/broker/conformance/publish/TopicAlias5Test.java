package io.muster.broker.conformance.publish;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Topic aliases that a client gives [MQTT5 3.3.2.3.4, 3.3.4]. */
@DisplayNameGeneration(StatementNames.class)
class TopicAlias5Test {

    private static final int MAXIMUM = 7;
    private static final BrokerFixture BROKER = broker();

    private RawClient subscriber = BROKER.raw();
    private RawClient publisher = BROKER.raw();

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.topicAliasMax = MAXIMUM;
        return settings.start();
    }

    @BeforeEach
    void connectBoth() {
        subscriber = BROKER.client(5, "alias-subscriber").subscribe("alias/#", 2);
        publisher = BROKER.client(5, "alias-publisher");
    }

    @AfterEach
    void closeBoth() {
        subscriber.close();
        publisher.close();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static byte[] message(String topic, int alias, String payload) {
        return publish5(topic, u16(Packets.TOPIC_ALIAS, alias), payload);
    }

    private void expect(String topic, String payload) {
        RawClient.Packet publish = StrictReader.publish(subscriber, payload);
        assertThat(publish.topic()).isEqualTo(topic);
        assertThat(publish.propertyList().has(Packets.TOPIC_ALIAS)).isFalse();
    }

    @Test
    void standsForTheTopicThatItWasGiven() {
        publisher.send(message("alias/a", 1, "1"), message("", 1, "2"), message("", 1, "3"));
        expect("alias/a", "1");
        expect("alias/a", "2");
        expect("alias/a", "3");
    }

    @Test
    void canBeGivenToAnotherTopic() {
        publisher.send(message("alias/a", 1, "1"), message("alias/b", 1, "2"));
        publisher.send(message("", 1, "3"), message("alias/a", 1, "4"), message("", 1, "5"));
        expect("alias/a", "1");
        expect("alias/b", "2");
        expect("alias/b", "3");
        expect("alias/a", "4");
        expect("alias/a", "5");
    }

    @Test
    @Normative(mqtt5 = "3.3.2-12")
    void mayBeAnyNumberUpToTheMaximum() {
        RawClient client = BROKER.raw().speaking(5).send(connect(5, "alias-all").bytes());
        long maximum = StrictReader.accepted(client).propertyList().number(0x22);
        assertThat(maximum).isEqualTo(MAXIMUM);
        for (int alias = 1; alias <= maximum; alias++) {
            client.send(message("alias/" + alias, alias, "first"));
            expect("alias/" + alias, "first");
        }
        for (int alias = 1; alias <= maximum; alias++) {
            client.send(message("", alias, "second"));
            expect("alias/" + alias, "second");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, MAXIMUM + 1, 65_535})
    @Normative(mqtt5 = {"3.3.2-8", "3.3.2-9", "3.2.2-17"})
    void mustNotBeOutOfRange(int alias) {
        StrictReader.disconnected(publisher.send(message("alias/range", alias, "x")), 0x94);
        StrictReader.ends(BROKER, message("", alias, "x"), 0x94);
        subscriber.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.2.2-18")
    void mustNotBeUsedWhereTheBrokerTakesNone() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.topicAliasMax = 0;
        try (BrokerFixture without = settings.start()) {
            RawClient client = without.raw().speaking(5).send(connect(5, "without").bytes());
            assertThat(StrictReader.accepted(client).propertyList().numbers(0x22)).isSubsetOf(0L);
            StrictReader.disconnected(client.send(message("alias/none", 1, "x")), 0x94);
        }
    }

    @Test
    void mustBeKnownWhereTheTopicIsLeftOut() {
        StrictReader.disconnected(publisher.send(message("", 1, "x")), 0x82);
        RawClient other = BROKER.client(5, "alias-other");
        other.send(message("alias/a", 1, "1"));
        expect("alias/a", "1");
        StrictReader.disconnected(other.send(message("", 2, "x")), 0x82);
    }

    @Test
    void mustBeThereWhereTheTopicIsLeftOut() {
        publisher.send(publish5("", NO_PROPERTIES, "x"));
        StrictReader.disconnected(publisher, 0x82);
    }

    @Test
    @Normative(mqtt5 = "3.3.2-7")
    void endsWithItsConnection() {
        RawClient first = BROKER.raw().speaking(5);
        first.connect(connect(5, "alias-resumed").expiry(100));
        first.send(message("alias/a", 1, "1"), Packets.DISCONNECT);
        expect("alias/a", "1");
        RawClient second = BROKER.raw().speaking(5);
        second.connect(connect(5, "alias-resumed").resume(), true);
        StrictReader.disconnected(second.send(message("", 1, "x")), 0x82);
    }

    @Test
    void belongsToOneClient() {
        publisher.send(message("alias/a", 1, "1"));
        expect("alias/a", "1");
        RawClient other = BROKER.client(5, "alias-stranger");
        StrictReader.disconnected(other.send(message("", 1, "x")), 0x82);
    }

    /** Aliases of the two directions have nothing to do with each other. */
    @Test
    void isOfOneDirection() {
        RawClient both = BROKER.raw().speaking(5);
        both.connect(connect(5, "alias-both").with(u16(Packets.TOPIC_ALIAS_MAXIMUM, 1)));
        both.subscribe("alias/theirs", 0);
        for (int i = 0; i < 5; i++) {
            publisher.send(publish5("alias/theirs", NO_PROPERTIES, "theirs"));
            both.expectPublish("theirs");
            expect("alias/theirs", "theirs");
        }
        both.send(message("alias/own", 1, "own"), message("", 1, "own"));
        expect("alias/own", "own");
        expect("alias/own", "own");
    }

    @ParameterizedTest
    @ValueSource(ints = {QOS_1, QOS_2})
    void worksForEachQos(int flags) {
        byte[] alias = u16(Packets.TOPIC_ALIAS, 3);
        publisher.send(
                publish5(flags, 1, "alias/qos", alias, "1"), publish5(flags, 2, "", alias, "2"));
        if (flags == QOS_2) {
            StrictReader.read(publisher, 5);
            StrictReader.read(publisher, 5);
            publisher.send(Packets.pubrel(1), Packets.pubrel(2));
        }
        expect("alias/qos", "1");
        expect("alias/qos", "2");
    }

    @Test
    void isNotKeptWithARetainedMessage() {
        publisher.send(
                Packets.packet(
                        0x31,
                        Packets.text("kept-alias"),
                        Packets.properties(u16(Packets.TOPIC_ALIAS, 1)),
                        "kept".getBytes(UTF_8)));
        publisher.expectNothing();
        subscriber.close();
        subscriber = BROKER.client(5, "alias-late").subscribe("kept-alias", 0);
        expect("kept-alias", "kept");
    }
}
