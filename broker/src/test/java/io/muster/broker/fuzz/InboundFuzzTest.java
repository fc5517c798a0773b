package io.muster.broker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Damaged conversations at every door of a broker: the connection may end, nobody else must feel
 * it, and nothing may be left of it.
 *
 * <p>{@code -Dmuster.fuzz.cases} says how many conversations, {@code -Dmuster.fuzz.seed} which; a
 * failure names the seed of its conversation, with which it comes first.
 */
class InboundFuzzTest {

    private static final int CASES = Integer.getInteger("muster.fuzz.cases", 1_500);
    private static final long SEED = Long.getLong("muster.fuzz.seed", 20_240_607);
    private static final List<Door> DOORS = List.of(Door.values());
    private static final int IDENTIFIERS = 6;
    private static final int OPEN_MAX = 4;
    private static final int ANSWER_MILLIS = 3;
    private static final double LAG_SECONDS_MAX = 2;

    private final Deque<Socket> open = new ArrayDeque<>();

    @Test
    void understandsTheConversationsAsTheyAre() throws IOException {
        try (BrokerFixture broker = broker()) {
            Random random = new Random(SEED);
            for (int i = 0; i < Conversations.KINDS * DOORS.size(); i++) {
                Door door = DOORS.get(i % DOORS.size());
                byte[] packets = join(Conversations.of(i / DOORS.size(), "c" + i));
                byte[] bytes = Packets.join(door.beginning(random), door.wrapped(packets, random));
                assertThat(answer(broker.address(door.listener()), bytes))
                        .as("answer at %s to %s", door, HexFormat.of().formatHex(packets))
                        .contains("d000");
            }
        }
    }

    @Test
    void damagedConversationsDoNoHarm() throws IOException {
        try (Complaints complaints = Complaints.watch();
                BrokerFixture broker = broker()) {
            RawClient watchman = broker.client(5, "watchman").subscribe("watchman/#", 1);
            for (int i = 0; i < CASES; i++) {
                String sent = converse(broker, new Random(SEED + i));
                assertThat(complaints.lines()).as("seed %d: %s", SEED + i, sent).isEmpty();
                roundTrip(watchman, "seed " + (SEED + i) + ": " + sent);
            }
            while (!open.isEmpty()) {
                open.remove().close();
            }
            broker.client(4, "fresh").send(Packets.PINGREQ).expect("D0 00").close();
            assertNothingIsLeft(broker);
            assertThat(complaints.linesAndLeaks()).as("from seed %d on", SEED).isEmpty();
        }
    }

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.listeners = DOORS.stream().map(Door::config).toList();
        settings.authenticator = new PatientAuthenticator();
        // Whatever expiry a client asks for, its session ends soon.
        settings.expiryMax = Duration.ofSeconds(1);
        return settings.start();
    }

    private static byte[] join(List<byte[]> packets) {
        return Packets.join(packets.toArray(byte[][]::new));
    }

    /** One connection, which stays open for a while; what was sent, to be told. */
    private String converse(BrokerFixture broker, Random random) throws IOException {
        Door door = DOORS.get(random.nextInt(DOORS.size()));
        Damage damage = new Damage(random);
        List<byte[]> packets =
                Conversations.of(
                        random.nextInt(Conversations.KINDS), "c" + random.nextInt(IDENTIFIERS));
        byte[] beginning = door.beginning(random);
        byte[] bytes =
                switch (random.nextInt(5)) {
                    case 0 ->
                            damage.bytes(
                                    Packets.join(beginning, door.wrapped(join(packets), random)));
                    case 1 ->
                            Packets.join(
                                    beginning, damage.bytes(door.wrapped(join(packets), random)));
                    default ->
                            Packets.join(
                                    beginning, door.wrapped(damage.conversation(packets), random));
                };
        send(broker.address(door.listener()), damage.segments(bytes), random.nextInt(4));
        return door + " " + HexFormat.of().formatHex(bytes);
    }

    /** The client ends its half, resets the connection, or leaves it open for a while. */
    private void send(InetSocketAddress address, List<byte[]> segments, int ending)
            throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        open.add(socket);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(ANSWER_MILLIS);
        try {
            for (byte[] segment : segments) {
                socket.getOutputStream().write(segment);
            }
            if (ending == 0) {
                socket.setSoLinger(true, 0);
                socket.close();
            } else if (ending == 1) {
                socket.shutdownOutput();
            } else {
                socket.getInputStream().readNBytes(500);
            }
        } catch (SocketTimeoutException | SocketException silentOrClosed) {
            // It need not answer, and may close while we still send.
        }
        if (open.size() > OPEN_MAX) {
            open.remove().close();
        }
    }

    private static void roundTrip(RawClient watchman, String sent) {
        byte[] publish = Packets.publish5(Packets.QOS_1, 1, "watchman/1", new byte[0], "x");
        watchman.send(publish);
        RawClient.Packet delivered = watchman.read();
        assertThat(delivered.type()).as("type of %s after %s", delivered.hex(), sent).isEqualTo(3);
        watchman.expect("40 02 00 01").send(Packets.puback(delivered.packetId()));
    }

    private static void assertNothingIsLeft(BrokerFixture broker) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> {
                            assertThat(broker.metric("muster.connections")).isEqualTo(1);
                            assertThat(broker.metric("muster.clients")).isEqualTo(1);
                            assertThat(broker.metric("muster.sessions")).isEqualTo(1);
                            assertThat(broker.metric("muster.subscriptions")).isEqualTo(1);
                            assertThat(broker.metric("muster.queued.messages")).isZero();
                        });
        assertThat(broker.metric("muster.event.loop.lag.seconds")).isLessThan(LAG_SECONDS_MAX);
    }

    private static String answer(InetSocketAddress address, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes);
            byte[] answer = new byte[10_000];
            int length = 0;
            String hex = "";
            for (int read = 0; read >= 0 && !hex.contains("d000"); length += read) {
                read = socket.getInputStream().read(answer, length, answer.length - length);
                hex = HexFormat.of().formatHex(answer, 0, length + Math.max(read, 0));
            }
            return hex;
        }
    }
}
