package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.routing.RetainedMessages.Matches;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

        assertThat(router.publish(message, routes.route("a/b"), false)).isEqualTo(2);
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
        router.publish(first, routes.route("a"), false);
        router.publish(message("a", "ada", false), routes.route("a"), false);
        router.publish(message("b", "ada", false));

        assertThat(RetainedReader.read(retained, TopicFilter.parse("#"), 0)).containsExactly(first);
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
    void publishersWaitForAConnectedSubscriberWithoutRoomUnlessTheyAreToBeTold() {
        tree.subscribe(ada.to("a", Qos.AT_LEAST_ONCE));
        tree.subscribe(bob.to("#", Qos.AT_LEAST_ONCE));
        Message message = message("a", "carol", false);

        assertThat(router.behind(message, routes.route("a"))).isNull();
        bob.hasRoom = false;
        assertThat(router.behind(message, routes.route("a"))).isSameAs(bob);
        assertThat(new Router(tree, retained, true).behind(message, routes.route("a"))).isNull();
        bob.connected = false;
        assertThat(router.behind(message, routes.route("a"))).isNull();
    }

    @Test
    void publishersDoNotWaitForWhomTheySendNothingThatHasToArrive() {
        tree.subscribe(ada.to("a", Qos.AT_MOST_ONCE));
        tree.subscribe(
                new Subscription(
                        TopicFilter.parse("a"),
                        bob,
                        Qos.AT_LEAST_ONCE,
                        true,
                        false,
                        SubscriptionIdentifiers.NONE));
        ada.hasRoom = false;
        bob.hasRoom = false;
        assertThat(router.behind(message("a", "bob", false), routes.route("a"))).isNull();
        assertThat(router.behind(message("a", "ada", false), routes.route("a"))).isSameAs(bob);
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
                                    return router.publish(
                                            message(topic, "bob", true), route, false);
                                });
                start.await();
                Subscription subscription = ada.to(topic);
                long mark = retained.enter(() -> tree.subscribe(subscription)).mark();
                Matches matches = retained.matches(subscription.filter(), mark, 0);
                int found = RetainedReader.read(matches, 0).size();

                assertThat(delivered.get() + found).as("times received").isPositive();
                tree.unsubscribe(subscription.filter(), ada);
                retained.store(Message.of(topic, Payload.EMPTY, Qos.AT_MOST_ONCE, true));
            }
        } finally {
            publisher.shutdownNow();
        }
    }

    /** Retained messages first, then what is routed: together without a step back or a gap. */
    @Test
    @Timeout(60)
    void whoSubscribesWhileRetainedMessagesArePublishedGetsThemInOrder() throws Exception {
        int last = 20;
        CyclicBarrier start = new CyclicBarrier(2);
        ExecutorService publisher = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 3_000; round++) {
                String topic = "a/" + round;
                Future<Integer> published =
                        publisher.submit(
                                () -> {
                                    start.await();
                                    for (int number = 1; number <= last; number++) {
                                        router.publish(numbered(topic, number));
                                    }
                                    return last;
                                });
                Recorder subscriber = new Recorder("late");
                Subscription subscription = subscriber.to(topic);
                start.await();
                for (int i = 0; i < round % 50; i++) {
                    Thread.onSpinWait();
                }
                long mark = retained.enter(() -> tree.subscribe(subscription)).mark();
                Matches matches = retained.matches(subscription.filter(), mark, 0);
                List<Integer> numbers = numbers(RetainedReader.read(matches, 0));
                published.get();
                numbers.addAll(numbers(subscriber.messages));

                assertThat(numbers).isSorted().endsWith(last);
                Set<Integer> distinct = new HashSet<>(numbers);
                assertThat(distinct).hasSize(last - numbers.get(0) + 1);
                tree.unsubscribe(subscription.filter(), subscriber);
                retained.store(Message.of(topic, Payload.EMPTY, Qos.AT_MOST_ONCE, true));
            }
        } finally {
            publisher.shutdownNow();
        }
    }

    private static Message numbered(String topic, int number) {
        Payload payload = Payload.of(new byte[] {(byte) number});
        return Message.of(topic, payload, Qos.AT_LEAST_ONCE, true);
    }

    private static List<Integer> numbers(List<Message> messages) {
        List<Integer> numbers = new ArrayList<>();
        messages.forEach(message -> numbers.add((int) message.payload().bytes()[0]));
        return numbers;
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
