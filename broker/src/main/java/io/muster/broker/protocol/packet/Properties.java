package io.muster.broker.protocol.packet;

import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.UserProperty;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringPair;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the properties of an MQTT 5.0 packet [MQTT5 2.2.2]. */
public final class Properties {

    private Properties() {}

    /** Whether a property was sent. */
    public static boolean has(MqttProperties properties, int id) {
        return properties.getProperty(id) != null;
    }

    /** An integer property as unsigned 32 bits, or {@code otherwise} if it was not sent. */
    public static long unsigned(MqttProperties properties, int id, long otherwise) {
        MqttProperty<?> property = properties.getProperty(id);
        return property == null ? otherwise : Integer.toUnsignedLong((Integer) property.value());
    }

    /** A number that must not be zero [MQTT5 3.1.2.11]. */
    public static int positive(MqttProperties properties, int id, int otherwise, String name) {
        long value = unsigned(properties, id, otherwise);
        if (value == 0) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR, name + " must not be 0 [MQTT5 3.1.2.11]");
        }
        return (int) Math.min(value, Integer.MAX_VALUE);
    }

    private static @Nullable String text(MqttProperties properties, int id) {
        MqttProperty<?> property = properties.getProperty(id);
        return property == null ? null : (String) property.value();
    }

    /** What travels with a message unaltered, from a PUBLISH or from a will. */
    public static PublishProperties ofPublish(MqttProperties properties) {
        if (properties.isEmpty()) {
            return PublishProperties.NONE;
        }
        long format = unsigned(properties, MqttProperties.PAYLOAD_FORMAT_INDICATOR, -1);
        if (format > 1) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "payload format indicator must be 0 or 1 [MQTT5 3.3.2.3.2]");
        }
        String responseTopic = text(properties, MqttProperties.RESPONSE_TOPIC);
        if (responseTopic != null
                && (responseTopic.indexOf('#') >= 0 || responseTopic.indexOf('+') >= 0)) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR, "wildcard in response topic [MQTT-3.3.2-14]");
        }
        MqttProperty<?> correlationData = properties.getProperty(MqttProperties.CORRELATION_DATA);
        return new PublishProperties(
                (int) format,
                text(properties, MqttProperties.CONTENT_TYPE),
                responseTopic,
                correlationData == null ? null : Payload.of((byte[]) correlationData.value()),
                userProperties(properties));
    }

    private static List<UserProperty> userProperties(MqttProperties properties) {
        List<UserProperty> pairs = new ArrayList<>();
        for (MqttProperty<?> property : properties.getProperties(MqttProperties.USER_PROPERTY)) {
            StringPair pair = (StringPair) property.value();
            pairs.add(new UserProperty(pair.key, pair.value));
        }
        return pairs;
    }
}
