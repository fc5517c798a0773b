package io.muster.broker.session;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import java.util.concurrent.CompletionStage;

/**
 * The connection of a session, as far as the session sends to it. What is written leaves at the end
 * of the turn.
 *
 * <p>Confined to the session's loop.
 */
public interface SessionOutput {

    /** Whether the socket takes more without piling up beyond its watermark. */
    boolean isWritable();

    /**
     * Whether {@code message}, sent with {@code qos} and these subscription identifiers, is within
     * the Maximum Packet Size that the client asked for [MQTT-3.1.2-24].
     */
    boolean fits(Message message, Qos qos, SubscriptionIdentifiers identifiers);

    /** How much the client has taken so far, in bytes since any moment. */
    long takenBytes();

    /**
     * Publishers wait for the client, or do no longer: its acknowledgements are to be found, also
     * if it waits as a publisher itself and they come behind much of what it publishes.
     */
    void behind(boolean isBehind);

    /** Sends a PUBLISH of QoS 0. */
    void publish(Message message, boolean retain, SubscriptionIdentifiers identifiers);

    /** Sends a PUBLISH of QoS 1 or 2. */
    void publish(Delivery delivery, int packetId, boolean duplicate);

    /** Sends a PUBREL. */
    void pubrel(int packetId);

    /**
     * Tells the client why, if its version has a word for it, and closes the connection.
     *
     * @return complete when the connection is closed; by any thread
     */
    CompletionStage<Void> end(ConnectionEnd cause);
}
