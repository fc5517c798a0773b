package io.muster.broker.protocol;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.metrics.LoopCounters;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.PacketEncoder.Acknowledgement;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.SessionLoop;
import io.muster.broker.session.SessionOutput;
import java.util.concurrent.CompletionStage;

/** What one client is sent. Confined to the session's loop. */
final class PacketOutput implements SessionOutput {

    private final ClientChannel channel;
    private final PacketEncoder encoder;
    private final int packetBytesMax;

    /**
     * The output of a client.
     *
     * @param packetBytesMax the client's Maximum Packet Size
     */
    PacketOutput(ClientChannel channel, PacketEncoder encoder, int packetBytesMax) {
        this.channel = channel;
        this.encoder = encoder;
        this.packetBytesMax = packetBytesMax;
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public boolean fits(Message message, Qos qos, SubscriptionIdentifiers identifiers) {
        return packetBytesMax == Integer.MAX_VALUE
                || encoder.publishLength(message, qos) <= packetBytesMax;
    }

    @Override
    public void publish(Message message, boolean retain, SubscriptionIdentifiers identifiers) {
        encoder.publish(channel.outgoing(), message, retain, expiryNow(message));
        counters().sent(0, message.payload().size());
    }

    @Override
    public void publish(Delivery delivery, int packetId, boolean duplicate) {
        Message message = delivery.message();
        encoder.publish(channel.outgoing(), delivery, packetId, duplicate, expiryNow(message));
        counters().sent(delivery.qos().value(), message.payload().size());
    }

    /** The time, which only a message that expires needs. */
    private long expiryNow(Message message) {
        return message.expiresAtMillis() == Message.NEVER ? 0 : channel.loop().nowMillis();
    }

    @Override
    public void pubrel(int packetId) {
        acknowledge(Acknowledgement.PUBREL, packetId, ReasonCode.SUCCESS);
    }

    void acknowledge(Acknowledgement kind, int packetId, ReasonCode reason) {
        encoder.acknowledge(channel.outgoing(), kind, packetId, reason);
    }

    void suback(int packetId, int[] codes) {
        encoder.suback(channel.outgoing(), packetId, codes);
    }

    void unsuback(int packetId, int[] codes) {
        encoder.unsuback(channel.outgoing(), packetId, codes);
    }

    void pingresp() {
        encoder.pingresp(channel.outgoing());
    }

    void disconnect(ReasonCode reason) {
        encoder.disconnect(channel.outgoing(), reason);
    }

    @Override
    public CompletionStage<Void> end(ConnectionEnd cause) {
        switch (cause) {
            case CLIENT_DISCONNECTED, CLIENT_DISCONNECTED_WITH_WILL, CONNECTION_LOST -> {
                return channel.close();
            }
            case KEEP_ALIVE_TIMEOUT -> disconnect(ReasonCode.KEEP_ALIVE_TIMEOUT);
            case TAKEN_OVER -> disconnect(ReasonCode.SESSION_TAKEN_OVER);
            case ADMINISTRATIVE_ACTION -> disconnect(ReasonCode.ADMINISTRATIVE_ACTION);
            case SERVER_SHUTTING_DOWN -> disconnect(ReasonCode.SERVER_SHUTTING_DOWN);
            case PROTOCOL_ERROR -> {} // told already, with what was wrong
        }
        return channel.closeGently();
    }

    private LoopCounters counters() {
        SessionLoop loop = channel.loop();
        return loop.counters();
    }
}
