package io.muster.broker.protocol;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.protocol.compression.PayloadCompression;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.PublishEncoder;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client is sent that takes and sends all payloads compressed. Sessions and queues hold them
 * plain. Confined to the session's loop.
 */
public final class CompressedOutput extends PacketOutput {

    private final PayloadCompression compression;

    /** The message that was found to fit and is sent next, and what becomes of it; else null. */
    private @Nullable Message fitting;

    private @Nullable Message fittingCompressed;

    /** See {@link PacketOutput}. */
    public CompressedOutput(
            ClientChannel channel,
            PacketEncoder encoder,
            PublishEncoder publishes,
            Supplier<Optional<String>> serverReference,
            PayloadCompression compression) {
        super(channel, encoder, publishes, serverReference);
        this.compression = compression;
    }

    /** Its Maximum Packet Size is one of the packets that it is sent, which are compressed. */
    @Override
    public boolean fits(Message message, Qos qos, SubscriptionIdentifiers identifiers) {
        if (!isLimited()) {
            return true;
        }
        Message compressed = compressed(message);
        boolean fits = super.fits(compressed, qos, identifiers);
        fitting = fits ? message : null;
        fittingCompressed = fits ? compressed : null;
        return fits;
    }

    @Override
    public void publish(Message message, boolean retain, SubscriptionIdentifiers identifiers) {
        super.publish(compressed(message), retain, identifiers);
    }

    @Override
    public void publish(Delivery delivery, int packetId, boolean duplicate) {
        super.publish(
                new Delivery(
                        compressed(delivery.message()),
                        delivery.qos(),
                        delivery.retain(),
                        delivery.subscriptionIdentifiers(),
                        delivery.share()),
                packetId,
                duplicate);
    }

    /** Each message is compressed once, though it is asked for before whether it fits. */
    @SuppressWarnings("ReferenceEquality")
    private Message compressed(Message message) {
        Message remembered = message == fitting ? fittingCompressed : null;
        fitting = null;
        fittingCompressed = null;
        return remembered != null
                ? remembered
                : message.withPayload(compression.compress(message.payload()));
    }

    /** Some clear a retained message with a payload that is empty, and not compressed either. */
    @Override
    Payload plain(Payload received, int bytesMax) {
        return received.isEmpty()
                ? received
                : compression.decompress(received, bytesMax).orElse(Payload.UNREADABLE);
    }
}
