package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.MESSAGE_EXPIRY;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Message expiry, queued and retained [MQTT5 3.3.2.3.3]. Everything is published once, and one wait
 * of a little more than a second is shared by all tests.
 */
@DisplayNameGeneration(StatementNames.class)
class MessageExpiryTest {

    private static final String QUEUED = "queued";
    private static final String RETAINED = "retained";
    private static final String FULL = "full";
    private static final int QUEUE_MAX = 5;

    @RegisterExtension
    static final Stage STAGE = Stage.with(settings -> settings.queueMessagesMax = QUEUE_MAX);

    @BeforeAll
    static void publishAndWait() {
        STAGE.drop(STAGE.client(lasting("away")).subscribe(QUEUED, 1), "away");
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, QUEUED, u32(MESSAGE_EXPIRY, 1), "brief");
        publish(publisher, QOS_1, QUEUED, u32(MESSAGE_EXPIRY, 100), "long");
        publish(publisher, QOS_1, QUEUED, NO_PROPERTIES, "endless");
        STAGE.drop(STAGE.client(lasting("full")).subscribe(FULL, 1), "full");
        for (int i = 0; i < QUEUE_MAX; i++) {
            publish(publisher, QOS_1, FULL, u32(MESSAGE_EXPIRY, 1), "brief");
        }
        publish(publisher, QOS_1 | RETAIN, RETAINED + "/a", u32(MESSAGE_EXPIRY, 1), "brief");
        publish(publisher, QOS_1 | RETAIN, RETAINED + "/b", u32(MESSAGE_EXPIRY, 100), "long");
        publish(publisher, QOS_1 | RETAIN, RETAINED + "/c", NO_PROPERTIES, "endless");
        await().pollDelay(Duration.ofMillis(1_200)).until(() -> true);
    }

    private static long expiry(RawClient.Packet packet) {
        return packet.propertyList().number(MESSAGE_EXPIRY);
    }

    @Test
    @Normative(mqtt5 = {"3.3.2-5", "3.3.2-6"})
    void sendsWhatWasQueuedWithTheTimeThatIsLeftAndNothingThatHasExpired() {
        RawClient client = STAGE.resumed(lasting("away"));
        assertThat(expiry(client.expectPublish("long"))).isBetween(90L, 99L);
        RawClient.Packet endless = client.expectPublish("endless");
        assertThat(endless.propertyList().has(MESSAGE_EXPIRY)).isFalse();
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.3.2-5")
    void deletesWhatHasExpiredFromAQueueThatIsFull() {
        double waiting = STAGE.broker().metric("muster.queued.messages");
        publish(STAGE.client(), QOS_1, FULL, "live");
        await().until(
                        () ->
                                STAGE.broker().metric("muster.queued.messages")
                                        == waiting - QUEUE_MAX + 1);
        RawClient client = STAGE.resumed(lasting("full"));
        client.expectPublish("live");
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.3.2-5", "3.3.2-6"})
    void sendsRetainedMessagesWithTheTimeThatIsLeftAndNothingThatHasExpired() {
        assertThat(expiry(retained("b").expectPublish("long"))).isBetween(90L, 99L);
        RawClient.Packet endless = retained("c").expectPublish("endless");
        assertThat(endless.propertyList().has(MESSAGE_EXPIRY)).isFalse();
        retained("a").expectNothing();
    }

    private static RawClient retained(String level) {
        return STAGE.client().subscribe(RETAINED + "/" + level, 1);
    }

    @Test
    @Normative(mqtt5 = "3.3.2-6")
    void passesTheTimeOnToWhoeverIsThere() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 0);
        publish(STAGE.client(), QOS_1, topic, u32(MESSAGE_EXPIRY, 100), "now");
        assertThat(expiry(client.expectPublish("now"))).isBetween(99L, 100L);
    }

    @Test
    @Normative(mqtt5 = "3.3.2-6")
    void takesTheLargestTimeForWhatItIs() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 0);
        publish(STAGE.client(), QOS_1, topic, u32(MESSAGE_EXPIRY, 0xFFFF_FFFFL), "later");
        long most = 0xFFFF_FFFFL;
        assertThat(expiry(client.expectPublish("later"))).isBetween(most - 1, most);
    }
}
