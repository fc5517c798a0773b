package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.BrokerMetrics;
import io.muster.broker.routing.ShareStrategy;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.session.HandBroker.HandClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that share a subscription [MQTT5 4.8.2]. Names of odd and even length live apart. */
class SharedSubscriptionTest {

    private static final Qos QOS_0 = Qos.AT_MOST_ONCE;
    private static final Qos QOS_1 = Qos.AT_LEAST_ONCE;
    private static final Qos QOS_2 = Qos.EXACTLY_ONCE;
    private static final String SHARE = "$share/g/t/+";

    private final HandBroker broker = new HandBroker();
    private final HandClient ada = broker.client("ada");
    private final HandClient bob = broker.client("bob");
    private final HandClient carl = broker.client("carl");

    private void publish(Qos qos, String... topics) {
        for (String topic : topics) {
            broker.publish(0, "t/" + topic, qos);
        }
    }

    // ----------------------------------------------------------------- who gets what

    @Test
    void sendsEachMessageToOneMemberInTurn() {
        List.of(ada, bob, carl).forEach(each -> each.connect(10).subscribe(SHARE, QOS_0));

        publish(QOS_0, "1", "2", "3", "4");

        assertThat(ada.sent()).containsExactly("qos0 t/1", "qos0 t/4");
        assertThat(bob.sent()).containsExactly("qos0 t/2");
        assertThat(carl.sent()).containsExactly("qos0 t/3");
    }

    @Test
    void deliversWithTheOptionsOfTheMemberThatIsChosen() {
        // [MQTT-4.8.2-3]
        ada.connect(10).subscribe(SHARE, new SubscriptionOptions(QOS_1, false, false, 7));
        bob.connect(10).subscribe(SHARE, new SubscriptionOptions(QOS_2, false, false, 8));

        publish(QOS_2, "1", "2");
        publish(QOS_0, "3");

        assertThat(ada.sent()).containsExactly("qos1 #1 t/1 [7]", "qos0 t/3 [7]");
        assertThat(bob.sent()).containsExactly("qos2 #1 t/2 [8]");
    }

    @Test
    void sendsAClientBothCopiesIfItSubscribesWithAndWithoutSharing() {
        ada.connect(10).subscribe(SHARE, QOS_0).subscribe("t/#", QOS_0);

        publish(QOS_0, "1");

        assertThat(ada.sent()).containsExactly("qos0 t/1", "qos0 t/1");
    }

    @Test
    void treatsOtherShareNamesAndFiltersAsSharesOfTheirOwn() {
        ada.connect(10).subscribe("$share/g/t/+", QOS_0);
        bob.connect(10).subscribe("$share/h/t/+", QOS_0);
        carl.connect(10).subscribe("$share/g/t/#", QOS_0);

        publish(QOS_0, "1");

        assertThat(List.of(ada.sent(), bob.sent(), carl.sent()))
                .allSatisfy(sent -> assertThat(sent).containsExactly("qos0 t/1"));
    }

    @Test
    void asksOnlyThoseWhoAreConnectedWhileSomebodyIs() {
        ada.connect(10).subscribe(SHARE, QOS_1);
        bob.connect(10).subscribe(SHARE, QOS_1);
        bob.end(ConnectionEnd.CONNECTION_LOST);

        publish(QOS_1, "1", "2", "3");

        assertThat(ada.sent()).containsExactly("qos1 #1 t/1", "qos1 #2 t/2", "qos1 #3 t/3");
    }

    @Test
    void keepsMessagesForAMemberThatIsAwayIfNobodyIsConnected() {
        ada.connect(10).subscribe(SHARE, QOS_1);
        ada.end(ConnectionEnd.CONNECTION_LOST);

        publish(QOS_1, "1");
        publish(QOS_0, "2");

        assertThat(ada.connect(10).sent()).containsExactly("qos1 #1 t/1");
    }

    @Test
    void whatComesTooLateForASessionThatHasEndedIsKeptByAMemberThatIsAway() {
        ada.connect(0).subscribe(SHARE, QOS_1);
        bob.connect(10).subscribe(SHARE, QOS_1);
        bob.end(ConnectionEnd.CONNECTION_LOST);
        Session session = ada.session();
        broker.publishOnly(0, "t/1", QOS_1);
        assertThat(broker.loops.waiting(1)).as("on its way to ada").isEqualTo(1);

        broker.loops.in(1, () -> session.end(ConnectionEnd.CONNECTION_LOST));
        broker.loops.runAll();

        assertThat(bob.connect(10).sent()).containsExactly("qos1 #1 t/1");
    }

    @Test
    void passesOverAMemberThatIsFullWhileAnotherHasRoom() {
        ada.connect(10).subscribe(SHARE, QOS_1);
        carl.connect(10).subscribe(SHARE, QOS_1);
        ada.setWritable(false);
        for (int i = 0; i < 2 * HandBroker.QUEUE_MESSAGES_MAX; i++) {
            publish(QOS_1, Integer.toString(i));
        }
        int full = HandBroker.QUEUE_MESSAGES_MAX / 2; // from then on publishers would wait
        assertThat(carl.sent()).hasSize(2 * HandBroker.QUEUE_MESSAGES_MAX - full);

        publish(QOS_1, "a", "b", "c");

        assertThat(carl.sent()).hasSize(3);
        ada.setWritable(true);
        assertThat(ada.sent()).hasSize(full);
    }

    @ParameterizedTest
    @EnumSource(ShareStrategy.class)
    void countsWhatIsStillOnItsWayToAnotherLoop(ShareStrategy strategy) {
        HandBroker own = new HandBroker(strategy);
        HandClient near = own.client("near").connect(10).subscribe(SHARE, QOS_1);
        HandClient far = own.client("far").connect(10).subscribe(SHARE, QOS_1);
        List.of(near, far).forEach(each -> each.setWritable(false));

        own.loops.in(
                0,
                () -> {
                    for (int i = 0; i < 2 * HandBroker.QUEUE_MESSAGES_MAX; i++) {
                        own.publishOnly(0, "t/" + i, QOS_1);
                    }
                });
        own.loops.runAll();

        List.of(near, far).forEach(each -> each.setWritable(true));
        assertThat(near.sent()).hasSize(HandBroker.QUEUE_MESSAGES_MAX);
        assertThat(far.sent()).hasSize(HandBroker.QUEUE_MESSAGES_MAX);
    }

    @Test
    void choosesTheLeastLoadedMemberIfTold() {
        HandBroker own = new HandBroker(ShareStrategy.LEAST_LOADED);
        HandClient idle = own.client("idle").connect(10).subscribe(SHARE, QOS_1);
        HandClient busy = own.client("busy").connect(10).subscribe("b/#", QOS_1);
        busy.subscribe(SHARE, QOS_1);
        own.publish(0, "b/1", QOS_1);
        own.publish(0, "b/2", QOS_1);

        own.publish(0, "t/1", QOS_1);
        own.publish(0, "t/2", QOS_1);
        assertThat(idle.sent()).hasSize(2);

        busy.acknowledge(1);
        busy.acknowledge(2);
        busy.sent();
        own.publish(0, "t/3", QOS_1);
        assertThat(busy.sent()).containsExactly("qos1 #3 t/3");
    }

    // ------------------------------------------------------------------- redelivery

    @Test
    void givesWhatAMemberLeavesUnacknowledgedToAnotherInOrder() {
        ada.connect(0, false, 10, 2, null).subscribe(SHARE, QOS_1);
        publish(QOS_1, "1", "2", "3");
        assertThat(ada.sent()).containsExactly("qos1 #1 t/1", "qos1 #2 t/2");
        bob.connect(10).subscribe(SHARE, QOS_1);

        ada.end(ConnectionEnd.CONNECTION_LOST);

        assertThat(bob.sent()).containsExactly("qos1 #1 t/1", "qos1 #2 t/2", "qos1 #3 t/3");
        assertThat(ada.connect(10).sent()).isEmpty();
        assertThat(broker.loops.loop(0).counters().queued().get()).isZero();
    }

    @Test
    void givesThemToAMemberOnAnotherLoopAsWell() {
        ada.connect(0, false, 10, 1, null).subscribe(SHARE, QOS_1);
        publish(QOS_1, "1", "2");
        carl.connect(1, false, 10, 100, null).subscribe(SHARE, QOS_1);
        ada.sent();

        ada.end(ConnectionEnd.CLIENT_DISCONNECTED);

        assertThat(carl.sent()).containsExactly("qos1 #1 t/1", "qos1 #2 t/2");
    }

    @Test
    void keepsThemIfTheOthersAreAwayOrFull() {
        ada.connect(10).subscribe(SHARE, QOS_1);
        publish(QOS_1, "1");
        bob.connect(10).subscribe(SHARE, QOS_1).subscribe("b", QOS_1);
        bob.setWritable(false);
        for (int i = 0; i < HandBroker.QUEUE_MESSAGES_MAX; i++) {
            broker.publish(0, "b", QOS_1);
        }
        carl.connect(10).subscribe(SHARE, QOS_1);
        carl.end(ConnectionEnd.CONNECTION_LOST);
        ada.sent();

        ada.end(ConnectionEnd.CONNECTION_LOST);

        assertThat(ada.connect(10).sent()).containsExactly("qos1 #1 t/1 dup");
    }

    @Test
    void keepsWhatOtherSubscriptionsBrought() {
        ada.connect(10).subscribe("t/+", QOS_1).subscribe("$share/g/u", QOS_1);
        publish(QOS_1, "1");
        bob.connect(10).subscribe("$share/g/u", QOS_1);
        ada.sent();

        ada.end(ConnectionEnd.CONNECTION_LOST);

        assertThat(bob.sent()).isEmpty();
        assertThat(ada.connect(10).sent()).containsExactly("qos1 #1 t/1 dup");
    }

    @Test
    void completesQosTwoWithTheClientThatItWasSentTo() {
        // [MQTT-4.8.2-4]
        ada.connect(0, false, 10, 1, null).subscribe(SHARE, QOS_2);
        publish(QOS_2, "sent", "waits");
        bob.connect(10).subscribe(SHARE, QOS_2);
        ada.sent();

        ada.end(ConnectionEnd.CONNECTION_LOST);

        assertThat(bob.sent()).containsExactly("qos2 #1 t/waits");
        assertThat(ada.connect(10).sent()).containsExactly("qos2 #1 t/sent dup");
    }

    @Test
    void sendsQosTwoToNobodyElseWhenTheSessionEnds() {
        // [MQTT-4.8.2-5]
        ada.connect(0, false, 10, 1, null).subscribe(SHARE, QOS_2);
        publish(QOS_2, "sent", "waits");
        bob.connect(10).subscribe(SHARE, QOS_2);

        ada.endSession();

        assertThat(bob.sent()).containsExactly("qos2 #1 t/waits");
        assertThat(ada.hasSession()).isFalse();
    }

    @Test
    void givesWhatASessionLeavesWhenItExpiresToWhoeverIsAMember() {
        ada.connect(5).subscribe(SHARE, QOS_1);
        publish(QOS_1, "1");
        bob.connect(100).subscribe(SHARE, QOS_1);
        bob.end(ConnectionEnd.CONNECTION_LOST);
        ada.end(ConnectionEnd.CONNECTION_LOST);
        publish(QOS_1, "2");

        broker.loops.advance(5_000);

        assertThat(ada.hasSession()).isFalse();
        assertThat(bob.connect(100).sent()).containsExactly("qos1 #1 t/2", "qos1 #2 t/1");
    }

    @Test
    void givesWhatWaitsToTheOthersWhenAMemberUnsubscribes() {
        ada.connect(0, false, 10, 1, null).subscribe(SHARE, QOS_1);
        publish(QOS_1, "sent", "waits");
        bob.connect(10).subscribe(SHARE, QOS_1);
        ada.sent();

        ada.unsubscribe(SHARE);

        assertThat(bob.sent()).containsExactly("qos1 #1 t/waits");
        // What has been sent is completed [MQTT-3.10.4-3].
        ada.acknowledge(1);
        assertThat(ada.sent()).isEmpty();
        assertThat(ada.session().load()).isZero();
    }

    @Test
    void dropsWhatWaitsWhenTheLastMemberUnsubscribes() {
        ada.connect(0, false, 10, 1, null).subscribe(SHARE, QOS_1).subscribe("t/x", QOS_1);
        publish(QOS_1, "1", "2", "x");
        ada.sent();

        ada.unsubscribe(SHARE);
        ada.acknowledge(1);

        assertThat(ada.sent()).containsExactly("qos1 #2 t/x");
        assertThat(broker.tree.size()).isEqualTo(1);
        assertThat(droppedWithoutMember()).isEqualTo(2);
    }

    @Test
    void countsNoMessageAsDroppedThatAnotherMemberGets() {
        ada.connect(0, false, 10, 1, null).subscribe(SHARE, QOS_1);
        publish(QOS_1, "sent", "waits");
        bob.connect(10).subscribe(SHARE, QOS_1);

        ada.unsubscribe(SHARE);

        assertThat(bob.sent()).containsExactly("qos1 #1 t/waits");
        assertThat(droppedWithoutMember()).isZero();
    }

    private long droppedWithoutMember() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new BrokerMetrics(
                meters, List.of(broker.loops.loop(0).counters(), broker.loops.loop(1).counters()));
        return (long)
                meters.get("muster.messages.dropped")
                        .tag("reason", "no_member")
                        .functionCounter()
                        .count();
    }

    @Test
    void discardsWhatAClientRefuses() {
        // [MQTT-4.8.2-6]
        ada.connect(10).subscribe(SHARE, QOS_1);
        publish(QOS_1, "1");
        bob.connect(10).subscribe(SHARE, QOS_1);

        ada.acknowledge(1); // the flow makes no difference between PUBACK and a refusal
        ada.end(ConnectionEnd.CONNECTION_LOST);

        assertThat(bob.sent()).isEmpty();
    }

    @Test
    void leavesAShareAtTheFirstUnsubscribeHoweverOftenItSubscribed() {
        ada.connect(10).subscribe(SHARE, QOS_0).subscribe(SHARE, QOS_1);
        bob.connect(10).subscribe(SHARE, QOS_0);

        ada.unsubscribe(SHARE);
        publish(QOS_0, "1", "2");

        assertThat(ada.sent()).isEmpty();
        assertThat(bob.sent()).hasSize(2);
    }

    @Test
    void sendsAMessageElsewhereThatReachesASessionWhoseClientHasLeft() {
        carl.connect(1, false, 10, 100, null).subscribe(SHARE, QOS_1);
        bob.connect(0, false, 10, 100, null).subscribe(SHARE, QOS_1);
        broker.publishOnly(0, "t/1", QOS_1); // it waits in the mailbox of carl's loop

        carl.end(ConnectionEnd.CONNECTION_LOST);

        assertThat(bob.sent()).containsExactly("qos1 #1 t/1");
        assertThat(carl.connect(10).sent()).isEmpty();
    }

    @Test
    void isRestoredWithItsSession() {
        ada.connect(10).subscribe(SHARE, QOS_1);
        ada.end(ConnectionEnd.CONNECTION_LOST);

        assertThat(ada.connect(10).wasSessionPresent()).isTrue();
        publish(QOS_1, "1");

        assertThat(ada.sent()).containsExactly("qos1 #1 t/1");
    }

    @Test
    void staysWithItsSessionsWhenTheBrokerStops() {
        ada.connect(10).subscribe(SHARE, QOS_1);
        publish(QOS_1, "1");
        bob.connect(10).subscribe(SHARE, QOS_1);

        ada.end(ConnectionEnd.SERVER_SHUTTING_DOWN);

        assertThat(bob.sent()).isEmpty();
    }
}
