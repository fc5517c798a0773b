package io.muster.broker.protocol;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.metrics.LoopCounters;
import io.muster.broker.protocol.packet.EnhancedAuthentication;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.PublishEncoder;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.SessionLoop;
import io.muster.broker.session.SessionOutput;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * What one client is sent; {@link CompressedOutput} for those that take no plain payloads. Confined
 * to the session's loop.
 */
public class PacketOutput implements SessionOutput {

    private static final int PUBLISH = PacketType.PUBLISH.value();

    private final ClientChannel channel;
    private final PacketEncoder encoder;
    private final PublishEncoder publishes;
    private final Supplier<Optional<String>> serverReference;
    private final long writtenBefore;

    /**
     * The output of a client that has no CONNACK yet.
     *
     * @param encoder knows what the client takes
     * @param publishes knows what it takes too
     * @param serverReference where clients are sent that are to go elsewhere
     */
    public PacketOutput(
            ClientChannel channel,
            PacketEncoder encoder,
            PublishEncoder publishes,
            Supplier<Optional<String>> serverReference) {
        this.channel = channel;
        this.encoder = encoder;
        this.publishes = publishes;
        this.serverReference = serverReference;
        this.writtenBefore = channel.writtenBytes();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public long takenBytes() {
        return channel.takenBytes();
    }

    @Override
    public void behind(boolean isBehind) {
        channel.behind(isBehind);
    }

    @Override
    public boolean fits(Message message, Qos qos, SubscriptionIdentifiers identifiers) {
        return publishes.fits(message, qos, identifiers);
    }

    /** Whether the client takes no packet of any size. */
    boolean isLimited() {
        return encoder.packetBytesMax() != Integer.MAX_VALUE;
    }

    /**
     * What the client means by a payload that it sent.
     *
     * @param bytesMax how large that may be, if it is not the same
     * @return {@link Payload#UNREADABLE} if nobody can tell
     */
    Payload plain(Payload received, int bytesMax) {
        return received;
    }

    @Override
    public void publish(Message message, boolean retain, SubscriptionIdentifiers identifiers) {
        publishes.publish(channel.outgoing(), message, retain, identifiers, expiryNow(message));
        counters().packetSent(PUBLISH);
        counters().sent(0, message.payload().size());
    }

    @Override
    public void publish(Delivery delivery, int packetId, boolean duplicate) {
        Message message = delivery.message();
        publishes.publish(channel.outgoing(), delivery, packetId, duplicate, expiryNow(message));
        counters().packetSent(PUBLISH);
        counters().sent(delivery.qos().value(), message.payload().size());
    }

    /** The time, which only a message that expires needs. */
    private long expiryNow(Message message) {
        return message.expiresAtMillis() == Message.NEVER ? 0 : channel.loop().nowMillis();
    }

    @Override
    public void pubrel(int packetId) {
        acknowledge(PacketType.PUBREL, packetId, ReasonCode.SUCCESS);
    }

    void acknowledge(PacketType type, int packetId, ReasonCode reason) {
        encoder.acknowledge(outgoing(type), type, packetId, reason);
    }

    void acknowledgeBriefly(PacketType type, int packetId, ReasonCode reason) {
        encoder.acknowledgeBriefly(outgoing(type), type, packetId, reason);
    }

    void suback(int packetId, int[] codes) {
        encoder.suback(outgoing(PacketType.SUBACK), packetId, codes);
    }

    void unsuback(int packetId, int[] codes) {
        encoder.unsuback(outgoing(PacketType.UNSUBACK), packetId, codes);
    }

    void pingresp() {
        encoder.pingresp(outgoing(PacketType.PINGRESP));
    }

    /** Knows what the client takes. */
    PacketEncoder encoder() {
        return encoder;
    }

    boolean fits(EnhancedAuthentication authentication) {
        return encoder.fits(authentication);
    }

    boolean fitsCodes(int count) {
        return encoder.fitsCodes(count);
    }

    void auth(ReasonCode reason, EnhancedAuthentication authentication) {
        encoder.auth(outgoing(PacketType.AUTH), reason, authentication);
    }

    void disconnect(ReasonCode reason) {
        disconnect(reason, reason.sentence());
    }

    void disconnect(ReasonCode reason, String sentence) {
        disconnect(reason, sentence, Optional.empty());
    }

    private void redirect(ReasonCode reason) {
        disconnect(reason, reason.sentence(), serverReference.get());
    }

    private void disconnect(ReasonCode reason, String sentence, Optional<String> reference) {
        if (encoder.isVersion5()) {
            encoder.disconnect(outgoing(PacketType.DISCONNECT), reason, sentence, reference);
        }
    }

    @Override
    public CompletionStage<Void> end(ConnectionEnd cause) {
        switch (cause) {
            case CLIENT_DISCONNECTED, CLIENT_DISCONNECTED_WITH_WILL, CONNECTION_LOST -> {
                return channel.close();
            }
            case KEEP_ALIVE_TIMEOUT -> disconnect(ReasonCode.KEEP_ALIVE_TIMEOUT);
            case STALLED ->
                    disconnect(
                            ReasonCode.QUOTA_EXCEEDED,
                            "nothing, or too little, was taken of what waits");
            case TAKEN_OVER -> disconnect(ReasonCode.SESSION_TAKEN_OVER);
            case ADMINISTRATIVE_ACTION -> disconnect(ReasonCode.ADMINISTRATIVE_ACTION);
            case EXPELLED -> {
                return expel();
            }
            case SERVER_SHUTTING_DOWN -> disconnect(ReasonCode.SERVER_SHUTTING_DOWN);
            case USE_ANOTHER_SERVER -> redirect(ReasonCode.USE_ANOTHER_SERVER);
            case SERVER_MOVED -> redirect(ReasonCode.SERVER_MOVED);
            case PROTOCOL_ERROR -> {} // told already, with what was wrong
        }
        return channel.closeGently();
    }

    /** One that was admitted in this very turn has no CONNACK, nor a DISCONNECT [MQTT-3.14.0-1]. */
    private CompletionStage<Void> expel() {
        boolean hasConnack = channel.writtenBytes() > writtenBefore;
        if (!channel.dropUnsent() || !hasConnack) {
            return channel.abort();
        }
        disconnect(ReasonCode.ADMINISTRATIVE_ACTION);
        return encoder.isVersion5() ? channel.closeSoon() : channel.close();
    }

    private ByteBuf outgoing(PacketType type) {
        counters().packetSent(type.value());
        return channel.outgoing();
    }

    private LoopCounters counters() {
        SessionLoop loop = channel.loop();
        return loop.counters();
    }
}
