package io.muster.broker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client with a session that connects several times at once, reads a little with the connection
 * that is left, and connects again: after it closed, or to take over. What it has read and not
 * acknowledged when it leaves comes again. Confined to one thread.
 */
final class RestlessSubscriber {

    private static final int PUBLISH = 3;
    private static final int PUBREL = 6;
    private static final int CONNACK = 2;
    private static final int IDLE_MILLIS = 100;

    private final InetSocketAddress address;
    private final String clientIdentifier;
    private final int level;
    private final Arrivals arrivals;
    private final Random random;
    private final Set<Integer> unreleased = new HashSet<>();

    RestlessSubscriber(
            InetSocketAddress address,
            String clientIdentifier,
            int level,
            Arrivals arrivals,
            Random random) {
        this.address = address;
        this.clientIdentifier = clientIdentifier;
        this.level = level;
        this.arrivals = arrivals;
        this.random = random;
    }

    /** The session begins, with this subscription of QoS 2. */
    void subscribe(String filter) {
        try (RawClient client = RawClient.to(address).speaking(level)) {
            client.send(connect()).expectConnack(false).subscribe(filter, 2);
        }
    }

    private byte[] connect() {
        Packets.Connect connect = Packets.connect(level, clientIdentifier).resume();
        return level == 5
                ? connect.expiry(600).with(Packets.u16(0x21, 20)).bytes()
                : connect.bytes();
    }

    /** Reads until there is no more to come. */
    void run(BooleanSupplier isDone) {
        Rival before = null;
        while (!isDone.getAsBoolean()) {
            Rival now = Rival.lastOf(1 + random.nextInt(4), address, level, connect());
            closeIfThere(before);
            RawClient.Packet connack = now.next(10_000);
            assertThat(connack).as("CONNACK of %s", clientIdentifier).isNotNull();
            assertThat(connack.type()).isEqualTo(CONNACK);
            assertThat(connack.sessionPresent()).as("session of %s", clientIdentifier).isTrue();
            readSome(now, 1 + random.nextInt(150), isDone);
            before = now;
            if (random.nextBoolean()) {
                now.close();
            }
        }
        closeIfThere(before);
    }

    private static void closeIfThere(@Nullable Rival rival) {
        if (rival != null) {
            rival.close();
        }
    }

    private void readSome(Rival rival, int count, BooleanSupplier isDone) {
        boolean goesOn = true;
        for (int i = 0; i < count && goesOn && !isDone.getAsBoolean(); i++) {
            RawClient.Packet packet = rival.next(IDLE_MILLIS);
            goesOn = packet == null ? i % 2 == 0 : take(rival, packet);
        }
    }

    /** Takes a packet in, and mostly answers it; false if the connection is done with. */
    private boolean take(Rival rival, RawClient.Packet packet) {
        boolean answers = random.nextInt(40) > 0;
        int id = packet.packetId();
        switch (packet.type()) {
            case PUBLISH -> {
                arrive(packet);
                byte[] answer = packet.qos() == 1 ? Packets.puback(id) : Packets.pubrec(id);
                return answers && rival.send(answer);
            }
            case PUBREL -> {
                unreleased.remove(id);
                return answers && rival.send(Packets.pubcomp(id));
            }
            default -> throw new AssertionError("unexpected " + packet.hex());
        }
    }

    private void arrive(RawClient.Packet packet) {
        if (packet.qos() == 2 && !unreleased.add(packet.packetId())) {
            assertThat(packet.duplicate()).as("DUP of %s", packet.hex()).isTrue();
            return;
        }
        int number = Integer.parseInt(packet.payload());
        arrivals.arrive(packet.topic(), number, packet.qos(), packet.duplicate());
    }
}
