package io.muster.broker.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.muster.broker.ListenerConfig;
import io.muster.broker.Packets;
import io.muster.broker.net.proxy.Network;
import io.muster.broker.net.proxy.ProxySettings;
import io.muster.broker.net.websocket.RawWebSocket;
import io.muster.broker.net.websocket.WebSocketSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** A way into the broker, and what MQTT is wrapped in there. */
enum Door {
    TCP,
    WEB_SOCKET,
    PROXIED,
    PROXIED_WEB_SOCKET;

    private static final byte[] HEADER_1 =
            "PROXY TCP4 192.0.2.1 192.0.2.2 5000 1883\r\n".getBytes(US_ASCII);
    private static final byte[] HEADER_2 =
            Packets.bytes(
                    "0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A 21 11 00 0F C0 00 02 01 C0 00 02 02"
                            + " 13 88 07 5B 04 00 00");

    private boolean isProxied() {
        return this == PROXIED || this == PROXIED_WEB_SOCKET;
    }

    private boolean isWebSocket() {
        return this == WEB_SOCKET || this == PROXIED_WEB_SOCKET;
    }

    /** The listener's name. */
    String listener() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A listener on a free port. */
    ListenerConfig config() {
        return new ListenerConfig(
                listener(),
                "127.0.0.1",
                0,
                isWebSocket()
                        ? Optional.of(new WebSocketSettings("/mqtt", Set.of()))
                        : Optional.empty(),
                isProxied()
                        ? Optional.of(new ProxySettings(List.of(Network.parse("127.0.0.0/8"))))
                        : Optional.empty());
    }

    /** What a client of this door sends before its MQTT packets. */
    byte[] beginning(Random random) {
        byte[] header = random.nextBoolean() ? HEADER_1 : HEADER_2;
        return Packets.join(
                isProxied() ? header : new byte[0],
                isWebSocket() ? new RawWebSocket.Handshake().bytes() : new byte[0]);
    }

    /** MQTT packets as they stand behind the beginning, in frames that {@code random} chooses. */
    byte[] wrapped(byte[] packets, Random random) {
        if (!isWebSocket()) {
            return packets;
        }
        List<byte[]> parts = new Damage(random).segments(packets);
        List<byte[]> frames = new ArrayList<>();
        boolean isWithin = false;
        for (byte[] part : parts) {
            boolean goesOn = random.nextInt(3) == 0 && part != parts.get(parts.size() - 1);
            frames.add(RawWebSocket.frame(firstByte(isWithin, goesOn), part));
            isWithin = goesOn;
            if (random.nextInt(8) == 0) {
                int control = random.nextBoolean() ? RawWebSocket.PING : RawWebSocket.PONG;
                frames.add(RawWebSocket.frame(control, new byte[random.nextInt(126)]));
            }
        }
        return Packets.join(frames.toArray(byte[][]::new));
    }

    private static int firstByte(boolean isWithin, boolean goesOn) {
        if (isWithin) {
            return goesOn ? RawWebSocket.CONTINUATION_GOES_ON : RawWebSocket.CONTINUATION;
        }
        return goesOn ? RawWebSocket.BINARY_BEGINS : RawWebSocket.BINARY;
    }
}
