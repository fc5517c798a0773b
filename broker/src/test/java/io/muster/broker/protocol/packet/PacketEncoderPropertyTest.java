package io.muster.broker.protocol.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.message.UserProperty;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.StringPair;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** What the encoder writes, another codec reads. */
class PacketEncoderPropertyTest {

    private static final long NOW = 1_000_000;

    @Property(tries = 500)
    void anotherCodecReadsWhatWasPublished(
            @ForAll("messages") Message message,
            @ForAll("identifiers") SubscriptionIdentifiers identifiers,
            @ForAll boolean isVersion5) {
        EmbeddedChannel channel = channel(isVersion5);
        PublishEncoder encoder = new PublishEncoder(isVersion5, Integer.MAX_VALUE, 0);
        for (Qos qos : Qos.values()) {
            ByteBuf out = Unpooled.buffer();
            Delivery delivery = new Delivery(message, qos, message.retain(), identifiers, null);
            if (qos == Qos.AT_MOST_ONCE) {
                encoder.publish(out, message, message.retain(), identifiers, NOW);
            } else {
                encoder.publish(out, delivery, 65_535, true, NOW);
            }
            assertLength(out.readableBytes(), delivery, isVersion5);
            channel.writeInbound(out);
            MqttPublishMessage read = channel.readInbound();
            assertThat(read.decoderResult().isSuccess()).isTrue();
            assertSame(read, delivery);
            if (isVersion5) {
                assertSameProperties(read.variableHeader().properties(), delivery);
            }
            read.release();
        }
        assertThat(channel.finish()).as("nothing is left over").isFalse();
    }

    private static void assertLength(int bytes, Delivery delivery, boolean isVersion5) {
        for (int max = bytes - 1; max <= bytes; max++) {
            PublishEncoder limited = new PublishEncoder(isVersion5, max, 0);
            assertThat(
                            limited.fits(
                                    delivery.message(),
                                    delivery.qos(),
                                    delivery.subscriptionIdentifiers()))
                    .isEqualTo(max == bytes);
        }
    }

    private static EmbeddedChannel channel(boolean isVersion5) {
        EmbeddedChannel channel = new EmbeddedChannel(new MqttDecoder(1 << 20, 100, true));
        EmbeddedChannel client = new EmbeddedChannel(MqttEncoder.INSTANCE);
        client.writeOutbound(
                MqttMessageBuilders.connect()
                        .protocolVersion(isVersion5 ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1)
                        .clientId("c")
                        .build());
        channel.writeInbound((ByteBuf) client.readOutbound());
        MqttMessage connect = channel.readInbound();
        assertThat(connect.decoderResult().isSuccess()).isTrue();
        client.finish();
        return channel;
    }

    private static void assertSame(MqttPublishMessage read, Delivery delivery) {
        Message message = delivery.message();
        assertThat(read.fixedHeader().qosLevel().value()).isEqualTo(delivery.qos().value());
        assertThat(read.fixedHeader().isRetain()).isEqualTo(delivery.retain());
        assertThat(read.fixedHeader().isDup()).isEqualTo(delivery.qos() != Qos.AT_MOST_ONCE);
        assertThat(read.variableHeader().topicName()).isEqualTo(message.topic());
        assertThat(ByteBufUtil.getBytes(read.payload())).isEqualTo(message.payload().bytes());
        if (delivery.qos() != Qos.AT_MOST_ONCE) {
            assertThat(read.variableHeader().packetId()).isEqualTo(65_535);
        }
    }

    private static void assertSameProperties(MqttProperties read, Delivery delivery) {
        Message message = delivery.message();
        PublishProperties sent = message.properties();
        assertThat(number(read, PropertyIdentifier.PAYLOAD_FORMAT_INDICATOR))
                .isEqualTo(sent.payloadFormatIndicator());
        assertThat(value(read, PropertyIdentifier.CONTENT_TYPE)).isEqualTo(sent.contentType());
        assertThat(value(read, PropertyIdentifier.RESPONSE_TOPIC)).isEqualTo(sent.responseTopic());
        Payload correlationData = sent.correlationData();
        assertThat(value(read, PropertyIdentifier.CORRELATION_DATA))
                .isEqualTo(correlationData == null ? null : correlationData.bytes());
        assertThat(userProperties(read)).isEqualTo(sent.userProperties());
        assertThat(identifiers(read)).isEqualTo(delivery.subscriptionIdentifiers());
        assertThat(number(read, PropertyIdentifier.MESSAGE_EXPIRY_INTERVAL))
                .isEqualTo(
                        message.expiresAtMillis() == Message.NEVER
                                ? -1
                                : (int) ((message.expiresAtMillis() - NOW) / 1_000));
    }

    private static @Nullable Object value(MqttProperties read, int identifier) {
        MqttProperties.MqttProperty<?> property = read.getProperty(identifier);
        return property == null ? null : property.value();
    }

    private static int number(MqttProperties read, int identifier) {
        Object value = value(read, identifier);
        return value == null ? -1 : (Integer) value;
    }

    private static List<UserProperty> userProperties(MqttProperties read) {
        return read.getProperties(PropertyIdentifier.USER_PROPERTY).stream()
                .map(property -> (StringPair) property.value())
                .map(pair -> new UserProperty(pair.key, pair.value))
                .toList();
    }

    private static SubscriptionIdentifiers identifiers(MqttProperties read) {
        return read.getProperties(PropertyIdentifier.SUBSCRIPTION_IDENTIFIER).stream()
                .map(property -> SubscriptionIdentifiers.of((Integer) property.value()))
                .reduce(SubscriptionIdentifiers.NONE, SubscriptionIdentifiers::with);
    }

    @Provide
    Arbitrary<SubscriptionIdentifiers> identifiers() {
        return Arbitraries.integers()
                .between(1, 268_435_455)
                .list()
                .ofMaxSize(4)
                .map(
                        numbers ->
                                numbers.stream()
                                        .map(SubscriptionIdentifiers::of)
                                        .reduce(
                                                SubscriptionIdentifiers.NONE,
                                                SubscriptionIdentifiers::with));
    }

    @Provide
    Arbitrary<Message> messages() {
        Arbitrary<Payload> payloads =
                Arbitraries.oneOf(
                                Arbitraries.integers().between(0, 300),
                                Arbitraries.integers().between(16_300, 16_400))
                        .map(size -> Payload.of(new byte[size]));
        Arbitrary<Long> expiries =
                Arbitraries.oneOf(
                        Arbitraries.just(Message.NEVER),
                        Arbitraries.longs()
                                .between(1, 0xFFFF_FFFFL)
                                .map(seconds -> NOW + seconds * 1_000));
        return Combinators.combine(
                        texts(130).filter(text -> !text.isEmpty()),
                        payloads,
                        Arbitraries.of(true, false),
                        expiries,
                        properties())
                .as(
                        (topic, payload, retain, expiresAt, properties) ->
                                new Message(
                                        topic,
                                        payload,
                                        Qos.EXACTLY_ONCE,
                                        retain,
                                        "",
                                        expiresAt,
                                        properties));
    }

    private static Arbitrary<PublishProperties> properties() {
        Arbitrary<UserProperty> pairs =
                Combinators.combine(texts(20), texts(20)).as(UserProperty::new);
        Arbitrary<PublishProperties> some =
                Combinators.combine(
                                Arbitraries.integers().between(-1, 1),
                                texts(130).injectNull(0.5),
                                texts(20).injectNull(0.5),
                                Arbitraries.bytes()
                                        .array(byte[].class)
                                        .ofMaxSize(300)
                                        .map(Payload::of)
                                        .injectNull(0.5),
                                pairs.list().ofMaxSize(10))
                        .as(PublishProperties::new);
        return Arbitraries.oneOf(Arbitraries.just(PublishProperties.NONE), some);
    }

    /** Of one to four bytes a character; no wildcards, which neither topic may have. */
    private static Arbitrary<String> texts(int charactersMax) {
        return Arbitraries.of("a", "/", "é", "€", "😀", " ", "\u0001")
                .list()
                .ofMaxSize(charactersMax)
                .map(characters -> String.join("", characters));
    }
}
