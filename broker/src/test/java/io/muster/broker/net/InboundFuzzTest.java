package io.muster.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.Broker;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.spi.ClientObserver;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Damaged packets over real sockets: the connection may end, the broker must not care. */
class InboundFuzzTest {

    private static final long SEED = 20_240_607;
    private static final int CONNECTIONS = 1_500;

    /**
     * A client's packets as they should be, the first byte and what follows the length; the first
     * of each is CONNECT.
     */
    private static final List<List<String>> CONVERSATIONS =
            List.of(
                    List.of(
                            "10 00044d515454 04 02 0000 0007636c69656e7431",
                            "82 0001 00017401 00016202 00052f2b2f612300",
                            "30 000174 0102",
                            "32 000174 0001 0102",
                            "34 000174 0002 0102",
                            "62 0002",
                            "40 0001",
                            "c0",
                            "a2 0003 000174",
                            "e0"),
                    List.of(
                            "10 00044d515454 05 ee 003c 0d110000000a21000a27000003e8 00026331"
                                    + " 0c18000000010101020000003c 000177 000200ff 000175 000170",
                            "82 0001 00 00017405",
                            "33 000174 0001 0702000000090101 78",
                            "34 000174 0002 0c260001610001620300026a6b",
                            "50 0001 92",
                            "70 0001 92",
                            "e0 00 051100000000"),
                    List.of("10 00064d5149736470 03 02 0000 000463313233", "c0"));

    private static final class Complaints extends AppenderBase<ILoggingEvent> {
        private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            boolean isFault = event.getLevel().isGreaterOrEqual(Level.ERROR);
            boolean hasTrace =
                    event.getLevel().isGreaterOrEqual(Level.INFO)
                            && event.getThrowableProxy() != null;
            if (isFault || hasTrace || event.getFormattedMessage().indexOf('\n') >= 0) {
                events.add(event);
            }
        }
    }

    private record AllAllowed() implements TopicPermissions {
        @Override
        public boolean mayPublish(String topicName) {
            return true;
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            return true;
        }
    }

    private static Broker start() {
        Identity anybody = new Identity("anybody", "", new AllAllowed(), Map.of());
        return Broker.start(
                BrokerConfig.of(List.of(new ListenerConfig("default", "127.0.0.1", 0))),
                credentials -> CompletableFuture.completedFuture(AuthResult.accept(anybody)),
                ClientObserver.NONE,
                new SimpleMeterRegistry());
    }

    @Test
    @Timeout(60)
    void damagedPacketsDoNoHarm() throws Exception {
        ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Complaints complaints = new Complaints();
        complaints.start();
        root.addAppender(complaints);
        Logger chatter = (Logger) LoggerFactory.getLogger("io.muster");
        chatter.setAdditive(false);
        chatter.addAppender(complaints);
        try (Broker broker = start()) {
            int port = broker.addresses().values().iterator().next().getPort();
            // Undamaged ones first, so that the damage is known to be what is tested.
            for (List<String> conversation : CONVERSATIONS) {
                assertThat(converse(port, bytes(conversation.subList(0, 1)))).startsWith("20");
            }
            Random random = new Random(SEED);
            for (int i = 0; i < CONNECTIONS; i++) {
                send(port, damaged(random));
            }
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> broker.clients().list("", 10).isEmpty());
            assertThat(converse(port, bytes(CONVERSATIONS.get(0).subList(0, 1)))).startsWith("20");
            reportLeaks();
            assertThat(complaints.events)
                    .extracting(InboundFuzzTest::complaint)
                    .as("errors, stack traces and broken lines in the log")
                    .isEmpty();
        } finally {
            root.detachAppender(complaints);
            chatter.detachAppender(complaints);
            chatter.setAdditive(true);
            ResourceLeakDetector.setLevel(before);
        }
    }

    private static String complaint(ILoggingEvent event) {
        IThrowableProxy cause = event.getThrowableProxy();
        return event.getFormattedMessage()
                + (cause == null ? "" : " " + ThrowableProxyUtil.asString(cause));
    }

    /** The detector reports what has been collected without release when more is allocated. */
    private static void reportLeaks() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            ByteBufAllocator.DEFAULT.directBuffer(1).release();
        }
    }

    private static byte[] bytes(List<String> packets) {
        StringBuilder bytes = new StringBuilder();
        for (String packet : packets) {
            String plain = packet.replace(" ", "");
            int length = plain.length() / 2 - 1;
            bytes.append(plain, 0, 2).append("%02x".formatted(length)).append(plain.substring(2));
        }
        return HexFormat.of().parseHex(bytes);
    }

    private static byte[] damaged(Random random) {
        List<String> conversation = CONVERSATIONS.get(random.nextInt(CONVERSATIONS.size()));
        int connectLength = bytes(conversation.subList(0, 1)).length;
        byte[] bytes = bytes(conversation);
        if (random.nextInt(20) == 0) {
            random.nextBytes(bytes);
            return bytes;
        }
        // Half of them sign in first, so that the later packets are reached.
        int from = random.nextBoolean() && connectLength < bytes.length ? connectLength : 0;
        for (int changes = random.nextInt(4); changes >= 0 && bytes.length > from; changes--) {
            int at = from + random.nextInt(bytes.length - from);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                default -> bytes = without(bytes, at);
            }
        }
        return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    private static byte[] without(byte[] bytes, int at) {
        byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
        System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
        return shorter;
    }

    private static void send(int port, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            socket.setSoTimeout(5);
            drain(socket.getInputStream());
        }
    }

    private static void drain(InputStream in) throws IOException {
        try {
            in.readNBytes(1_000);
        } catch (SocketTimeoutException silent) {
            // It need not answer.
        } catch (SocketException reset) {
            // It may close with bytes unread.
        }
    }

    private static String converse(int port, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(bytes);
            return HexFormat.of().formatHex(socket.getInputStream().readNBytes(2));
        }
    }
}
