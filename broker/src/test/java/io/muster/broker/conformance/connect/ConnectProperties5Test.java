package io.muster.broker.conformance.connect;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.u8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the properties of CONNECT may be, and what follows from them [MQTT5 3.1.2.11]. */
@DisplayNameGeneration(StatementNames.class)
class ConnectProperties5Test {

    /** Everything may be done, but not on topics that begin with "forbidden". */
    private static final TopicPermissions MOST =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return !topicName.startsWith("forbidden");
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return !topicFilter.startsWith("forbidden");
                }
            };

    private static final BrokerFixture BROKER = broker();

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.responseInformation = "responses/";
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.identity("", MOST)));
        return settings.start();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    static Stream<Arguments> valuesOutOfRange() {
        return Stream.of(
                arguments("receive maximum 0", u16(0x21, 0)),
                arguments("maximum packet size 0", u32(0x27, 0)),
                arguments("request response information 2", u8(0x19, 2)),
                arguments("request response information 255", u8(0x19, 255)),
                arguments("request problem information 2", u8(0x17, 2)),
                arguments("request problem information 255", u8(0x17, 255)),
                arguments("authentication data alone", Packets.text(0x16, "data")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("valuesOutOfRange")
    void refusesValuesOutOfRange(String value, byte[] property) {
        StrictReader.ends(BROKER, connect(5, "range").with(property).bytes(), 0x82);
    }

    static Stream<Arguments> valuesInRange() {
        return Stream.of(
                arguments("receive maximum 1", u16(0x21, 1)),
                arguments("receive maximum 65,535", u16(0x21, 65_535)),
                arguments("maximum packet size 100", u32(0x27, 100)),
                arguments("maximum packet size 4,294,967,295", u32(0x27, 0xFFFF_FFFFL)),
                arguments("topic alias maximum 0", u16(0x22, 0)),
                arguments("topic alias maximum 65,535", u16(0x22, 65_535)),
                arguments("request response information 0", u8(0x19, 0)),
                arguments("request response information 1", u8(0x19, 1)),
                arguments("request problem information 0", u8(0x17, 0)),
                arguments("request problem information 1", u8(0x17, 1)),
                arguments("session expiry 0", u32(0x11, 0)),
                arguments("session expiry 4,294,967,295", u32(0x11, 0xFFFF_FFFFL)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("valuesInRange")
    void takesValuesInRange(String value, byte[] property) {
        RawClient client = BROKER.raw().speaking(5);
        StrictReader.accepted(client.send(connect(5, "range").with(property).bytes()));
        client.expectNothing();
    }

    @Test
    void refusesAnUnknownAuthenticationMethod() {
        byte[] method = Packets.text(0x15, "UNHEARD-OF");
        StrictReader.ends(BROKER, connect(5, "method").with(method).bytes(), 0x8C);
        byte[] data = Packets.join(method, Packets.text(0x16, "data"));
        StrictReader.ends(BROKER, connect(5, "method").with(data).bytes(), 0x8C);
    }

    /** A PUBLISH of topic "size" with this payload has 9 bytes more than the payload. */
    @Test
    @Normative(mqtt5 = {"3.1.2-24", "3.1.2-25"})
    void sendsNoPacketLargerThanTheClientTakes() {
        RawClient small = BROKER.raw().speaking(5);
        small.connect(connect(5, "small").with(u32(0x27, 40))).subscribe("size", 0);
        RawClient publisher = BROKER.client(5, "size-publisher");
        publisher.send(publish5("size", NO_PROPERTIES, "x".repeat(32)));
        publisher.send(publish5("size", NO_PROPERTIES, "y".repeat(31)));
        publisher.send(publish5("size", Packets.userProperty("n", "v".repeat(40)), "z"));
        publisher.send(publish5("size", NO_PROPERTIES, "last"));
        RawClient.Packet largest = StrictReader.publish(small, "y".repeat(31));
        assertThat(largest.body()).hasSize(38);
        small.expectPublish("last");
    }

    /** A dropped message must not count as one on its way. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Normative(mqtt5 = "3.1.2-25")
    void goesOnAsIfTheDroppedMessageHadBeenDelivered(int qos) {
        String topic = "dropped" + qos;
        RawClient small = BROKER.raw().speaking(5);
        small.connect(connect(5, "dropped").with(u32(0x27, 50)).with(u16(0x21, 1)));
        small.subscribe(topic, qos);
        RawClient publisher = BROKER.client(5, "drop-publisher");
        for (int i = 0; i < 3; i++) {
            publisher.send(publish5(qos << 1, 3 * i + 1, topic, NO_PROPERTIES, "x".repeat(60)));
        }
        publisher.send(publish5(qos << 1, 20, topic, NO_PROPERTIES, "fits"));
        assertThat(small.expectPublish("fits").packetId()).isPositive();
    }

    @Test
    @Normative(mqtt5 = "3.1.2-25")
    void dropsWhatIsTooLargeForOneSubscriberOnly() {
        RawClient small = BROKER.raw().speaking(5);
        small.connect(connect(5, "one-small").with(u32(0x27, 50))).subscribe("both", 1);
        RawClient large = BROKER.client(5, "one-large").subscribe("both", 1);
        RawClient publisher = BROKER.client(5, "one-publisher");
        publisher.send(publish5(QOS_1, 1, "both", NO_PROPERTIES, "x".repeat(60)));
        publisher.expect("40 02 00 01");
        large.expectPublish("x".repeat(60));
        small.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0})
    @Normative(mqtt5 = {"3.1.2-27", "3.3.2-11"})
    void sendsNoTopicAliasToAClientThatTakesNone(int maximum) {
        RawClient client = BROKER.raw().speaking(5);
        Packets.Connect connect = connect(5, "no-alias");
        client.connect(maximum < 0 ? connect : connect.with(u16(0x22, maximum)));
        client.subscribe("alias/#", 0);
        RawClient publisher = BROKER.client(5, "no-alias-publisher");
        for (int i = 0; i < 20; i++) {
            publisher.send(publish5("alias/often", u16(0x23, 1), "" + i));
            RawClient.Packet publish = StrictReader.publish(client, "" + i);
            assertThat(publish.propertyList().has(Packets.TOPIC_ALIAS)).isFalse();
            assertThat(publish.topic()).isEqualTo("alias/often");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 65_535})
    @Normative(mqtt5 = {"3.1.2-26", "3.3.2-8", "3.3.2-11"})
    void sendsOnlyTopicAliasesThatTheClientTakes(int maximum) {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "aliases").with(u16(0x22, maximum))).subscribe("many/#", 0);
        RawClient publisher = BROKER.client(5, "aliases-publisher");
        Map<Long, String> mappings = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            String topic = "many/topic" + i / 5 % 4;
            publisher.send(publish5(topic, NO_PROPERTIES, "" + i));
            assertThat(resolve(StrictReader.publish(client, "" + i), mappings)).isEqualTo(topic);
        }
        assertThat(mappings.keySet())
                .isNotEmpty()
                .allSatisfy(alias -> assertThat(alias).isBetween(1L, (long) maximum));
    }

    private static String resolve(RawClient.Packet publish, Map<Long, String> mappings) {
        if (publish.propertyList().has(Packets.TOPIC_ALIAS)) {
            long alias = publish.propertyList().number(Packets.TOPIC_ALIAS);
            if (!publish.topic().isEmpty()) {
                mappings.put(alias, publish.topic());
            }
            return mappings.getOrDefault(alias, "alias without topic");
        }
        return publish.topic();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    @Normative(mqtt5 = "3.1.2-28")
    void tellsResponseInformationOnlyToThoseWhoAsk(int asked) {
        Packets.Connect connect = connect(5, "response");
        RawClient client = BROKER.raw().speaking(5);
        client.send((asked < 0 ? connect : connect.with(u8(0x19, asked))).bytes());
        RawClient.Packet connack = StrictReader.accepted(client);
        boolean told = connack.propertyList().has(Packets.RESPONSE_INFORMATION);
        assertThat(told).isEqualTo(asked == 1);
    }

    /** Requests that fail without an end of the connection, and the type of their answers. */
    static Stream<Arguments> failures() {
        return Stream.of(
                arguments("PUBACK", publish5(QOS_1, 1, "forbidden", NO_PROPERTIES, ""), 4),
                arguments("PUBREC", publish5(4, 1, "forbidden", NO_PROPERTIES, ""), 5),
                arguments("SUBACK", Packets.subscribe5(1, "forbidden", 0), 9),
                arguments("UNSUBACK", Packets.unsubscribe5(1, NO_PROPERTIES, "no/such"), 11),
                arguments("PUBREL", Packets.pubrec(9), 6),
                arguments("PUBCOMP", Packets.pubrel(9), 7));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    @Normative(mqtt5 = "3.1.2-29")
    void givesNoProblemInformationToThoseWhoWantNone(String name, byte[] request, int answer) {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "no-problem").with(u8(0x17, 0)));
        RawClient.Packet packet = StrictReader.read(client.send(request), answer);
        assertThat(packet.propertyList().has(Packets.REASON_STRING)).isFalse();
        assertThat(packet.propertyList().has(Packets.USER_PROPERTY)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void saysWhyARequestFailed(int asked) {
        Packets.Connect connect = connect(5, "problem");
        RawClient client = BROKER.raw().speaking(5);
        client.connect(asked < 0 ? connect : connect.with(u8(0x17, asked)));
        client.send(publish5(QOS_1, 1, "forbidden", NO_PROPERTIES, ""));
        RawClient.Packet puback = StrictReader.read(client, 4);
        assertThat(puback.reason()).isEqualTo(0x87);
        assertThat(puback.propertyList().text(Packets.REASON_STRING)).isNotBlank();
        client.send(Packets.subscribe5(2, "forbidden", 0));
        RawClient.Packet suback = StrictReader.read(client, 9);
        assertThat(suback.reasons()).containsExactly(0x87);
        assertThat(suback.propertyList().text(Packets.REASON_STRING)).isNotBlank();
    }

    /** A reason string must not make a packet larger than the client takes. */
    @Test
    @Normative(mqtt5 = {"3.1.2-24", "3.2.2-19"})
    void leavesOutReasonStringsThatDoNotFit() {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "tight").with(u32(0x27, 60)));
        client.send(publish5(QOS_1, 1, "forbidden", NO_PROPERTIES, ""));
        RawClient.Packet puback = StrictReader.read(client, 4);
        assertThat(puback.reason()).isEqualTo(0x87);
        assertThat(puback.body().length + 2).isLessThanOrEqualTo(60);
        RawClient tightest = BROKER.raw().speaking(5);
        byte[] method = Packets.text(0x15, "UNHEARD-OF");
        tightest.send(connect(5, "tight").with(u32(0x27, 6)).with(method).bytes());
        RawClient.Packet connack = StrictReader.refused(tightest, 0x8C);
        assertThat(connack.body().length + 2).isLessThanOrEqualTo(6);
    }
}
