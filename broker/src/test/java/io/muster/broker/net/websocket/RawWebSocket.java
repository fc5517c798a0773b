package io.muster.broker.net.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.message.Payload;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A socket that sends handshakes and frames byte by byte, and shows what comes back. */
public final class RawWebSocket implements AutoCloseable {

    public static final int BINARY = 0x82;
    public static final int TEXT = 0x81;
    public static final int CLOSE = 0x88;
    public static final int PING = 0x89;
    public static final int PONG = 0x8A;
    public static final int CONTINUATION = 0x80;

    /** A frame that others continue. */
    public static final int BINARY_BEGINS = 0x02;

    /** A continuation that is not the last. */
    public static final int CONTINUATION_GOES_ON = 0x00;

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final byte[] MASK = {0x12, (byte) 0xFE, 0x00, 0x77};
    private static final int MASKED = 0x80;

    private final Socket socket = new Socket();
    private final DataInputStream in;

    public RawWebSocket(InetSocketAddress address) {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(address);
            in = new DataInputStream(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection on which frames can be sent. */
    static RawWebSocket open(InetSocketAddress address) {
        RawWebSocket socket = new RawWebSocket(address);
        Response response = socket.send(new Handshake().bytes()).response();
        assertThat(response.status()).as(response.toString()).isEqualTo(101);
        return socket;
    }

    /** A request that is in order, unless changed. */
    public static final class Handshake {
        private final Map<String, String> headers = new LinkedHashMap<>();
        private String line = "GET /mqtt HTTP/1.1";

        public Handshake() {
            with("Host", "localhost");
            with("Upgrade", "websocket");
            with("Connection", "keep-alive, Upgrade");
            with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
            with("Sec-WebSocket-Version", "13");
            with("Sec-WebSocket-Protocol", "mqtt");
        }

        Handshake line(String requestLine) {
            line = requestLine;
            return this;
        }

        Handshake with(String name, String value) {
            headers.put(name, value);
            return this;
        }

        Handshake without(String name) {
            headers.remove(name);
            return this;
        }

        public byte[] bytes() {
            String fields =
                    headers.entrySet().stream()
                            .map(field -> field.getKey() + ": " + field.getValue() + "\r\n")
                            .collect(Collectors.joining());
            return (line + "\r\n" + fields + "\r\n").getBytes(ISO_8859_1);
        }
    }

    /** What the server answered to the handshake. */
    public record Response(int status, Map<String, String> headers, String body) {

        @Nullable String header(String name) {
            return headers.get(name.toLowerCase(Locale.ROOT));
        }
    }

    /** Reads the answer to a handshake, with its body if it says that it has one. */
    public Response response() {
        try {
            String[] lines = head().split("\r\n", -1);
            Map<String, String> headers = new LinkedHashMap<>();
            for (int i = 1; !lines[i].isEmpty(); i++) {
                String[] field = lines[i].split(": ", 2);
                headers.merge(
                        field[0].toLowerCase(Locale.ROOT),
                        field[1],
                        (one, other) -> one + ", " + other);
            }
            byte[] body = new byte[Integer.parseInt(headers.getOrDefault("content-length", "0"))];
            in.readFully(body);
            int status = Integer.parseInt(lines[0].split(" ", 3)[1]);
            return new Response(status, headers, new String(body, ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    /** Sends bytes as they are, in one segment. */
    public RawWebSocket send(byte[]... parts) {
        try {
            socket.getOutputStream().write(Packets.join(parts));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends MQTT packets in one binary frame. */
    public RawWebSocket sendMqtt(byte[]... packets) {
        return send(frame(BINARY, Packets.join(packets)));
    }

    /** A masked frame. */
    public static byte[] frame(int firstByte, byte[] payload) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(firstByte);
            if (payload.length < 126) {
                out.write(MASKED | payload.length);
            } else if (payload.length <= 0xFFFF) {
                out.write(MASKED | 126);
                out.writeShort(payload.length);
            } else {
                out.write(MASKED | 127);
                out.writeLong(payload.length);
            }
            out.write(MASK);
            for (int i = 0; i < payload.length; i++) {
                out.write(payload[i] ^ MASK[i % MASK.length]);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A Close frame with a status. */
    public static byte[] close(int status) {
        return frame(CLOSE, new byte[] {(byte) (status >> 8), (byte) status});
    }

    /** A frame from the broker; those are not masked. */
    record Frame(int firstByte, Payload content) {

        String hex() {
            return HexFormat.ofDelimiter(" ").withUpperCase().formatHex(content.bytes());
        }

        int status() {
            byte[] bytes = content.bytes();
            return (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
        }
    }

    /** The next frame. Fails if none comes in time or the connection is closed. */
    Frame read() {
        Frame frame = readOrEnd();
        assertThat(frame).as("a frame, not the end of the connection").isNotNull();
        return Objects.requireNonNull(frame);
    }

    private @Nullable Frame readOrEnd() {
        try {
            int firstByte = in.read();
            if (firstByte < 0) {
                return null;
            }
            int length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = Math.toIntExact(in.readLong());
            }
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(firstByte, Payload.of(payload));
        } catch (EOFException | SocketException end) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next frame is binary and holds exactly these bytes. */
    RawWebSocket expectMqtt(String hex) {
        Frame frame = read();
        assertThat(frame.firstByte()).as("first byte before %s", frame.hex()).isEqualTo(BINARY);
        assertThat(frame.hex()).isEqualTo(hex);
        return this;
    }

    /** The next bytes are these, in however many binary frames. */
    RawWebSocket expectMqttBytes(String hex) {
        StringBuilder bytes = new StringBuilder();
        while (bytes.length() < hex.length()) {
            Frame frame = read();
            assertThat(frame.firstByte()).as("after %s", bytes).isEqualTo(BINARY);
            bytes.append(bytes.isEmpty() ? "" : " ").append(frame.hex());
        }
        assertThat(bytes).hasToString(hex);
        return this;
    }

    /** The broker sends a Close frame with this status, and then nothing. */
    void expectClose(int status) {
        Frame frame = read();
        assertThat(frame.firstByte()).as("first byte before %s", frame.hex()).isEqualTo(CLOSE);
        assertThat(frame.status()).isEqualTo(status);
        expectEnd();
    }

    /** The broker closes, and sends nothing before. */
    void expectEnd() {
        Frame frame = readOrEnd();
        assertThat(frame == null ? null : frame.hex()).as("before the end").isNull();
        close();
    }

    /** Connects and reads a CONNACK of success, before MQTT 5.0. */
    public RawWebSocket connect(Packets.Connect connect) {
        return sendMqtt(connect.bytes()).expectMqtt("20 02 00 00");
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
