package io.muster.broker.fuzz;

import io.muster.broker.RawClient;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * One of several connections with the same client identifier. What comes is read by a thread of its
 * own; what it is asked for and told is by one other thread.
 */
final class Rival implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 20;

    private final RawClient client;
    private final BlockingQueue<RawClient.Packet> packets = new LinkedBlockingQueue<>();
    private volatile boolean ended;

    private Rival(InetSocketAddress address, int level) {
        client = RawClient.to(address).speaking(level);
    }

    /**
     * Connects {@code count} times at once. All but one must be ended by the broker.
     *
     * @return the one that is left
     */
    static Rival lastOf(int count, InetSocketAddress address, int level, byte[] connect) {
        List<Rival> rivals = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rivals.add(new Rival(address, level));
        }
        for (Rival rival : rivals) {
            rival.client.send(connect);
            Thread reader = new Thread(rival::readOn, "rival");
            reader.setDaemon(true);
            reader.start();
        }
        Awaitility.await()
                .pollInterval(1, TimeUnit.MILLISECONDS)
                .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .until(() -> rivals.stream().filter(rival -> rival.ended).count() >= count - 1);
        Rival left = rivals.stream().filter(rival -> !rival.ended).findFirst().orElseThrow();
        rivals.stream().filter(rival -> rival != left).forEach(Rival::close);
        return left;
    }

    private void readOn() {
        try {
            for (var next = client.readOrEnd(); next != null; next = client.readOrEnd()) {
                packets.add(next);
            }
        } catch (UncheckedIOException closed) {
            // By us: that is an end as well.
        } finally {
            ended = true;
        }
    }

    /** The next packet; null if none comes in this time. */
    RawClient.@Nullable Packet next(long millis) {
        try {
            return packets.poll(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Sends, if the connection is there. */
    boolean send(byte[] packet) {
        try {
            client.send(packet);
            return true;
        } catch (UncheckedIOException gone) {
            return false;
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
