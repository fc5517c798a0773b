package io.muster.broker.conformance.ending;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.SESSION_EXPIRY;
import static io.muster.broker.Packets.WILL_DELAY;
import static io.muster.broker.Packets.WILL_QOS_1;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.disconnect5;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.expectDisconnect;
import static io.muster.broker.conformance.Wire.expectRefused;
import static io.muster.broker.conformance.Wire.publish;
import static org.awaitility.Awaitility.await;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When a delayed will is published, and when not [MQTT5 3.1.3.2.2]. */
@DisplayNameGeneration(StatementNames.class)
class WillDelayTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    /** A client with a will, a watcher of its topic, and one name for all of it. */
    private static final class Mourned {
        final String name = STAGE.name();
        final RawClient watcher = STAGE.client().subscribe(name, 1);
        final RawClient client;

        Mourned(long delaySeconds, long expirySeconds) {
            client = STAGE.client(connect(delaySeconds, expirySeconds));
        }

        Packets.Connect connect(long delaySeconds, long expirySeconds) {
            return Packets.connect(5, name)
                    .resume()
                    .expiry(expirySeconds)
                    .will(name, "will", WILL_QOS_1, u32(WILL_DELAY, delaySeconds));
        }

        /** Nothing has come before a message that is published now. */
        void expectNoWill() {
            STAGE.awaitAway(name);
            publish(STAGE.client(), QOS_1, name, "fence");
            watcher.expectPublish("fence");
        }
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedAtOnceWithoutDelay() {
        Mourned mourned = new Mourned(0, 600);
        mourned.client.close();
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedAfterItsDelay() {
        Mourned mourned = new Mourned(1, 600);
        mourned.client.close();
        mourned.expectNoWill();
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedWhenTheSessionEndsBeforeItsDelay() {
        Mourned mourned = new Mourned(600, 1);
        mourned.client.close();
        mourned.expectNoWill();
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedAtOnceIfTheSessionEndsWithTheConnection() {
        Mourned mourned = new Mourned(600, 0);
        mourned.client.close();
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.3-9")
    void isNotPublishedIfTheClientComesBackInTime() {
        Mourned mourned = new Mourned(1, 600);
        mourned.client.close();
        mourned.expectNoWill();
        RawClient again = STAGE.resumed(lasting(mourned.name));
        await().pollDelay(Duration.ofMillis(1_200)).until(() -> true);
        again.expectNothing();
        mourned.watcher.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.1.3-9")
    void isNotPublishedIfTheSessionIsTakenOverInTime() {
        Mourned mourned = new Mourned(600, 600);
        STAGE.resumed(mourned.connect(600, 600));
        expectDisconnect(mourned.client, 0x8E);
        publish(STAGE.client(), QOS_1, mourned.name, "fence");
        mourned.watcher.expectPublish("fence");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedAtATakeOverWithoutDelay() {
        Mourned mourned = new Mourned(0, 600);
        STAGE.resumed(lasting(mourned.name));
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedWhenTheSessionIsReplacedByACleanOne() {
        Mourned mourned = new Mourned(600, 600);
        mourned.client.close();
        mourned.expectNoWill();
        STAGE.client(connect(5, mourned.name));
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedWhenACleanSessionTakesOver() {
        Mourned mourned = new Mourned(600, 600);
        STAGE.client(connect(5, mourned.name));
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.14.4-3")
    void isForgottenAtANormalDisconnect() {
        Mourned mourned = new Mourned(0, 600);
        mourned.client.send(Packets.DISCONNECT).expectClosed();
        mourned.expectNoWill();
        STAGE.client(connect(5, mourned.name));
        mourned.watcher.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void waitsAlsoAfterADisconnectThatAsksForIt() {
        Mourned mourned = new Mourned(1, 600);
        mourned.client.send(Packets.DISCONNECT_WITH_WILL).expectClosed();
        mourned.expectNoWill();
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedAtADisconnectThatAsksForItAndEndsTheSession() {
        Mourned mourned = new Mourned(600, 600);
        mourned.client.send(disconnect5(4, u32(SESSION_EXPIRY, 0))).expectClosed();
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-8", "4.13.1-1"})
    void isPublishedAfterAProtocolError() {
        Mourned mourned = new Mourned(0, 600);
        expectRefused(mourned.client, bytes("C1 00"), 0x81);
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-8")
    void isPublishedWhenTheClientIsSilentTooLong() {
        Mourned mourned = new Mourned(0, 600);
        RawClient silent = STAGE.resumed(mourned.connect(0, 600).keepAlive(1));
        mourned.watcher.expectPublish("will"); // of the first, which was taken over
        expectDisconnect(silent, 0x8D);
        mourned.watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "3.1.2-10")
    void isPublishedOnce() {
        Mourned mourned = new Mourned(0, 600);
        mourned.client.close();
        mourned.watcher.expectPublish("will");
        STAGE.resumed(lasting(mourned.name)).send(Packets.DISCONNECT).expectClosed();
        STAGE.client(connect(5, mourned.name)).close();
        mourned.expectNoWill();
    }
}
