package io.muster.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Payload;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A socket that sends bytes and reads packets, for checks of what exactly goes over the wire. */
public final class RawClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int LOST = -1;

    private final Socket socket;
    private final DataInputStream in;
    private int version = 4;

    private RawClient(Socket connected) throws IOException {
        socket = connected;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** A connection that is there already, such as one over TLS. */
    public static RawClient over(Socket connected) {
        try {
            return new RawClient(connected);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection that has sent nothing yet. */
    public static RawClient to(InetSocketAddress address) {
        return to(address, 0);
    }

    /** A connection with a small window, so that it is soon full if it is not read from. */
    public static RawClient to(InetSocketAddress address, int receiveBuffer) {
        try {
            Socket socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.connect(address);
            return new RawClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Which version's packets are read: 4 or 5. */
    public RawClient speaking(int protocolLevel) {
        version = protocolLevel;
        return this;
    }

    /** Sends packets in one segment. */
    public RawClient send(byte[]... packets) {
        try {
            socket.getOutputStream().write(Packets.join(packets));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A packet from the broker. */
    public record Packet(int firstByte, Payload content, int version) {

        public byte[] body() {
            return content.bytes();
        }

        public int type() {
            return firstByte >> 4;
        }

        public String hex() {
            return HexFormat.ofDelimiter(" ")
                    .withUpperCase()
                    .formatHex(Packets.packet(firstByte, body()));
        }

        public int qos() {
            return (firstByte >> 1) & 3;
        }

        public boolean duplicate() {
            return (firstByte & 8) != 0;
        }

        public boolean retain() {
            return (firstByte & 1) != 0;
        }

        private int u16(int at) {
            return ((body()[at] & 0xFF) << 8) | (body()[at + 1] & 0xFF);
        }

        public String topic() {
            return new String(body(), 2, u16(0), UTF_8);
        }

        /**
         * The packet identifier of a PUBLISH of QoS 1 or 2, or of any other packet that has one.
         */
        public int packetId() {
            return type() == 3 ? u16(2 + u16(0)) : u16(0);
        }

        /** Where the length of the properties stands, or would stand. */
        private int propertiesAt() {
            return switch (type()) {
                case 3 -> 2 + u16(0) + (qos() == 0 ? 0 : 2);
                case 4, 5, 6, 7 -> 3;
                case 14, 15 -> 1;
                default -> 2;
            };
        }

        /** Where that begins which follows the properties. */
        private int payloadAt() {
            int at = propertiesAt();
            return version < 5 || at >= body().length ? at : at + lengthBytes(at) + length(at);
        }

        private int lengthBytes(int at) {
            int digits = 1;
            while ((body()[at + digits - 1] & 0x80) != 0) {
                digits++;
            }
            return digits;
        }

        /** A variable byte integer. */
        private int length(int at) {
            int length = 0;
            for (int digit = lengthBytes(at) - 1; digit >= 0; digit--) {
                length = length << 7 | (body()[at + digit] & 0x7F);
            }
            return length;
        }

        /** The bytes of the properties of any packet that has some; empty before MQTT 5.0. */
        public byte[] properties() {
            int at = propertiesAt();
            return version < 5 || at >= body().length
                    ? new byte[0]
                    : Arrays.copyOfRange(body(), at + lengthBytes(at), payloadAt());
        }

        public PropertyList propertyList() {
            return PropertyList.of(properties());
        }

        /** The reason or return code of a packet that has just one; 0 where it is left out. */
        public int reason() {
            int at =
                    switch (type()) {
                        case 2 -> 1;
                        case 4, 5, 6, 7 -> 2;
                        default -> 0;
                    };
            return at < body().length ? body()[at] & 0xFF : 0;
        }

        /** The packet in the form that it has without a reason string. */
        Packet withoutReasonString() {
            if (type() == 3 || !propertyList().has(0x1F)) {
                return this;
            }
            byte[] rest = propertyList().without(0x1F);
            boolean mayEndEarly = type() != 2 && type() != 9 && type() != 11 && rest.length == 0;
            byte[] body =
                    Packets.join(
                            Arrays.copyOf(body(), propertiesAt()),
                            mayEndEarly ? new byte[0] : Packets.properties(rest),
                            Arrays.copyOfRange(body(), payloadAt(), body().length));
            return new Packet(firstByte, Payload.of(body), version);
        }

        /** The codes of a SUBACK or UNSUBACK. */
        public List<Integer> reasons() {
            byte[] body = body();
            return IntStream.range(payloadAt(), body.length)
                    .mapToObj(at -> body[at] & 0xFF)
                    .toList();
        }

        public boolean sessionPresent() {
            return body()[0] == 1;
        }

        public String payload() {
            int at = payloadAt();
            return new String(body(), at, body().length - at, UTF_8);
        }
    }

    /** The next packet. Fails if none comes in time or the connection is closed. */
    public Packet read() {
        Packet packet = readOrEnd();
        assertThat(packet).as("a packet, not the end of the connection").isNotNull();
        return Objects.requireNonNull(packet);
    }

    /** The next packet, or null if the broker closes. Fails if neither comes in time. */
    public @Nullable Packet readOrEnd() {
        try {
            int firstByte = in.read();
            if (firstByte == LOST) {
                return null;
            }
            int length = 0;
            int shift = 0;
            int digit;
            do {
                digit = in.readUnsignedByte();
                length |= (digit & 0x7F) << shift;
                shift += 7;
            } while ((digit & 0x80) != 0);
            assertThat(digit != 0 || shift == 7).as("shortest length [MQTT-1.5.5-1]").isTrue();
            byte[] body = new byte[length];
            in.readFully(body);
            return new Packet(firstByte, Payload.of(body), versionOf(firstByte >> 4, length));
        } catch (SocketTimeoutException late) {
            throw new AssertionError("nothing came in time", late);
        } catch (EOFException | SocketException end) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Some packets show their version, even if nobody said which is spoken. */
    private int versionOf(int type, int length) {
        boolean isVersion5 = type == 14 || type == 15 || (type == 2 && length > 2);
        return isVersion5 ? 5 : version;
    }

    /** Reads so many bytes, whatever they are. */
    public RawClient skip(int bytes) {
        try {
            in.skipNBytes(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next packet is this one, byte for byte; only its reason string is not looked at. */
    public RawClient expect(String hex) {
        assertThat(read().withoutReasonString().hex()).isEqualTo(hex);
        return this;
    }

    /** The next packet is a PUBLISH with this payload. */
    public Packet expectPublish(String payload) {
        Packet packet = read();
        assertThat(packet.type()).as("type of %s", packet.hex()).isEqualTo(3);
        assertThat(packet.payload()).isEqualTo(payload);
        return packet;
    }

    /** The next packet is of this type. */
    public Packet expectType(int type) {
        Packet packet = read();
        assertThat(packet.type()).as("type of %s", packet.hex()).isEqualTo(type);
        return packet;
    }

    /** The broker refuses the CONNECT with this code, and closes. */
    public Packet expectRefused(int code) {
        Packet connack = expectType(2);
        assertThat(connack.reason()).as("code of %s", connack.hex()).isEqualTo(code);
        assertThat(connack.sessionPresent()).as("session present").isFalse();
        expectClosed();
        return connack;
    }

    /** The broker sends a DISCONNECT of MQTT 5.0 with this reason, and closes. */
    public Packet expectDisconnect5(int reason) {
        Packet disconnect = expectType(14);
        assertThat(disconnect.reason()).as("reason of %s", disconnect.hex()).isEqualTo(reason);
        expectClosed();
        return disconnect;
    }

    /**
     * The broker ends the connection as its version asks for: in MQTT 5.0 after a DISCONNECT with
     * this reason, before without a word.
     */
    public void expectEnded(int reason) {
        if (version == 5) {
            expectDisconnect5(reason);
        } else {
            expectClosed();
        }
    }

    /** The broker closes in this time, and sends nothing before. */
    public void expectClosedWithin(Duration time) {
        try {
            socket.setSoTimeout((int) time.toMillis());
            expectClosed();
            socket.setSoTimeout(TIMEOUT_MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The broker closes, and sends nothing before. */
    public void expectClosed() {
        Packet packet = readOrEnd();
        assertThat(packet == null ? null : packet.hex()).as("packet before the end").isNull();
    }

    /** What the broker sends until it closes. */
    public List<Packet> readToEnd() {
        List<Packet> packets = new ArrayList<>();
        for (Packet next = readOrEnd(); next != null; next = readOrEnd()) {
            packets.add(next);
        }
        return packets;
    }

    /** Reads until the broker closes, and closes too. */
    public void closeAtEnd() {
        while (readOrEnd() != null) {
            Thread.onSpinWait();
        }
        close();
    }

    /** Nothing was sent to this client: the answer to a PINGREQ is the first thing that comes. */
    public RawClient expectNothing() {
        return send(Packets.PINGREQ).expect("D0 00");
    }

    /** Connects and reads a CONNACK without session. */
    public RawClient connect(Packets.Connect connect) {
        return connect(connect, false);
    }

    /** Connects and reads a CONNACK of success. */
    public RawClient connect(Packets.Connect connect, boolean sessionPresent) {
        send(connect.bytes());
        return expectConnack(sessionPresent);
    }

    public RawClient expectConnack(boolean sessionPresent) {
        Packet connack = read();
        assertThat(connack.type()).as("type of %s", connack.hex()).isEqualTo(2);
        assertThat(connack.body()[1]).as("code of %s", connack.hex()).isZero();
        assertThat(connack.body()[0])
                .as("session present")
                .isEqualTo((byte) (sessionPresent ? 1 : 0));
        return this;
    }

    /** Subscribes and reads the SUBACK. */
    public RawClient subscribe(String filter, int options) {
        send(
                version < 5
                        ? Packets.subscribe(9, filter, options)
                        : Packets.subscribe5(9, filter, options));
        return expect(
                version < 5 ? "90 03 00 09 0" + (options & 3) : "90 04 00 09 00 0" + (options & 3));
    }

    /** Closes the socket without a word. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
