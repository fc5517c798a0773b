package io.muster.broker.conformance.ending;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.SESSION_EXPIRY;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.disconnect5;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBCOMP;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;
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

/** How long a session lives, and what belongs to it [MQTT5 4.1, 3.1.2.11.2, 3.14.2.2.2]. */
@DisplayNameGeneration(StatementNames.class)
class SessionStateTest {

    private static final long WITHOUT_END = 0xFFFF_FFFFL;

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static Packets.Connect resuming(String name, long expiry) {
        return connect(5, name).resume().expiry(expiry);
    }

    private static void awaitMoreThanASecond() {
        await().pollDelay(Duration.ofMillis(1_200)).until(() -> true);
    }

    @Test
    @Normative(mqtt5 = "4.1.0-1")
    void keepsWhatBelongsToASession() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, name, "sent");
        publish(publisher, QOS_2, name, "received");
        int sent = client.expectPublish("sent").packetId();
        int received = client.expectPublish("received").packetId();
        client.send(pubrec(received));
        expectAcknowledge(client, PUBREL, received, 0x00);
        client.send(publish5(QOS_2, 40, name + "/up", NO_PROPERTIES, "x"));
        expectAcknowledge(client, PUBREC, 40, 0x00);
        STAGE.drop(client, name);
        publish(publisher, QOS_1, name, "pending");
        RawClient again = STAGE.resumed(lasting(name));
        assertThat(again.expectPublish("sent").packetId()).isEqualTo(sent);
        expectAcknowledge(again, PUBREL, received, 0x00);
        again.expectPublish("pending");
        again.send(pubrel(40));
        expectAcknowledge(again, PUBCOMP, 40, 0x00);
    }

    /** All that takes more than a second is looked at after one wait. */
    @Test
    @Normative(mqtt5 = {"4.1.0-1", "4.1.0-2"})
    void endsASessionAfterItsExpiryIntervalAndNotBefore() {
        RawClient open = STAGE.client(resuming("open", 1)).subscribe("open", 1);
        STAGE.client(resuming("short", 1)).subscribe("short", 1).close();
        STAGE.client(resuming("long", 600)).subscribe("long", 1).close();
        STAGE.client(resuming("endless", WITHOUT_END)).subscribe("endless", 1).close();
        byte[] shorter = disconnect5(0, u32(SESSION_EXPIRY, 1));
        STAGE.client(resuming("shortened", 600)).send(shorter).expectClosed();
        byte[] longer = disconnect5(0, u32(SESSION_EXPIRY, 600));
        STAGE.client(resuming("lengthened", 1)).send(longer).expectClosed();
        awaitMoreThanASecond();
        publish(STAGE.client(), QOS_1, "open", "still here");
        open.expectPublish("still here");
        STAGE.resumed(resuming("long", 600));
        STAGE.resumed(resuming("endless", WITHOUT_END));
        STAGE.resumed(resuming("lengthened", 600));
        STAGE.client(resuming("short", 600)).expectNothing();
        STAGE.client(resuming("shortened", 600)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.1.0-2")
    void endsASessionWithoutExpiryIntervalWithItsConnection() {
        String name = STAGE.name();
        STAGE.drop(STAGE.client(connect(5, name).resume()).subscribe(name, 1), name);
        publish(STAGE.client(), QOS_1, name, "lost");
        RawClient again = STAGE.client(connect(5, name).resume().expiry(0));
        again.expectNothing();
        again.send(Packets.DISCONNECT).expectClosed();
        STAGE.client(connect(5, name).resume()).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.1.0-2")
    void endsASessionAtADisconnectThatAsksForIt() {
        String name = STAGE.name();
        byte[] now = disconnect5(0, u32(SESSION_EXPIRY, 0));
        STAGE.client(lasting(name)).send(now).expectClosed();
        STAGE.client(lasting(name));
    }

    @Test
    @Normative(mqtt5 = "4.1.0-2")
    void keepsTheExpiryOfTheConnectWhereTheDisconnectHasNone() {
        String name = STAGE.name();
        STAGE.client(lasting(name)).send(disconnect5(0, NO_PROPERTIES)).expectClosed();
        STAGE.resumed(lasting(name));
    }

    @Test
    @Normative(mqtt5 = "4.1.0-2")
    void takesTheExpiryOfTheLatestConnection() {
        String name = STAGE.name();
        STAGE.client(lasting(name)).send(Packets.DISCONNECT).expectClosed();
        STAGE.resumed(connect(5, name).resume()).send(Packets.DISCONNECT).expectClosed();
        STAGE.client(lasting(name));
    }

    @Test
    @Normative(mqtt5 = "4.1.0-1")
    void letsASessionBeginCleanAndBeResumedLater() {
        String name = STAGE.name();
        RawClient first = STAGE.client(connect(5, name).expiry(600)).subscribe(name, 1);
        STAGE.drop(first, name);
        publish(STAGE.client(), QOS_1, name, "x");
        RawClient second = STAGE.resumed(lasting(name));
        second.expectPublish("x");
        second.close();
        STAGE.client(connect(5, name).expiry(600)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.1.0-2")
    void keepsRetainedMessagesWhenASessionEnds() {
        String name = STAGE.name();
        RawClient client = STAGE.client(connect(5, name));
        publish(client, QOS_1 | RETAIN, name, "kept");
        client.send(Packets.DISCONNECT).expectClosed();
        STAGE.client(connect(5, name)).subscribe(name, 0).expectPublish("kept");
    }

    @Test
    @Normative(mqtt5 = "4.1.0-1")
    void keepsASessionApartFromOthers() {
        String name = STAGE.name();
        STAGE.client(lasting(name)).subscribe(name, 1).close();
        STAGE.client(lasting(name + "x")).expectNothing();
        STAGE.client(lasting("N" + name.substring(1))).expectNothing();
        STAGE.resumed(lasting(name)).expectNothing();
    }
}
