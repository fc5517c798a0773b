package io.muster.broker.protocol;

import static io.muster.broker.Packets.acknowledgement5;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.properties;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.protocol.FlowStage.expectViolation;
import static io.muster.broker.protocol.FlowStage.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.SubscriptionOptions;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class PacketFlowsTest {

    private final FlowStage version5 = new FlowStage(true);
    private final FlowStage version4 = new FlowStage(false);

    private static byte[] publish(FlowStage stage, String topic, int qos, byte[]... properties) {
        return packet(
                0x30 | qos << 1,
                text(topic),
                qos == 0 ? Packets.NO_PROPERTIES : u16(7),
                stage.client.version5() ? properties(properties) : Packets.NO_PROPERTIES,
                new byte[] {1});
    }

    /** A PUBACK, PUBREC, PUBREL or PUBCOMP that says what failed, and why. */
    private static String failed(int firstByte, int packetId, ReasonCode reason) {
        return hex(
                packet(
                        firstByte,
                        u16(packetId),
                        new byte[] {(byte) reason.value()},
                        properties(text(Packets.REASON_STRING, reason.sentence()))));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    // ------------------------------------------------------------------------ PUBLISH

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 4003000710", "2, 50020007"})
    void answersAPublishThatNobodyWants(int qos, String answer) {
        assertThat(version5.receive(publish(version5, "t", qos))).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 40020007", "2, 50020007"})
    void earlierVersionsAreNotToldThatNobodyWantsIt(int qos, String answer) {
        assertThat(version4.receive(publish(version4, "t", qos))).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource({"1, 64", "2, 80"})
    void whatMayNotBePublishedIsAnsweredAndDropped(int qos, int firstByte) {
        version5.receive(subscribe(version5, "#"));
        assertThat(version5.receive(publish(version5, "secret/t", qos)))
                .isEqualTo(failed(firstByte, 7, ReasonCode.NOT_AUTHORIZED));
        assertThat(version5.channel.isOpen()).isTrue();
    }

    @Test
    void whatMayNotBePublishedWithQosZeroIsDroppedInSilence() {
        version5.receive(subscribe(version5, "#"));
        assertThat(version5.receive(publish(version5, "secret/t", 0))).isEmpty();
        assertThat(version5.channel.isOpen()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 40020007", "2, 50020007"})
    void earlierVersionsAreAnsweredAsIfTheyMight(int qos, String answer) {
        version4.receive(subscribe(version4, "#"));
        assertThat(version4.receive(publish(version4, "secret/t", qos))).isEqualTo(answer);
    }

    @Test
    void aRefusedQosTwoMessageLeavesNoIdentifierBehind() {
        version5.receive(publish(version5, "secret/t", 2));
        assertThat(version5.client.session().receivedCount()).isZero();
        assertThat(version5.receive(Packets.pubrel(7)))
                .isEqualTo(failed(0x70, 7, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND));
    }

    @Test
    void earlierVersionsReleaseWhatWasRefusedThemselves() {
        version4.receive(publish(version4, "secret/t", 2));
        assertThat(version4.client.session().receivedCount()).isEqualTo(1);
        assertThat(version4.receive(Packets.pubrel(7))).isEqualTo("70020007");
        assertThat(version4.client.session().receivedCount()).isZero();
    }

    @Test
    void routesARepeatedQosTwoMessageOnce() {
        version5.receive(subscribe(version5, "t"));
        assertThat(version5.receive(publish(version5, "t", 2)))
                .isEqualTo("50020007" + "3207000174000100" + "01");
        assertThat(version5.receive(publish(version5, "t", 2))).isEqualTo("50020007");
        assertThat(version5.receive(Packets.pubrel(7))).isEqualTo("70020007");
        assertThat(version5.receive(publish(version5, "t", 2))).contains("3207000174000200");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void moreUnreleasedMessagesThanAllowedEndTheConnection(int qos) {
        for (int packetId = 1; packetId <= 2; packetId++) {
            version5.client.session().receive(packetId);
        }
        expectViolation(version5, publish(version5, "t", qos), 0x93);
    }

    @Test
    void earlierVersionsAreNotHeldToAMaximumThatTheyAreNotTold() {
        for (int packetId = 1; packetId <= 65_535; packetId++) {
            version4.client.session().receive(packetId);
        }
        version4.receive(Packets.pubrel(7));
        assertThat(version4.receive(publish(version4, "t", 2))).isEqualTo("50020007");
        assertThat(version4.channel.isOpen()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"a+b, 0x81", "'', 0x82"})
    void anInvalidTopicEndsTheConnection(String topic, int reason) {
        expectViolation(version5, publish(version5, topic, 0), reason);
    }

    @ParameterizedTest
    @CsvSource({"1, 64", "2, 80"})
    void aTopicOfTooManyLevelsIsAnsweredAndDropped(int qos, int firstByte) {
        version5.receive(subscribe(version5, "#"));
        assertThat(version5.receive(publish(version5, "a/b/c/d/e/f", qos)))
                .isEqualTo(failed(firstByte, 7, ReasonCode.TOPIC_NAME_INVALID));
        assertThat(version5.receive(publish(version5, "a/b/c/d/e/f", 0))).isEmpty();
        assertThat(version5.receive(publish(version5, "a/b/c/d/e", 0))).isNotEmpty();
        assertThat(version4.receive(publish(version4, "a/b/c/d/e/f", 1))).isEqualTo("40020007");
    }

    @Test
    void anInvalidTopicOfEarlierVersionsEndsTheConnectionWithoutAWord() {
        assertThat(version4.receive(publish(version4, "a/#", 0))).isEmpty();
        assertThat(version4.channel.isOpen()).isFalse();
    }

    @Test
    void aTopicAliasStandsForItsTopic() {
        version5.receive(subscribe(version5, "t"));
        byte[] alias = u16(Packets.TOPIC_ALIAS, 3);
        assertThat(version5.receive(publish(version5, "t", 0, alias)))
                .isEqualTo("300500017400" + "01");
        assertThat(version5.receive(publish(version5, "", 0, alias)))
                .isEqualTo("300500017400" + "01");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 65_535})
    void aTopicAliasBeyondTheMaximumEndsTheConnection(int alias) {
        byte[] property = u16(Packets.TOPIC_ALIAS, alias);
        expectViolation(version5, publish(version5, "t", 1, property), 0x94);
    }

    @Test
    void aPropertyThatIsNotAllowedEndsTheConnection() {
        byte[] identifier = Packets.variable(Packets.SUBSCRIPTION_IDENTIFIER, 1);
        expectViolation(version5, publish(version5, "t", 1, identifier), 0x82);
        byte[] format = Packets.u8(Packets.PAYLOAD_FORMAT, 2);
        expectViolation(new FlowStage(true), publish(version5, "t", 1, format), 0x82);
    }

    @Test
    void aPayloadThatIsNotTheTextThatItIsSaidToBeIsRefused() {
        version5.receive(subscribe(version5, "t"));
        byte[] text =
                packet(
                        0x32,
                        text("t"),
                        u16(7),
                        properties(Packets.u8(Packets.PAYLOAD_FORMAT, 1)),
                        new byte[] {(byte) 0xFF});
        assertThat(version5.receive(text))
                .isEqualTo(failed(0x40, 7, ReasonCode.PAYLOAD_FORMAT_INVALID));
    }

    @Test
    void anExpiredMessageIsNotSent() {
        version5.receive(subscribe(version5, "t"));
        byte[] atOnce = Packets.u32(Packets.MESSAGE_EXPIRY, 0);
        assertThat(version5.receive(publish(version5, "t", 1, atOnce))).isEqualTo("40020007");
        byte[] later = Packets.u32(Packets.MESSAGE_EXPIRY, 9);
        assertThat(version5.receive(publish(version5, "t", 0, later)))
                .isEqualTo("300a0001740502000000" + "0901");
    }

    // ------------------------------------------------------------------ acknowledgements

    @Test
    void answersPubrecWithPubrelAndForgetsAtPubcomp() {
        version5.client
                .session()
                .replay(
                        List.of(retained(Qos.EXACTLY_ONCE)),
                        new SubscriptionOptions(Qos.EXACTLY_ONCE, false, false, 0));
        version5.channel.sent();
        assertThat(version5.receive(Packets.pubrec(1))).isEqualTo("62020001");
        assertThat(version5.receive(Packets.pubcomp(1))).isEmpty();
        assertThat(version5.receive(Packets.pubrec(1)))
                .isEqualTo(failed(0x62, 1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND));
    }

    @Test
    void aPubrecWithAFailureIsTheEndOfTheDelivery() {
        version5.client
                .session()
                .replay(
                        List.of(retained(Qos.EXACTLY_ONCE)),
                        new SubscriptionOptions(Qos.EXACTLY_ONCE, false, false, 0));
        version5.channel.sent();
        assertThat(version5.receive(acknowledgement5(0x50, 1, 0x97, Packets.NO_PROPERTIES)))
                .isEmpty();
        assertThat(version5.receive(Packets.pubrec(1)))
                .isEqualTo(failed(0x62, 1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND));
    }

    @Test
    void answersAnUnknownPubrecOfEarlierVersionsToo() {
        assertThat(version4.receive(Packets.pubrec(9))).isEqualTo("62020009");
        assertThat(version4.receive(Packets.pubrel(9))).isEqualTo("70020009");
    }

    private static Message retained(Qos qos) {
        return Message.of("t", Payload.EMPTY, qos, true);
    }

    // ------------------------------------------------------------------------ DISCONNECT

    private static byte[] disconnect(int reason, long expirySeconds) {
        return Packets.disconnect5(
                reason,
                expirySeconds < 0
                        ? Packets.NO_PROPERTIES
                        : Packets.u32(Packets.SESSION_EXPIRY, expirySeconds));
    }

    @ParameterizedTest
    @CsvSource({"-1, 60", "0, 0", "5, 5", "4294967295, 3600"})
    void disconnectMayChangeTheExpiry(long asked, long expected) {
        assertThat(version5.receive(disconnect(0, asked))).isEmpty();
        assertThat(version5.channel.isOpen()).isFalse();
        assertThat(version5.client.link().expirySeconds()).isEqualTo(expected);
    }

    @Test
    void disconnectMustNotGiveAnExpiryToASessionWithoutOne() {
        FlowStage without = new FlowStage(true, 0);
        expectViolation(without, disconnect(0, 5), 0x82);
        assertThat(without.client.link().expirySeconds()).isZero();
        FlowStage allowed = new FlowStage(true, 0);
        assertThat(allowed.receive(disconnect(0, 0))).isEmpty();
    }

    @Test
    void disconnectOfEarlierVersionsIsNormal() {
        assertThat(version4.receive(Packets.DISCONNECT)).isEmpty();
        assertThat(version4.channel.isOpen()).isFalse();
    }

    // ----------------------------------------------------------------------------- others

    @Test
    void answersPing() {
        assertThat(version4.receive(Packets.PINGREQ)).isEqualTo("d000");
    }

    @ParameterizedTest
    @EnumSource(
            value = PacketType.class,
            mode = Mode.INCLUDE,
            names = {"CONNECT", "CONNACK", "SUBACK", "UNSUBACK", "PINGRESP"})
    void aPacketThatIsNotForClientsToSendEndsTheConnection(PacketType type) {
        expectViolation(version5, packet(type.firstByte()), 0x82);
    }

    @Test
    void packetTypeZeroIsMalformed() {
        expectViolation(version5, packet(0), 0x81);
    }

    @ParameterizedTest
    @EnumSource(
            value = PacketType.class,
            mode = Mode.EXCLUDE,
            names = {"PUBLISH"})
    void reservedFlagsAreMalformed(PacketType type) {
        for (int flags = 0; flags < 16; flags++) {
            if (flags != (type.firstByte() & 0x0F)) {
                expectViolation(
                        new FlowStage(true), packet((type.firstByte() & 0xF0) | flags), 0x81);
            }
        }
    }

    @Test
    void aPingWithABodyIsMalformed() {
        expectViolation(version5, packet(0xC0, new byte[] {0}), 0x81);
    }

    @Test
    void authNeedsAnAuthenticationMethodAtConnect() {
        byte[] auth = Packets.auth(0x19, text(Packets.AUTHENTICATION_METHOD, "m"));
        expectViolation(version5, auth, 0x82);
        assertThat(version4.receive(auth)).isEmpty();
        assertThat(version4.channel.isOpen()).isFalse();
    }
}
