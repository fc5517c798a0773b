package io.muster.broker.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.SubscriptionOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscribePayload;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribePayload;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class PacketFlowsTest {

    private final FlowStage version5 = new FlowStage(true);
    private final FlowStage version4 = new FlowStage(false);

    private static MqttPublishMessage publish(String topic, int qos, MqttProperties properties) {
        return MqttMessageBuilders.publish()
                .topicName(topic)
                .qos(MqttQoS.valueOf(qos))
                .messageId(7)
                .payload(Unpooled.copiedBuffer(new byte[] {1}))
                .properties(properties)
                .build();
    }

    private static MqttPublishMessage publish(String topic, int qos) {
        return publish(topic, qos, MqttProperties.NO_PROPERTIES);
    }

    private static MqttProperties number(int id, int value) {
        MqttProperties properties = new MqttProperties();
        properties.add(new IntegerProperty(id, value));
        return properties;
    }

    private static MqttFixedHeader header(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }

    private static MqttMessage reply(MqttMessageType type, int packetId, int reason) {
        return new MqttMessage(
                header(type),
                new MqttPubReplyMessageVariableHeader(
                        packetId, (byte) reason, MqttProperties.NO_PROPERTIES));
    }

    private static MqttMessage subscribe(String... filters) {
        MqttMessageBuilders.SubscribeBuilder builder = MqttMessageBuilders.subscribe().messageId(7);
        for (String filter : filters) {
            builder.addSubscription(MqttQoS.AT_LEAST_ONCE, filter);
        }
        return builder.build();
    }

    private static MqttMessage unsubscribe(String... filters) {
        MqttMessageBuilders.UnsubscribeBuilder builder =
                MqttMessageBuilders.unsubscribe().messageId(7);
        for (String filter : filters) {
            builder.addTopicFilter(filter);
        }
        return builder.build();
    }

    private static void expectViolation(FlowStage stage, MqttMessage packet, int reason) {
        assertThat(stage.receive(packet)).isEqualTo("e001" + Integer.toHexString(reason));
        assertThat(stage.channel.isOpen()).isFalse();
        assertThat(stage.client.session().client()).isNull();
    }

    // ------------------------------------------------------------------------ PUBLISH

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 4003000710", "2, 5003000710"})
    void answersAPublishThatNobodyWants(int qos, String answer) {
        assertThat(version5.receive(publish("t", qos))).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 40020007", "2, 50020007"})
    void earlierVersionsAreNotToldThatNobodyWantsIt(int qos, String answer) {
        assertThat(version4.receive(publish("t", qos))).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 4003000787", "2, 5003000787"})
    void whatMayNotBePublishedIsAnsweredAndDropped(int qos, String answer) {
        version5.receive(subscribe("#"));
        assertThat(version5.receive(publish("secret/t", qos))).isEqualTo(answer);
        assertThat(version5.channel.isOpen()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 40020007", "2, 50020007"})
    void earlierVersionsAreAnsweredAsIfTheyMight(int qos, String answer) {
        version4.receive(subscribe("#"));
        assertThat(version4.receive(publish("secret/t", qos))).isEqualTo(answer);
    }

    @Test
    void aRefusedQosTwoMessageLeavesNoIdentifierBehind() {
        version5.receive(publish("secret/t", 2));
        assertThat(version5.client.session().receivedCount()).isZero();
        assertThat(version5.receive(reply(MqttMessageType.PUBREL, 7, 0))).isEqualTo("7003000792");
    }

    @Test
    void routesARepeatedQosTwoMessageOnce() {
        version5.receive(subscribe("t"));
        assertThat(version5.receive(publish("t", 2)))
                .isEqualTo("3207000174000100" + "01" + "50020007");
        assertThat(version5.receive(publish("t", 2))).isEqualTo("50020007");
        assertThat(version5.receive(reply(MqttMessageType.PUBREL, 7, 0))).isEqualTo("70020007");
        assertThat(version5.receive(publish("t", 2))).contains("3207000174000200");
    }

    @Test
    void moreUnreleasedMessagesThanAllowedEndTheConnection() {
        for (int packetId = 1; packetId <= 2; packetId++) {
            version5.client.session().receive(packetId);
        }
        expectViolation(version5, publish("t", 2), 0x93);
    }

    @Test
    void earlierVersionsAreNotHeldToAMaximumThatTheyAreNotTold() {
        for (int packetId = 1; packetId <= 65_535; packetId++) {
            version4.client.session().receive(packetId);
        }
        version4.receive(reply(MqttMessageType.PUBREL, 7, 0));
        assertThat(version4.receive(publish("t", 2))).isEqualTo("50020007");
        assertThat(version4.channel.isOpen()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"a/b/c/d/e/f, 144", "a+b, 144", "'', 144"})
    void anInvalidTopicEndsTheConnection(String topic, int reason) {
        expectViolation(version5, publish(topic, 0), reason);
    }

    @ParameterizedTest
    @CsvSource({"35, 1, 148", "11, 1, 130", "1, 2, 130"})
    void aPropertyThatIsNotAllowedEndsTheConnection(int id, int value, int reason) {
        expectViolation(version5, publish("t", 1, number(id, value)), reason);
    }

    @Test
    void releasesThePayload() {
        MqttPublishMessage packet = publish("t", 1);
        ByteBuf payload = packet.payload();
        version5.receive(packet);
        assertThat(payload.refCnt()).isZero();
    }

    @Test
    void anExpiredMessageIsNotSent() {
        version5.receive(subscribe("t"));
        MqttProperties atOnce = number(MqttProperties.PUBLICATION_EXPIRY_INTERVAL, 0);
        assertThat(version5.receive(publish("t", 1, atOnce))).isEqualTo("40020007");
        MqttProperties later = number(MqttProperties.PUBLICATION_EXPIRY_INTERVAL, 9);
        assertThat(version5.receive(publish("t", 0, later)))
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
        assertThat(version5.receive(reply(MqttMessageType.PUBREC, 1, 0))).isEqualTo("62020001");
        assertThat(version5.receive(reply(MqttMessageType.PUBCOMP, 1, 0))).isEmpty();
        assertThat(version5.receive(reply(MqttMessageType.PUBREC, 1, 0))).isEqualTo("6203000192");
    }

    @Test
    void aPubrecWithAFailureIsTheEndOfTheDelivery() {
        version5.client
                .session()
                .replay(
                        List.of(retained(Qos.EXACTLY_ONCE)),
                        new SubscriptionOptions(Qos.EXACTLY_ONCE, false, false, 0));
        version5.channel.sent();
        assertThat(version5.receive(reply(MqttMessageType.PUBREC, 1, 0x97))).isEmpty();
        assertThat(version5.receive(reply(MqttMessageType.PUBREC, 1, 0))).isEqualTo("6203000192");
    }

    @Test
    void answersAnUnknownPubrecOfEarlierVersionsToo() {
        MqttMessage pubrec =
                new MqttMessage(
                        header(MqttMessageType.PUBREC), MqttMessageIdVariableHeader.from(9));
        assertThat(version4.receive(pubrec)).isEqualTo("62020009");
        assertThat(version4.receive(reply(MqttMessageType.PUBREL, 9, 0))).isEqualTo("70020009");
    }

    private static Message retained(Qos qos) {
        return Message.of("t", Payload.EMPTY, qos, true);
    }

    // ------------------------------------------------------------------------- SUBSCRIBE

    @Test
    void grantsEachFilterOrSaysWhyNot() {
        assertThat(version5.receive(subscribe("a", "secret/#", "$share/g/a", "b", "c", "a")))
                .isEqualTo("9009000700" + "01" + "87" + "9e" + "01" + "97" + "01");
        assertThat(version5.client.session().subscriptionCount()).isEqualTo(2);
    }

    @Test
    void earlierVersionsAreToldNoReason() {
        assertThat(version4.receive(subscribe("a", "secret/#", "$share/g/a", "b", "c")))
                .isEqualTo("90070007" + "01" + "80" + "80" + "01" + "80");
    }

    @Test
    void sendsRetainedMessagesBehindTheSuback() {
        version4.retained.store(
                Message.of("t", Payload.of(new byte[] {1}), Qos.AT_MOST_ONCE, true));
        assertThat(version4.receive(subscribe("t"))).isEqualTo("9003000701310400017401");
        assertThat(version4.receive(subscribe("t"))).as("again").endsWith("310400017401");
    }

    @Test
    void anInvalidFilterEndsTheConnection() {
        expectViolation(version5, subscribe("a/#/b"), 0x81);
    }

    @Test
    void withoutAFilterTheConnectionEnds() {
        MqttMessageIdAndPropertiesVariableHeader id =
                new MqttMessageIdAndPropertiesVariableHeader(7, MqttProperties.NO_PROPERTIES);
        expectViolation(
                version5,
                new MqttSubscribeMessage(
                        header(MqttMessageType.SUBSCRIBE), id, new MqttSubscribePayload(List.of())),
                0x82);
        expectViolation(
                new FlowStage(true),
                new MqttUnsubscribeMessage(
                        header(MqttMessageType.UNSUBSCRIBE),
                        id,
                        new MqttUnsubscribePayload(List.of())),
                0x82);
    }

    @Test
    void unsubscribesAndSaysWhatWasThere() {
        version5.receive(subscribe("a"));
        assertThat(version5.receive(unsubscribe("a", "a", "b"))).isEqualTo("b0060007000011" + "11");
        assertThat(version4.receive(unsubscribe("a"))).isEqualTo("b0020007");
        assertThat(version5.tree.size()).isZero();
    }

    @Test
    void whoSubscribesOnAndOnWithoutReadingIsCutOff() {
        retain(version5);
        version5.channel.setWritable(false);
        assertThat(version5.receive(subscribe("t"))).isEqualTo("900400070001");
        assertThat(version5.receive(subscribe("nothing/retained", "t")))
                .isEqualTo("90050007000101");
        expectViolation(version5, subscribe("t"), 0x97);
    }

    @Test
    void oneSubscribeCannotOweMoreThanAllowedEither() {
        retain(version4);
        version4.channel.setWritable(false);
        assertThat(version4.receive(subscribe("t", "t", "t"))).isEmpty();
        assertThat(version4.channel.isOpen()).isFalse();
    }

    @Test
    void whoReadsMaySubscribeOnAndOn() {
        retain(version5);
        for (int i = 0; i < 5; i++) {
            version5.channel.setWritable(false);
            version5.receive(subscribe("t"));
            version5.receive(subscribe("t"));
            version5.channel.setWritable(true);
            version5.loops.in(0, version5.client.session()::pump);
            version5.channel.sent();
        }
        assertThat(version5.channel.isOpen()).isTrue();
    }

    private static void retain(FlowStage stage) {
        Message message = Message.of("t", Payload.of(new byte[] {1}), Qos.AT_MOST_ONCE, true);
        stage.loops.in(0, () -> stage.router.publish(message));
    }

    // ------------------------------------------------------------------------ DISCONNECT

    private static MqttMessage disconnect(int reason, long expirySeconds) {
        return new MqttMessage(
                header(MqttMessageType.DISCONNECT),
                new MqttReasonCodeAndPropertiesVariableHeader(
                        (byte) reason,
                        expirySeconds < 0
                                ? MqttProperties.NO_PROPERTIES
                                : number(
                                        MqttProperties.SESSION_EXPIRY_INTERVAL,
                                        (int) expirySeconds)));
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
        assertThat(version4.receive(new MqttMessage(header(MqttMessageType.DISCONNECT)))).isEmpty();
        assertThat(version4.channel.isOpen()).isFalse();
    }

    // ----------------------------------------------------------------------------- others

    @Test
    void answersPing() {
        assertThat(version4.receive(MqttMessage.PINGREQ)).isEqualTo("d000");
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttMessageType.class,
            mode = Mode.INCLUDE,
            names = {"CONNECT", "CONNACK", "SUBACK", "UNSUBACK", "PINGRESP", "AUTH"})
    void aPacketThatIsNotForClientsToSendEndsTheConnection(MqttMessageType type) {
        expectViolation(version5, new MqttMessage(header(type)), 0x82);
    }

    @Test
    void whatTheDecoderRefusedEndsTheConnectionInOneLogLine() {
        ProtocolViolation violation =
                PacketFlows.violationOf(
                        new IllegalStateException("topic: a\r\nb\u0000" + "x".repeat(10_000)));
        assertThat(violation.reason()).isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertThat(violation).hasMessageStartingWith("topic: a??b?x");
        assertThat(violation.getMessage()).hasSize(200);
    }
}
