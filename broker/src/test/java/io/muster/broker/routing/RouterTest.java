package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RouterTest {

    private final TopicTree tree = new TopicTree();
    private final RetainedMessages retained = new RetainedMessages(100, 1 << 20);
    private final Router router = new Router(tree, retained);
    private final RouteCache routes = new RouteCache(32);
    private final Recorder ada = new Recorder("ada");
    private final Recorder bob = new Recorder("bob");

    @Test
    void handsAMessageToEachSubscriberWithItsSubscription() {
        tree.subscribe(ada.to("a/+", Qos.AT_LEAST_ONCE));
        tree.subscribe(bob.to("a/b"));
        Message message = message("a/b", "carol", false);

        assertThat(router.publish(message, routes.route("a/b"))).isEqualTo(2);
        assertThat(ada.messages).containsExactly(message);
        assertThat(ada.subscriptions).containsExactly(ada.to("a/+", Qos.AT_LEAST_ONCE));
        assertThat(bob.messages).containsExactly(message);
    }

    @Test
    void publishesWithoutARouteAsWell() {
        tree.subscribe(ada.to("a/b"));

        assertThat(router.publish(message("a/b", "", false))).isEqualTo(1);
        assertThat(router.publish(message("a/c", "", false))).isZero();
        assertThat(ada.messages).hasSize(1);
    }

    @Test
    void leavesOutThePublisherWhereItAskedForNoLocal() {
        // [MQTT-3.8.3-3]
        tree.subscribe(
                new Subscription(
                        ada.to("a").filter(),
                        ada,
                        Qos.AT_MOST_ONCE,
                        true,
                        false,
                        SubscriptionIdentifiers.NONE));
        tree.subscribe(bob.to("a"));

        // The one left out matches too: whoever is told "nobody subscribes" would be misled.
        assertThat(router.publish(message("a", "ada", false))).isEqualTo(2);
        assertThat(router.publish(message("a", "bob", false))).isEqualTo(2);
        assertThat(ada.messages).extracting(Message::publisher).containsExactly("bob");
        assertThat(bob.messages).extracting(Message::publisher).containsExactly("ada", "bob");
    }

    @Test
    void deliversAClientsOwnMessageByThoseOfItsSubscriptionsOnlyThatWantIt() {
        // [MQTT-3.8.3-3]
        tree.subscribe(options(ada, "a", new SubscriptionOptions(Qos.EXACTLY_ONCE, true, true, 1)));
        tree.subscribe(
                options(ada, "+", new SubscriptionOptions(Qos.AT_MOST_ONCE, false, false, 2)));
        tree.subscribe(
                options(ada, "#", new SubscriptionOptions(Qos.AT_LEAST_ONCE, false, false, 3)));

        assertThat(router.publish(message("a", "ada", false))).isEqualTo(1);
        assertThat(router.publish(message("a", "bob", false))).isEqualTo(1);

        Subscription own = ada.subscriptions.get(0);
        assertThat(own.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        assertThat(own.retainAsPublished()).isFalse();
        assertThat(identifiers(own)).containsExactlyInAnyOrder(2, 3);
        Subscription others = ada.subscriptions.get(1);
        assertThat(others.qos()).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(others.retainAsPublished()).isTrue();
        assertThat(identifiers(others)).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void asksForRoomByTheSubscriptionsThatDeliverTheMessage() {
        Router refusing = new Router(tree, retained, true);
        ada.hasRoom = false;
        tree.subscribe(
                options(ada, "a", new SubscriptionOptions(Qos.AT_LEAST_ONCE, true, false, 0)));
        tree.subscribe(
                options(ada, "#", new SubscriptionOptions(Qos.AT_MOST_ONCE, false, false, 0)));

        assertThat(refusing.hasRoom(message("a", "ada", false), routes.route("a"))).isTrue();
        assertThat(refusing.hasRoom(message("a", "bob", false), routes.route("a"))).isFalse();
    }

    private static Subscription options(
            Recorder subscriber, String filter, SubscriptionOptions options) {
        return Subscription.of(subscriber.to(filter).filter(), subscriber, options);
    }

    private static List<Integer> identifiers(Subscription subscription) {
        return IntStream.range(0, subscription.identifiers().size())
                .mapToObj(subscription.identifiers()::get)
                .toList();
    }

    @Test
    void keepsOnlyWhatIsToBeRetained() {
        Message first = message("a", "ada", true);
        router.publish(first, routes.route("a"));
        router.publish(message("a", "ada", false), routes.route("a"));
        router.publish(message("b", "ada", false));

        List<Message> kept = new ArrayList<>();
        retained.forEachMatch(TopicFilter.parse("#"), 0, kept::add);
        assertThat(kept).containsExactly(first);
    }

    @Test
    void tellsThatASubscriberHasNoRoomOnlyIfPublishersAreToBeTold() {
        tree.subscribe(ada.to("a", Qos.AT_LEAST_ONCE));
        tree.subscribe(bob.to("#", Qos.AT_LEAST_ONCE));
        Router refusing = new Router(tree, retained, true);
        Message message = message("a", "carol", false);

        assertThat(refusing.hasRoom(message, routes.route("a"))).isTrue();
        bob.hasRoom = false;
        assertThat(refusing.hasRoom(message, routes.route("a"))).isFalse();
        assertThat(router.hasRoom(message, routes.route("a"))).isTrue();
    }

    @Test
    void needsNoRoomForWhatIsNotKeptOrNotDelivered() {
        Router refusing = new Router(tree, retained, true);
        ada.hasRoom = false;
        bob.hasRoom = false;
        tree.subscribe(ada.to("a", Qos.AT_MOST_ONCE));
        tree.subscribe(
                new Subscription(
                        bob.to("a").filter(),
                        bob,
                        Qos.AT_LEAST_ONCE,
                        true,
                        false,
                        SubscriptionIdentifiers.NONE));

        assertThat(refusing.hasRoom(message("a", "bob", false), routes.route("a"))).isTrue();
        assertThat(refusing.hasRoom(message("a", "carol", false), routes.route("a"))).isFalse();
        Message qosZero = Message.of("a", Payload.EMPTY, Qos.AT_MOST_ONCE, false);
        assertThat(refusing.hasRoom(qosZero, routes.route("a"))).isTrue();
    }

    @Test
    void needsRoomAtOneMemberOfASharedSubscription() {
        Router refusing = new Router(tree, retained, true);
        tree.subscribe(ada.to("$share/g/a", Qos.AT_LEAST_ONCE));
        tree.subscribe(bob.to("$share/g/a", Qos.AT_LEAST_ONCE));
        Message message = message("a", "carol", false);

        ada.hasRoom = false;
        assertThat(refusing.hasRoom(message, routes.route("a"))).isTrue();
        bob.hasRoom = false;
        assertThat(refusing.hasRoom(message, routes.route("a"))).isFalse();
    }

    @Test
    void deliversAnEmptyRetainedMessageAndRemovesTheKeptOne() {
        tree.subscribe(ada.to("a"));
        router.publish(message("a", "bob", true));

        // [MQTT-3.3.1-6]: "it is processed normally by the Server but any retained message with the
        // same topic name MUST be removed".
        router.publish(Message.of("a", Payload.EMPTY, Qos.AT_MOST_ONCE, true));

        assertThat(ada.messages).hasSize(2);
        assertThat(retained.size()).isZero();
    }

    @Test
    @Timeout(60)
    void missesNobodyWhoSubscribesWhileARetainedMessageIsPublished() throws Exception {
        int rounds = 5_000;
        CyclicBarrier start = new CyclicBarrier(2);
        ExecutorService publisher = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < rounds; i++) {
                String topic = "a/" + i;
                Route route = routes.route(topic);
                route.matches(tree);
                Future<Integer> delivered =
                        publisher.submit(
                                () -> {
                                    start.await();
                                    return router.publish(message(topic, "bob", true), route);
                                });
                AtomicInteger found = new AtomicInteger();
                start.await();
                Subscription subscription = ada.to(topic);
                tree.subscribe(subscription);
                retained.forEachMatch(subscription.filter(), 0, message -> found.incrementAndGet());

                assertThat(delivered.get() + found.get()).as("times received").isPositive();
                tree.unsubscribe(subscription.filter(), ada);
                retained.store(Message.of(topic, Payload.EMPTY, Qos.AT_MOST_ONCE, true));
            }
        } finally {
            publisher.shutdownNow();
        }
    }

    private static Message message(String topic, String publisher, boolean retain) {
        return new Message(
                topic,
                Payload.of(new byte[] {1}),
                Qos.AT_LEAST_ONCE,
                retain,
                publisher,
                Message.NEVER,
                PublishProperties.NONE);
    }
}
