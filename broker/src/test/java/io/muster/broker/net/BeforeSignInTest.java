package io.muster.broker.net;

import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What somebody who is not signed in can make the broker hold or wait for. The time for CONNECT is
 * longer than any test waits.
 */
class BeforeSignInTest {

    private static final int CONNECT_BYTES_MAX = 1_000;
    private static final BrokerFixture BROKER = broker();

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.connectBytesMax = CONNECT_BYTES_MAX;
        settings.connectTimeout = Duration.ofMinutes(10);
        return settings.start();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    /** HTTP, TLS, wrong flags, other packets that have not all come, and no packet at all. */
    @ParameterizedTest
    @ValueSource(strings = {"47", "16", "11", "30 FF FF 3F", "F0 FF", "00"})
    void theRestOfWhatCannotBecomeAConnectIsNotWaitedFor(String beginning) {
        BROKER.raw().send(bytes(beginning)).expectClosed();
    }

    @Test
    void aConnectThatWillBeTooLargeIsNotWaitedFor() {
        byte[] connect = withWill(CONNECT_BYTES_MAX);
        BROKER.raw().send(Arrays.copyOf(connect, 3)).expectClosed();
    }

    @Test
    void aConnectMayBeAsLargeAsTheLimitAndNoLarger() {
        int rest = withWill(900).length - 900;
        BROKER.raw().send(withWill(CONNECT_BYTES_MAX - rest)).expectConnack(false).close();
        BROKER.raw().send(withWill(CONNECT_BYTES_MAX - rest + 1)).expectClosed();
    }

    private static byte[] withWill(int payloadBytes) {
        return connect(4, "testator").will("t", "x".repeat(payloadBytes), 0, new byte[0]).bytes();
    }

    @Test
    void packetsMayBeLargerOnceAClientIsSignedIn() {
        BROKER.client(4, "publisher")
                .send(publish(Packets.QOS_1, 1, "t", "x".repeat(2 * CONNECT_BYTES_MAX)))
                .expect("40 02 00 01");
    }
}
