package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Payload;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;

/** A socket to the hub. Confined to the thread of a test; waits at most 10 s. */
public final class Connection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;

    private Connection(InetSocketAddress address) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(address, TIMEOUT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    public static Connection to(InetSocketAddress address) {
        try {
            return new Connection(address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends packets in one segment. */
    public void send(byte[]... packets) {
        try {
            socket.getOutputStream().write(Packets.join(packets));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next packet, which must be of this type. */
    public Packet read(int type) {
        try {
            int firstByte = in.readUnsignedByte();
            Packet packet = new Packet(firstByte, Payload.of(in.readNBytes(remainingLength())));
            assertThat(packet.type()).as("type of %s", packet).isEqualTo(type);
            return packet;
        } catch (IOException e) {
            throw new UncheckedIOException("no packet of type " + type, e);
        }
    }

    private int remainingLength() throws IOException {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            int digit = in.readUnsignedByte();
            length |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                return length;
            }
        }
    }

    /** Nothing came that the hub had to send before it answered this. */
    public void assertNothingElseCame() {
        send(Packets.PINGREQ);
        read(Packet.PINGRESP);
    }

    /** The hub closes, and says nothing more. */
    public void assertClosedByHub() {
        try {
            int next = in.readUnsignedByte();
            throw new AssertionError("still open: a packet came that begins with " + next);
        } catch (EOFException | SocketException closed) {
            close();
        } catch (IOException e) {
            throw new UncheckedIOException("still open", e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
