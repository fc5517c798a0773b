package io.muster.hub.certificates;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client of MQTT 5.0 over TLS that does little, and says exactly how it was answered. */
public final class TlsClient implements AutoCloseable {

    /** The connection ended without a word. */
    public static final int CLOSED = -1;

    private static final int CONNECT = 0x10;
    private static final int CONNACK = 0x20;
    private static final int PINGREQ = 0xC0;
    private static final int PINGRESP = 0xD0;
    private static final int DISCONNECT = 0xE0;

    private final SSLSocket socket;

    /** Connects. */
    public TlsClient(InetSocketAddress address, SSLContext context, String... versions) {
        try {
            socket =
                    (SSLSocket)
                            context.getSocketFactory().createSocket("localhost", address.getPort());
            socket.setSoTimeout(10_000);
            if (versions.length > 0) {
                socket.setEnabledProtocols(versions);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Signs in.
     *
     * @return the reason code of the CONNACK, or {@link #CLOSED}
     */
    public int connect(String clientId, @Nullable String username, @Nullable String password) {
        return connect(clientId, username, password, 0);
    }

    /** The same with a session that outlives the connection for so many seconds. */
    public int connect(
            String clientId, @Nullable String username, @Nullable String password, int expiry) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(5);
        body.write((username == null ? 0 : 0x80) | (password == null ? 0 : 0x40));
        body.writeBytes(new byte[] {0, 60, 5, 0x11, 0, 0, (byte) (expiry >> 8), (byte) expiry});
        text(body, clientId);
        if (username != null) {
            text(body, username);
        }
        if (password != null) {
            text(body, password);
        }
        try {
            send(CONNECT, body.toByteArray());
            return reason(CONNACK, 1);
        } catch (IOException e) {
            return CLOSED;
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

    /** The byte at a place of the next packet of this type; those of others are read over. */
    private int reason(int type, int place) throws IOException {
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
                return body.length > place ? body[place] & 0xFF : 0;
            }
        }
        return CLOSED;
    }

    /** Whether it is answered. */
    public boolean isAlive() {
        try {
            send(PINGREQ, new byte[0]);
            return reason(PINGRESP, 0) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits for the end: the reason code of a DISCONNECT, or {@link #CLOSED}. */
    public int end() {
        try {
            return reason(DISCONNECT, 0);
        } catch (IOException e) {
            return CLOSED;
        }
    }

    /** Ends in order. */
    public void disconnect() {
        try {
            send(DISCONNECT, new byte[0]);
            var unused = reason(DISCONNECT, 0);
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
