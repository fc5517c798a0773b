package io.muster.benchmarks.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.broker.Broker;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is measured with simulated channels holds for real ones. */
class SimulatedChannelTest {

    private static final int CONNECTIONS = 500;
    private static final int CONNACK_BYTES = 4;
    private static final int SUBACK_BYTES = 5;

    @Test
    void takesAsMuchAsOneThatHasASocket() throws IOException {
        assumeTrue(Epoll.isAvailable(), "epoll is what servers have");
        ListenerTap.open();
        try (Broker broker = IdleSessions.start(CONNECTIONS, new SimpleMeterRegistry());
                SimulatedClients clients = new SimulatedClients(ListenerTap.listener())) {
            InetSocketAddress address =
                    Objects.requireNonNull(broker.addresses().get(IdleSessions.LISTENER));
            connect(address, 0).close();
            clients.connect(1, 2);
            LiveHeap before = LiveHeap.now();
            List<SocketChannel> sockets = new ArrayList<>();
            for (int number = 2; number < 2 + CONNECTIONS; number++) {
                sockets.add(connect(address, number));
            }
            LiveHeap withReal = LiveHeap.now();
            clients.connect(2 + CONNECTIONS, 2 + 2 * CONNECTIONS);
            LiveHeap withBoth = LiveHeap.now();
            double real = channelBytes(withReal.since(before, CONNECTIONS));
            double simulated =
                    channelBytes(withBoth.since(withReal, CONNECTIONS))
                            + SimulatedChannel.BESIDES_BYTES;
            System.out.printf("a channel takes %.0f bytes, simulated %.0f%n", real, simulated);
            assertThat(simulated).isCloseTo(real, within(50.0));
            for (SocketChannel socket : sockets) {
                socket.close();
            }
            clients.disconnect();
        }
    }

    private static SocketChannel connect(InetSocketAddress address, int number) throws IOException {
        SimulatedDevice device = new SimulatedDevice(number);
        SocketChannel socket = SocketChannel.open(address);
        exchange(socket, device.connect(), CONNACK_BYTES);
        exchange(socket, device.subscribe(), SUBACK_BYTES);
        return socket;
    }

    private static void exchange(SocketChannel socket, byte[] packet, int answerBytes)
            throws IOException {
        socket.write(ByteBuffer.wrap(packet));
        ByteBuffer answer = ByteBuffer.allocate(answerBytes);
        while (answer.hasRemaining()) {
            assertThat(socket.read(answer)).as("the answer to device's packet").isPositive();
        }
    }

    private static double channelBytes(LiveHeap heap) {
        return heap.classes().entrySet().stream()
                .filter(entry -> isOfChannel(entry.getKey()))
                .mapToDouble(entry -> entry.getValue().bytes())
                .sum();
    }

    private static boolean isOfChannel(String className) {
        return className.startsWith("io.netty.channel.")
                || className.startsWith(SimulatedChannel.class.getName());
    }
}
