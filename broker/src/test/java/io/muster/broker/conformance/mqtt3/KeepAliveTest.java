package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.PINGREQ;
import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keep alive, PINGREQ and PINGRESP. */
@DisplayNameGeneration(StatementNames.class)
class KeepAliveTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    @Normative(mqtt3 = {"3.1.2-24", "3.1.2-8"})
    void disconnectsAClientThatIsSilentForOneAndAHalfKeepAlives(int level) {
        String topic = "silent-" + level;
        RawClient watcher = STAGE.client("watch-" + topic).subscribe(topic, 0);
        RawClient client = STAGE.raw();
        client.connect(connect(level, topic).keepAlive(1).will(topic, "gone", 0, NO_PROPERTIES));
        long begin = System.nanoTime();
        client.expectClosedWithin(Duration.ofSeconds(4));
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isGreaterThan(Duration.ofMillis(1_400));
        watcher.expectPublish("gone");
    }

    @Test
    @Normative(mqtt3 = "3.1.2-24")
    void disconnectsAClientThatSendsOnlyBytesOfAnUnfinishedPacket() {
        RawClient client = STAGE.raw().connect(connect(4, "drip").keepAlive(1));
        client.send(Packets.bytes("30 7F 00"));
        Awaitility.await()
                .pollInterval(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(5))
                .until(
                        () -> {
                            client.send(Packets.bytes("01"));
                            return STAGE.broker().broker().clients().find("drip").isEmpty();
                        });
        client.expectClosed();
    }

    @Test
    @Normative(mqtt3 = "3.12.4-1")
    void answersEachPing() {
        RawClient client = STAGE.client("pings");
        client.send(PINGREQ, PINGREQ, PINGREQ);
        client.expect("D0 00").expect("D0 00").expect("D0 00");
    }

    @Test
    @Normative(mqtt3 = "3.12.4-1")
    void answersAPingOfMqtt31() {
        STAGE.broker().client(3, "old-pings").send(PINGREQ).expect("D0 00");
    }
}
