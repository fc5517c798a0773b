package io.muster.broker.session;

import static io.muster.broker.routing.RetainedReader.matchesOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.routing.RetainedMessages.Matches;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.session.HandBroker.HandClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The way of subscription identifiers from SUBSCRIBE to PUBLISH [MQTT5 3.8.2.1.2]. */
class SubscriptionIdentifierTest {

    private final HandBroker broker = new HandBroker();
    private final HandClient ada = broker.client("ada").connect(10);

    private static SubscriptionOptions options(Qos qos, int identifier) {
        return new SubscriptionOptions(qos, false, false, identifier);
    }

    @Test
    void isCarriedByDeliveriesOfEachQualityOfService() {
        // [MQTT-3.3.4-3]
        ada.subscribe("t", options(Qos.EXACTLY_ONCE, 7));

        broker.publish(0, "t", Qos.AT_MOST_ONCE);
        broker.publish(0, "t", Qos.AT_LEAST_ONCE);
        broker.publish(0, "t", Qos.EXACTLY_ONCE);

        assertThat(ada.sent()).containsExactly("qos0 t [7]", "qos1 #1 t [7]", "qos2 #2 t [7]");
    }

    @Test
    void isCarriedTogetherWithThoseOfOverlappingSubscriptionsInOneDelivery() {
        // [MQTT-3.3.4-4], [MQTT-3.3.4-5]
        ada.subscribe("t/+", options(Qos.AT_MOST_ONCE, 7));
        ada.subscribe("t/#", options(Qos.AT_LEAST_ONCE, 8));

        broker.publish(0, "t/1", Qos.EXACTLY_ONCE);

        List<String> sent = ada.sent();
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0)).isIn("qos1 #1 t/1 [7, 8]", "qos1 #1 t/1 [8, 7]");
    }

    @Test
    void isKeptWhileTheMessageWaitsAndWhenItIsSentAgain() {
        ada.subscribe("t", options(Qos.AT_LEAST_ONCE, 7));
        broker.publish(0, "t", Qos.AT_LEAST_ONCE);
        ada.end(ConnectionEnd.CONNECTION_LOST);
        broker.publish(0, "t", Qos.AT_LEAST_ONCE);

        assertThat(ada.connect(10).sent()).containsExactly("qos1 #1 t dup [7]", "qos1 #2 t [7]");
    }

    @Test
    void isCarriedByRetainedMessagesForANewSubscription() {
        Matches retained =
                matchesOf(
                        Message.of("r0", Payload.EMPTY, Qos.AT_MOST_ONCE, true),
                        Message.of("r1", Payload.EMPTY, Qos.AT_LEAST_ONCE, true));

        ada.inLoop(() -> ada.session().replay(retained, options(Qos.EXACTLY_ONCE, 9)));

        assertThat(ada.sent()).containsExactly("qos0 r0 retain [9]", "qos1 #1 r1 retain [9]");
    }

    @Test
    void isReplacedByTheNextSubscribeToTheSameFilter() {
        ada.subscribe("t", options(Qos.AT_MOST_ONCE, 7)).subscribe("t", Qos.AT_MOST_ONCE);

        broker.publish(0, "t", Qos.AT_MOST_ONCE);

        assertThat(ada.sent()).containsExactly("qos0 t");
    }
}
