package io.muster.broker.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.protocol.compression.PayloadCompression;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.PublishEncoder;
import io.muster.broker.session.HandLoops;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A client that takes compressed payloads, in packets of up to 30 bytes. */
class CompressedOutputTest {

    private static final int PACKET_BYTES_MAX = 30;

    /** Takes the first half of a payload, and counts. */
    private static final class Halving implements PayloadCompression {
        private int times;

        @Override
        public Payload compress(Payload plain) {
            times++;
            return Payload.of(new byte[plain.size() / 2]);
        }

        @Override
        public Optional<Payload> decompress(Payload compressed, int bytesMax) {
            return Optional.empty();
        }
    }

    private final Halving compression = new Halving();
    private final HandLoops loops = new HandLoops(1);
    private final RecordingChannel channel = new RecordingChannel(loops.loop(0));
    private final CompressedOutput output =
            new CompressedOutput(
                    channel,
                    new PacketEncoder(true, PACKET_BYTES_MAX, true),
                    new PublishEncoder(true, PACKET_BYTES_MAX, 0),
                    Optional::empty,
                    compression);

    private static Message message(int bytes) {
        return Message.of("t", Payload.of(new byte[bytes]), Qos.AT_MOST_ONCE, false);
    }

    private boolean fits(Message message) {
        return output.fits(message, message.qos(), SubscriptionIdentifiers.NONE);
    }

    private int publish(Message message) {
        loops.in(0, () -> output.publish(message, false, SubscriptionIdentifiers.NONE));
        return channel.sent().length() / 2;
    }

    @Test
    void compressesAMessageOnceThoughItIsAskedBeforeWhetherItFits() {
        Message message = message(40);

        assertThat(fits(message)).isTrue();
        int bytes = publish(message);

        assertThat(bytes).isBetween(20, PACKET_BYTES_MAX);
        assertThat(compression.times).isEqualTo(1);
    }

    @Test
    void sendsNoOtherMessageThanTheOneThatItIsGiven() {
        assertThat(fits(message(40))).isTrue();
        assertThat(fits(message(100))).isFalse();
        assertThat(publish(message(2))).isLessThan(10);
        assertThat(fits(message(40))).isTrue();
        assertThat(publish(message(2))).isLessThan(10);
    }
}
