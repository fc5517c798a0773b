package io.muster.broker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.net.InetSocketAddress;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Publishes numbers with QoS 2, one after the other. Now and then it connects anew in the middle of
 * an exchange, several times at once, and goes on with the exchange. Confined to one thread.
 */
final class RestlessPublisher implements AutoCloseable {

    private static final int PUBREC = 5;
    private static final int PUBCOMP = 7;
    private static final int PACKET_ID = 7;
    private static final int PATIENCE_MILLIS = 10_000;

    private final InetSocketAddress address;
    private final String topic;
    private final Random random;
    private Rival connection;

    RestlessPublisher(InetSocketAddress address, String topic, Random random) {
        this.address = address;
        this.topic = topic;
        this.random = random;
        this.connection = connect(1);
    }

    private Rival connect(int rivals) {
        byte[] connect = Packets.connect(4, "publisher of " + topic).resume().bytes();
        Rival left = Rival.lastOf(rivals, address, 4, connect);
        RawClient.Packet connack = left.next(PATIENCE_MILLIS);
        assertThat(connack).as("CONNACK").isNotNull();
        return left;
    }

    void publish(int number) {
        byte[] publish = Packets.publish(Packets.QOS_2, PACKET_ID, topic, "" + number);
        byte[] again = Packets.publish(Packets.QOS_2 | Packets.DUP, PACKET_ID, topic, "" + number);
        exchange(publish, again, PUBREC);
        exchange(Packets.pubrel(PACKET_ID), Packets.pubrel(PACKET_ID), PUBCOMP);
    }

    private void exchange(byte[] first, byte[] again, int answer) {
        connection.send(first);
        while (random.nextInt(12) == 0) {
            Rival before = connection;
            if (random.nextBoolean()) {
                before.close();
            }
            connection = connect(1 + random.nextInt(3));
            before.close();
            connection.send(again);
        }
        RawClient.@Nullable Packet packet = connection.next(PATIENCE_MILLIS);
        assertThat(packet).as("answer of type %d", answer).isNotNull();
        assertThat(packet.type()).as("type of %s", packet.hex()).isEqualTo(answer);
    }

    @Override
    public void close() {
        connection.close();
    }
}
