package io.muster.broker.protocol.decode;

import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.netty.buffer.ByteBuf;

/**
 * The will in a CONNECT [MQTT5 3.1.2.5].
 *
 * @param topic not checked to be a topic name
 * @param payload its payload
 * @param qos what it is published with
 * @param retain whether it is published to be retained
 * @param delaySeconds how long it waits
 * @param expirySeconds how long the message lives; -1 is without end
 * @param properties what travels with the message
 */
public record WillPart(
        String topic,
        Payload payload,
        Qos qos,
        boolean retain,
        long delaySeconds,
        long expirySeconds,
        PublishProperties properties) {

    static WillPart read(
            FieldReader fields, ByteBuf in, boolean isVersion5, int qos, boolean retain) {
        Properties properties =
                isVersion5 ? Properties.read(fields, in, Property.Place.WILL) : Properties.NONE;
        return new WillPart(
                fields.text(in, "will topic"),
                Payload.of(fields.binary(in, "will payload")),
                Qos.of(qos),
                retain,
                properties.number(Property.WILL_DELAY_INTERVAL, 0),
                properties.number(Property.MESSAGE_EXPIRY_INTERVAL, -1),
                properties.forwarded());
    }
}
