package io.muster.benchmarks.memory;

import io.muster.benchmarks.memory.SimulatedChannel.Client;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ServerChannel;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Devices that connect, subscribe once and then stay idle: the other end of the {@linkplain
 * SimulatedChannel channels}. {@link #connect} and {@link #disconnect} are for one thread.
 */
final class SimulatedClients implements Client, AutoCloseable {

    private static final int UNDER_WAY_MAX = 256;
    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int SUBACK = 9;

    private final ServerChannel listener;
    private final SocketChannel socket = open();
    private final Semaphore underWay = new Semaphore(UNDER_WAY_MAX);
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger subscribed = new AtomicInteger();
    private final AtomicInteger received = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    /** By number. An event loop has such a table, by file descriptor. */
    private IntObjectMap<SimulatedChannel> channels = new IntObjectHashMap<>();

    /** Clients of this listener. */
    SimulatedClients(ServerChannel listener) {
        this.listener = listener;
    }

    private static SocketChannel open() {
        try {
            return SocketChannel.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Connects devices with these numbers and subscribes each to its filter; blocks until the last
     * has its SUBACK.
     *
     * @throws IllegalStateException if one is refused or does not get an answer
     */
    void connect(int from, int to) {
        for (int number = from; number < to; number++) {
            await(1);
            SimulatedChannel channel =
                    new SimulatedChannel(
                            listener,
                            socket,
                            number,
                            this,
                            address(0, 1883),
                            address(number, 40_000));
            channels.put(number, channel);
            listener.pipeline().fireChannelRead(channel);
        }
        await(UNDER_WAY_MAX);
        underWay.release(UNDER_WAY_MAX);
    }

    private void await(int places) {
        try {
            boolean isDone =
                    underWay.tryAcquire(
                            places, IdleSessions.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (!isDone || !failures.isEmpty()) {
                throw new IllegalStateException("devices were not answered: " + failures);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while devices connect", e);
        }
    }

    /** An address as an accepted socket has it: objects of its own. */
    private static InetSocketAddress address(int number, int port) {
        byte[] bytes = {10, (byte) (number >> 16), (byte) (number >> 8), (byte) number};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    @Override
    public void connected(SimulatedChannel channel) {
        channel.eventLoop()
                .execute(() -> channel.arrive(new SimulatedDevice(channel.number()).connect()));
    }

    @Override
    public void received(SimulatedChannel channel, ByteBuf packets) {
        switch (packets.getUnsignedByte(packets.readerIndex()) >> 4) {
            case CONNACK -> connackReceived(channel, packets);
            case SUBACK -> subackReceived(channel, packets);
            case PUBLISH -> publishReceived(channel, packets);
            default -> failures.add("unexpected packet for device " + channel.number());
        }
    }

    private void connackReceived(SimulatedChannel channel, ByteBuf packet) {
        int code = packet.getUnsignedByte(packet.writerIndex() - 1);
        if (code != 0) {
            failures.add("CONNACK of device %d: %d".formatted(channel.number(), code));
            return;
        }
        connected.incrementAndGet();
        channel.eventLoop()
                .execute(() -> channel.arrive(new SimulatedDevice(channel.number()).subscribe()));
    }

    private void subackReceived(SimulatedChannel channel, ByteBuf packet) {
        int code = packet.getUnsignedByte(packet.writerIndex() - 1);
        if (code > 1) {
            failures.add("SUBACK of device %d: %d".formatted(channel.number(), code));
        }
        subscribed.incrementAndGet();
        underWay.release();
    }

    private void publishReceived(SimulatedChannel channel, ByteBuf packet) {
        String topic = new SimulatedDevice(channel.number()).topic();
        if (packet.toString(StandardCharsets.UTF_8).contains(topic)) {
            received.incrementAndGet();
        } else {
            failures.add("device %d got the message of another".formatted(channel.number()));
        }
    }

    /** How many were told by CONNACK that they are connected, in all. */
    int connected() {
        return connected.get();
    }

    /** How many were told by SUBACK that they are subscribed, in all. */
    int subscribed() {
        return subscribed.get();
    }

    /** Messages that came to the device they were for. */
    int received() {
        return received.get();
    }

    /** What went wrong. */
    Queue<String> failures() {
        return failures;
    }

    /** All connections are lost; returns before the broker has noticed. */
    void disconnect() {
        channels.values().forEach(SimulatedChannel::close);
        channels = new IntObjectHashMap<>();
    }

    /** Does not close the connections. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
