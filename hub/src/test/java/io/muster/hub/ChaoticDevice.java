package io.muster.hub;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A device that is driven by hand over a socket of its own, with MQTT 3.1.1, and what is true of
 * it. Whoever drives it holds its monitor.
 */
final class ChaoticDevice {

    static final int ACCEPTED = 0;
    static final int UNAVAILABLE = 3;
    static final int BAD_CREDENTIALS = 4;
    static final int NOT_AUTHORIZED = 5;

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final byte[] PINGREQ = {(byte) 0xC0, 0};
    private static final byte[] DISCONNECT = {(byte) 0xE0, 0};

    /** A hub that is killed so soon after a sign-in may forget that the device was ever there. */
    private static final long FORGETFUL_NANOS = TimeUnit.SECONDS.toNanos(5);

    final String key;
    private final byte[] connect;
    private final List<Long> signIns = new ArrayList<>();
    private Optional<Socket> connection = Optional.empty();
    private boolean disabled;

    ChaoticDevice(String key, String secret) {
        this.key = key;
        this.connect = connectPacket(key, secret);
    }

    /** The CONNECT of a device that takes this for its secret. */
    static byte[] connectPacket(String key, String secret) {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("demo", key),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1700000000000");
        try {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            DataOutputStream fields = new DataOutputStream(body);
            fields.writeUTF("MQTT");
            fields.write(new byte[] {4, (byte) 0xC2, 0, 0});
            fields.writeUTF(signed.clientId());
            fields.writeUTF(signed.username());
            fields.writeUTF(signed.password());
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            packet.write(0x10);
            packet.write((body.size() & 0x7F) | 0x80);
            packet.write(body.size() >> 7);
            packet.write(body.toByteArray());
            return packet.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A socket with the CONNECT sent, and the code of its CONNACK. */
    record Attempt(Socket socket, int code) {}

    /** Connects, whatever connection there is; does not count as a connection of the device yet. */
    Attempt attempt(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.getOutputStream().write(connect);
            byte[] connack = socket.getInputStream().readNBytes(4);
            if (connack.length < 4) {
                throw new IOException("closed before CONNACK");
            }
            return new Attempt(socket, connack[3]);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Connects, and takes over from the connection that there is; returns the code. */
    int connect(int port) throws IOException {
        Attempt attempt = attempt(port);
        if (attempt.code() != ACCEPTED) {
            attempt.socket().close();
            return attempt.code();
        }
        signIns.add(System.nanoTime());
        drop();
        connection = Optional.of(attempt.socket());
        return ACCEPTED;
    }

    /** Signed in by {@link #attempt}, with a connection that is gone. */
    void signedInBefore() {
        signIns.add(System.nanoTime());
    }

    /** Leaves in order, or tears its connection. */
    void leave(boolean inOrder) throws IOException {
        if (connection.isEmpty()) {
            return;
        }
        try (Socket socket = connection.get()) {
            if (inOrder) {
                socket.getOutputStream().write(DISCONNECT);
            } else {
                socket.setSoLinger(true, 0);
            }
        } finally {
            connection = Optional.empty();
        }
    }

    private void drop() throws IOException {
        if (connection.isPresent()) {
            connection.get().close();
            connection = Optional.empty();
        }
    }

    void disabled(boolean isDisabled) {
        disabled = isDisabled;
    }

    boolean isDisabled() {
        return disabled;
    }

    /** Waits until the hub closes the connection, and returns when that was seen. */
    long closedAtNanos() throws IOException {
        try (Socket socket = connection.orElseThrow()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            if (socket.getInputStream().read() != -1) {
                throw new IOException("the hub sent something");
            }
            return System.nanoTime();
        } finally {
            connection = Optional.empty();
        }
    }

    /** Waits until the hub closes the connection, if there is one. */
    void awaitClosed() throws IOException {
        if (connection.isPresent()) {
            try {
                var unused = closedAtNanos();
            } catch (SocketException reset) {
                // So it is closed.
            }
        }
    }

    /** Whether the hub has closed its connection, if there was one; there is none afterwards. */
    boolean isClosed() throws IOException {
        if (connection.isEmpty()) {
            return true;
        }
        try (Socket socket = connection.get()) {
            return isClosed(socket);
        } finally {
            connection = Optional.empty();
        }
    }

    /** Whether the hub closes a connection within two seconds. */
    static boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(2_000);
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** Whether the hub answers over its connection. */
    boolean isConnected() {
        if (connection.isEmpty()) {
            return false;
        }
        try {
            connection.get().getOutputStream().write(PINGREQ);
            return connection.get().getInputStream().readNBytes(2).length == 2;
        } catch (IOException gone) {
            return false;
        }
    }

    /** The hub was killed perhaps: its connection is gone then. */
    void dropIfGone() {
        if (connection.isPresent() && !isConnected()) {
            try {
                drop();
            } catch (IOException alreadyClosed) {
                connection = Optional.empty();
            }
        }
    }

    /**
     * The states that would be right now.
     *
     * @param kills when the hub was killed
     */
    Set<String> truth(List<Long> kills) {
        if (disabled) {
            return Set.of("DISABLED");
        }
        if (isConnected()) {
            return Set.of("ONLINE");
        }
        if (signIns.isEmpty()) {
            return Set.of("INACTIVE");
        }
        boolean isSure = signIns.stream().anyMatch(time -> isRemembered(time, kills));
        return isSure ? Set.of("OFFLINE") : Set.of("OFFLINE", "INACTIVE");
    }

    private static boolean isRemembered(long signedIn, List<Long> kills) {
        return kills.stream().noneMatch(kill -> Math.abs(kill - signedIn) < FORGETFUL_NANOS);
    }
}
