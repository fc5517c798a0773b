package io.muster.broker;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.RESPONSE_INFORMATION;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.properties;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.u8;
import static io.muster.broker.Packets.userProperty;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.RawClient.Packet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators may have otherwise than by default, as clients see it. */
class ProtocolSettingsTest {

    private static final byte[] IS_TEXT = u8(Packets.PAYLOAD_FORMAT, 1);
    private static final byte[] NO_TEXT = {(byte) 0xC3, 0x28};
    private static final byte[] SOME_TEXT = Packets.utf8("pi\u00F1a");

    // ------------------------------------------------------------- check-payload-format

    private static BrokerFixture checking() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.checksPayloadFormat = true;
        return settings.start();
    }

    private static byte[] message(int flags, byte[] properties, byte[] payload) {
        byte[] identifier = (flags & (QOS_1 | QOS_2)) == 0 ? new byte[0] : u16(7);
        return packet(0x30 | flags, text("t"), identifier, properties(properties), payload);
    }

    private static double wronglyFormatted(BrokerFixture broker) {
        return broker.metric("muster.messages.dropped", "reason", "payload_format");
    }

    @ParameterizedTest
    @CsvSource({QOS_1 + ",4", QOS_2 + ",5"})
    void tellsThePublisherThatAPayloadIsNotTheTextThatItShouldBe(int qos, int answer) {
        try (BrokerFixture broker = checking()) {
            RawClient subscriber = broker.client(5, "subscriber").subscribe("t", 2);
            RawClient publisher = broker.client(5, "publisher");
            publisher.send(message(qos, IS_TEXT, NO_TEXT));

            Packet refused = publisher.expectType(answer);
            assertThat(refused.reason()).isEqualTo(0x99);
            assertThat(refused.packetId()).isEqualTo(7);
            // The packet identifier is free again, so this is another message [MQTT-4.3.3-9].
            publisher.send(message(qos, IS_TEXT, SOME_TEXT));
            assertThat(publisher.expectType(answer).reason()).isZero();
            subscriber.expectPublish("pi\u00F1a");
            subscriber.expectNothing();
            assertThat(wronglyFormatted(broker)).isEqualTo(1);
        }
    }

    @Test
    void dropsSuchAMessageOfQosZeroAndCountsIt() {
        try (BrokerFixture broker = checking()) {
            RawClient subscriber = broker.client(5, "subscriber").subscribe("t", 0);
            RawClient publisher = broker.client(5, "publisher");
            publisher.send(message(0, IS_TEXT, NO_TEXT), message(0, IS_TEXT, SOME_TEXT));

            publisher.expectNothing();
            subscriber.expectPublish("pi\u00F1a");
            assertThat(wronglyFormatted(broker)).isEqualTo(1);
        }
    }

    @Test
    void takesAnyPayloadThatIsNotSaidToBeText() {
        try (BrokerFixture broker = checking()) {
            RawClient subscriber = broker.client(5, "subscriber").subscribe("t", 0);
            RawClient publisher = broker.client(5, "publisher");
            byte[] isBinary = u8(Packets.PAYLOAD_FORMAT, 0);
            publisher.send(message(0, NO_PROPERTIES, NO_TEXT), message(0, isBinary, NO_TEXT));

            assertThat(subscriber.expectType(3).body()).endsWith(NO_TEXT);
            assertThat(subscriber.expectType(3).body()).endsWith(NO_TEXT);
            assertThat(wronglyFormatted(broker)).isZero();
        }
    }

    @Test
    void refusesAConnectWhoseWillIsNotTheTextThatItShouldBe() {
        try (BrokerFixture broker = checking()) {
            broker.raw().speaking(5).send(withWill(IS_TEXT, NO_TEXT)).expectRefused(0x99);
            broker.raw().speaking(5).send(withWill(IS_TEXT, SOME_TEXT)).expectConnack(false);
            broker.raw().speaking(5).send(withWill(NO_PROPERTIES, NO_TEXT)).expectConnack(false);
        }
    }

    private static byte[] withWill(byte[] willProperties, byte[] payload) {
        return connect(5, "mortal")
                .flags(0x04)
                .payload(properties(willProperties), text("will"), Packets.binary(payload))
                .bytes();
    }

    @Test
    void forwardsAnyPayloadByDefault() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient subscriber = broker.client(5, "subscriber").subscribe("t", 1);
            RawClient publisher = broker.client(5, "publisher");
            publisher.send(message(QOS_1, IS_TEXT, NO_TEXT)).expect("40 02 00 07");
            assertThat(subscriber.expectType(3).body()).endsWith(NO_TEXT);
            broker.raw().speaking(5).send(withWill(IS_TEXT, NO_TEXT)).expectConnack(false);
        }
    }

    // --------------------------------------------------------------- control-characters

    @ParameterizedTest
    @ValueSource(strings = {"\1", "a\tb", "\u007F", "\u009F", "\uFFFF", "\uFDD0", "\uD83F\uDFFE"})
    void takesControlCharactersAndNonCharactersWhereThatIsWanted(String unusual) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.refusesControlCharacters = false;
        try (BrokerFixture broker = settings.start()) {
            RawClient five = broker.client(5, "five").subscribe("t/" + unusual, 0);
            RawClient four = broker.client(4, "four").subscribe("t/" + unusual, 0);
            byte[] property = userProperty(unusual, unusual);
            five.send(publish5("t/" + unusual, property, "x"));

            Packet received = five.expectPublish("x");
            assertThat(received.topic()).isEqualTo("t/" + unusual);
            assertThat(received.properties()).isEqualTo(property);
            assertThat(four.expectPublish("x").topic()).isEqualTo("t/" + unusual);
            // U+0000 is not a matter of taste [MQTT-1.5.4-2].
            five.send(publish5("t/\0", NO_PROPERTIES, "x")).expectDisconnect5(0x81);
            four.send(Packets.publish("t/\0", "x")).expectClosed();
        }
    }

    /** Client identifiers stand in every line of the log. */
    @Test
    void takesNoControlCharactersInAClientIdentifierAllTheSame() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.refusesControlCharacters = false;
        try (BrokerFixture broker = settings.start()) {
            broker.raw().send(connect(5, "two\nlines").bytes()).expectRefused(0x85);
            broker.raw().send(connect(4, "two\nlines").bytes()).expectRefused(0x02);
        }
    }

    // -------------------------------------------------------------- response-information

    @ParameterizedTest
    @CsvSource({"named, answers/named/", "'', answers/assigned-"})
    void tellsTheClientItsPlaceForAnswersIfItAsks(String name, String told) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.responseInformation = "answers/${clientIdentifier}/";
        byte[] asking = u8(Packets.REQUEST_RESPONSE_INFORMATION, 1);
        try (BrokerFixture broker = settings.start()) {
            RawClient client = broker.raw().speaking(5);
            Packet connack = client.send(connect(5, name).with(asking).bytes()).expectType(2);
            String place = connack.propertyList().text(RESPONSE_INFORMATION);
            assertThat(place).startsWith(told).endsWith("/");

            // A round trip as it is meant: the answer comes where the request says.
            client.subscribe(place + "#", 1);
            RawClient service = broker.client(5, "service").subscribe("questions", 1);
            byte[] request =
                    join(
                            text(Packets.RESPONSE_TOPIC, place + "1"),
                            Packets.binary(Packets.CORRELATION_DATA, new byte[] {1, 2}));
            client.send(publish5("questions", request, "how many?"));
            Packet question = service.expectPublish("how many?");
            String answerTo = question.propertyList().text(Packets.RESPONSE_TOPIC);
            byte[] correlation = question.propertyList().binary(Packets.CORRELATION_DATA);
            service.send(
                    publish5(answerTo, Packets.binary(Packets.CORRELATION_DATA, correlation), "2"));
            assertThat(client.expectPublish("2").topic()).isEqualTo(place + "1");
        }
    }
}
