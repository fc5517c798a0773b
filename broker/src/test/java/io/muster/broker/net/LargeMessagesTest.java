package io.muster.broker.net;

import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that do not fit into what one read or one write takes. */
class LargeMessagesTest {

    private static final int QOS_1 = 0x02;
    private static final int MESSAGES = 40;

    @ParameterizedTest
    @ValueSource(ints = {1_000, 20_000, 33_000, 66_000, 200_000})
    void manyInOneGoArriveWholeAndInOrder(int size) {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient subscriber = broker.client(4, "subscriber").subscribe("large", 1);
            RawClient publisher = broker.client(4, "publisher");
            byte[][] packets =
                    IntStream.rangeClosed(1, MESSAGES)
                            .mapToObj(i -> publish(QOS_1, i, "large", text(i, size)))
                            .toArray(byte[][]::new);

            publisher.send(Packets.join(packets));

            for (int i = 1; i <= MESSAGES; i++) {
                RawClient.Packet packet = subscriber.read();
                assertThat(packet.payload().equals(text(i, size))).as("message %d", i).isTrue();
                subscriber.send(puback(packet.packetId()));
            }
            subscriber.send(Packets.PINGREQ).expect("D0 00");
        }
    }

    private static String text(int number, int size) {
        return (number + ".").repeat(size / 2).substring(0, size);
    }
}
