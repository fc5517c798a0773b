package io.muster.hub.certificates;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client of MQTT over TLS that does little, and says exactly how it was answered. */
public final class TlsClient implements AutoCloseable {

    /** The connection ended without a word of MQTT. */
    public static final int CLOSED = -1;

    /** Nothing came for ten seconds, and the connection is still there. */
    public static final int TIMED_OUT = -2;

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int CONNECT = 0x10;
    private static final int CONNACK = 0x20;
    private static final int PUBLISH = 0x30;
    private static final int SUBSCRIBE = 0x82;
    private static final int SUBACK = 0x90;
    private static final int PINGREQ = 0xC0;
    private static final int PINGRESP = 0xD0;
    private static final int DISCONNECT = 0xE0;

    private final SSLSocket socket;
    private int version = 5;
    private boolean isClean;
    private @Nullable String will;
    private boolean hasResumed;

    /** Connects. */
    public TlsClient(InetSocketAddress address, SSLContext context, String... versions) {
        try {
            socket =
                    (SSLSocket)
                            context.getSocketFactory().createSocket("localhost", address.getPort());
            socket.setSoTimeout(TIMEOUT_MILLIS);
            if (versions.length > 0) {
                socket.setEnabledProtocols(versions);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on it speaks MQTT 3.1.1. */
    public TlsClient speakingMqtt3() {
        version = 4;
        isClean = true;
        return this;
    }

    /** It has no use for a session that is there. */
    public TlsClient startingAnew() {
        isClean = true;
        return this;
    }

    /** It leaves a will of QoS 0 on this topic that waits for an hour. */
    public TlsClient leaving(String topic) {
        will = topic;
        return this;
    }

    /**
     * Signs in.
     *
     * @return the reason code of the CONNACK, {@link #CLOSED} or {@link #TIMED_OUT}
     */
    public int connect(String clientId, @Nullable String username, @Nullable String password) {
        return connect(clientId, username, password, 0);
    }

    /** The same with a session that outlives the connection for so many seconds. */
    public int connect(
            String clientId, @Nullable String username, @Nullable String password, int expiry) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(version);
        body.write(
                (username == null ? 0 : 0x80)
                        | (password == null ? 0 : 0x40)
                        | (will == null ? 0 : 0x04)
                        | (isClean ? 0x02 : 0));
        body.writeBytes(new byte[] {0, 60});
        if (version == 5) {
            body.writeBytes(new byte[] {5, 0x11, 0, 0, (byte) (expiry >> 8), (byte) expiry});
        }
        text(body, clientId);
        if (will != null) {
            body.writeBytes(new byte[] {5, 0x18, 0, 0, 0x0E, 0x10});
            text(body, will);
            text(body, "will");
        }
        if (username != null) {
            text(body, username);
        }
        if (password != null) {
            text(body, password);
        }
        return answer(
                () -> {
                    send(CONNECT, body.toByteArray());
                    byte[] connack = next(CONNACK);
                    hasResumed = connack != null && connack[0] == 1;
                    return connack;
                },
                1);
    }

    /** Whether the session was there before, by the last CONNACK. */
    public boolean hasResumed() {
        return hasResumed;
    }

    /** Agrees on TLS, and sends nothing yet. */
    public TlsClient shakingHands() {
        try {
            socket.startHandshake();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Whether the TLS session is an earlier one, resumed. */
    public boolean hasResumedTls(TlsClient earlier) {
        return socket.getSession().getCreationTime()
                == earlier.socket.getSession().getCreationTime();
    }

    /** Subscribes with QoS 1; whether it may. */
    public boolean subscribe(String filter) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(version == 5 ? new byte[] {0, 1, 0} : new byte[] {0, 1});
        text(body, filter);
        body.write(1);
        return answer(
                        () -> {
                            send(SUBSCRIBE, body.toByteArray());
                            return next(SUBACK);
                        },
                        version == 5 ? 3 : 2)
                == 1;
    }

    /** The payload of the next message, of QoS 1 and without properties, or what else came. */
    public String message() {
        byte[][] message = new byte[1][];
        int code =
                answer(
                        () -> {
                            message[0] = next(PUBLISH);
                            return message[0];
                        },
                        0);
        if (code < 0) {
            return code == CLOSED ? "closed" : "timed out";
        }
        int topic = ((message[0][0] & 0xFF) << 8) | (message[0][1] & 0xFF);
        int from = 2 + topic + 2 + (version == 5 ? 1 : 0);
        return new String(message[0], from, message[0].length - from, StandardCharsets.UTF_8);
    }

    /** What is asked of the hub; returns the body of a packet, or null at the end. */
    private interface Question {
        byte @Nullable [] ask() throws IOException;
    }

    /** The byte at a place of the answer, or how there was none. */
    private static int answer(Question question, int place) {
        try {
            byte[] body = question.ask();
            if (body == null) {
                return CLOSED;
            }
            return body.length > place ? body[place] & 0xFF : 0;
        } catch (SocketTimeoutException e) {
            return TIMED_OUT;
        } catch (SSLException | SocketException | EOFException e) {
            return CLOSED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length >> 8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    private void send(int type, byte[] body) throws IOException {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(type);
        int length = body.length;
        do {
            packet.write((length & 0x7F) | (length > 0x7F ? 0x80 : 0));
            length >>= 7;
        } while (length > 0);
        packet.writeBytes(body);
        socket.getOutputStream().write(packet.toByteArray());
        socket.getOutputStream().flush();
    }

    /** The body of the next packet of this type; those of others are read over. Null at the end. */
    private byte @Nullable [] next(int type) throws IOException {
        InputStream in = socket.getInputStream();
        for (int first = in.read(); first >= 0; first = in.read()) {
            int length = 0;
            int shift = 0;
            int digit;
            do {
                digit = in.read();
                length |= (digit & 0x7F) << shift;
                shift += 7;
            } while (digit > 0x7F);
            byte[] body = new byte[length];
            new DataInputStream(in).readFully(body);
            if ((first & 0xF0) == type) {
                return body;
            }
        }
        return null;
    }

    /** Whether it is answered. */
    public boolean isAlive() {
        return answer(
                        () -> {
                            send(PINGREQ, new byte[0]);
                            return next(PINGRESP);
                        },
                        0)
                == 0;
    }

    /**
     * Waits for the end: the reason code of a DISCONNECT, {@link #CLOSED} or {@link #TIMED_OUT}.
     */
    public int end() {
        return answer(() -> next(DISCONNECT), 0);
    }

    /** Cuts the connection, as one that is lost. */
    public void cut() {
        close();
    }

    /** Ends in order. */
    public void disconnect() {
        try {
            send(DISCONNECT, new byte[0]);
            var unused = next(DISCONNECT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        close();
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
