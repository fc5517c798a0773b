package io.muster.benchmarks.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What an idle, signed-in connection with one subscription takes has a bound, since there may be a
 * million of them. It is that of the JDK with the larger objects, 17; the JDK does not change it
 * otherwise.
 */
class IdleSessionsTest {

    /** So many that what the process makes for itself meanwhile is a byte or two for each. */
    private static final int SESSIONS = 16_000;

    private static final double BYTES_MAX = 4_290;

    private static final IdleSessions.Result result = IdleSessions.measure(SESSIONS);

    @Test
    void eachSessionIsConnectedAndSubscribed() {
        assertThat(result.connected()).isEqualTo(SESSIONS);
        assertThat(result.subscribed()).isEqualTo(SESSIONS);
        assertThat(result.counted())
                .isEqualTo(
                        Map.of(
                                "muster.connections", SESSIONS,
                                "muster.sessions", SESSIONS,
                                "muster.subscriptions", SESSIONS));
    }

    @Test
    void eachOfTheSampleGetsItsMessage() {
        assertThat(result.sample()).isEqualTo(1_000);
        assertThat(result.received()).isEqualTo(result.sample());
    }

    @Test
    void aSessionTakesNoMoreBytesThan() {
        assertThat(result.perSession().objectBytes())
                .as("at least Netty's own objects, or they were not counted")
                .isBetween(1_000.0, BYTES_MAX);
    }

    /** They read into a buffer of their loop, and write into one of the turn. */
    @Test
    void aSessionTakesNoBuffer() {
        assertThat(result.perSession().directBytes()).isLessThan(64);
    }
}
