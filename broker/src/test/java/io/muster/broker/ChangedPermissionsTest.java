package io.muster.broker;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients whose permissions change while they are connected, or while they are away. */
class ChangedPermissionsTest {

    /** What everybody may use. */
    private final Set<String> allowed = ConcurrentHashMap.newKeySet();

    /** Of what is not allowed, what may be when the client is there. */
    private final Set<String> undecided = ConcurrentHashMap.newKeySet();

    /** How often each filter was asked for. */
    private final Map<String, Integer> asked = new ConcurrentHashMap<>();

    private BrokerFixture broker;

    private final class Changing implements TopicPermissions {

        @Override
        public boolean mayPublish(String topicName) {
            return allowed.contains(topicName);
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            asked.merge(topicFilter, 1, Integer::sum);
            return allowed.contains(topicFilter);
        }

        @Override
        public Optional<Predicate<String>> withheld() {
            return Optional.of(topic -> topic.startsWith("secret/"));
        }

        @Override
        public int subscriptionsBesides() {
            return 1_000;
        }

        @Override
        public boolean isUndecidedWhileAway(String topicFilter) {
            return undecided.contains(topicFilter);
        }
    }

    @BeforeEach
    void start() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.identity("", new Changing())));
        broker = settings.start();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private boolean changed(String client) {
        return broker.broker().clients().permissionsChanged(client).toCompletableFuture().join();
    }

    @Test
    void mayPublishWhatTheyMightNotBefore() {
        allowed.add("own");
        RawClient client = broker.client(4, "c");
        broker.broker().subscribe("a", heard -> allowed.add("heard " + heard.topic()));
        client.send(publish("a", "before"));
        client.expectNothing();
        assertThat(allowed).containsExactly("own");

        allowed.add("a");
        assertThat(changed("c")).isTrue();
        client.send(publish("a", "after"));
        client.expectNothing();

        assertThat(allowed).contains("heard a");
    }

    @Test
    void mayNotPublishWhatTheyMightBefore() {
        allowed.add("a");
        RawClient client = broker.client(4, "c");
        allowed.add("b");
        RawClient subscriber = broker.client(4, "s").subscribe("a", 0);
        client.send(publish("a", "before"));
        subscriber.expectPublish("before");

        allowed.remove("a");
        assertThat(changed("c")).isTrue();
        client.send(publish("a", "after"));
        client.expectNothing();

        subscriber.expectNothing();
    }

    @Test
    void areAskedForNoSubscriptionWhenOnlyWhatTheyPublishHasChanged() {
        allowed.addAll(Set.of("a", "b"));
        RawClient client = broker.client(4, "c").subscribe("b", 0);
        client.send(publish("x", "before"));
        client.expectNothing();
        asked.clear();

        allowed.remove("b");
        allowed.add("x");
        Clients clients = broker.broker().clients();
        assertThat(clients.publishPermissionsChanged("c").toCompletableFuture().join()).isTrue();
        assertThat(clients.publishPermissionsChanged("d").toCompletableFuture().join()).isFalse();
        assertThat(broker.metric("muster.subscriptions")).isEqualTo(1);

        broker.broker().subscribe("x", heard -> allowed.add("heard " + heard.topic()));
        client.send(publish("x", "after"));
        await().until(() -> allowed.contains("heard x"));
        assertThat(asked).isEmpty();
    }

    @Test
    void loseTheSubscriptionsThatTheyMayNoLongerHold() {
        allowed.addAll(Set.of("a", "b", "$share/g/a"));
        RawClient client = broker.client(4, "c").subscribe("a", 0).subscribe("b", 0);
        RawClient publisher = broker.client(4, "p");

        allowed.remove("b");
        assertThat(changed("c")).isTrue();
        allowed.add("b");
        publisher.send(publish("b", "lost"));
        publisher.send(publish("a", "kept"));

        client.expectPublish("kept");
        client.expectNothing();
        assertThat(broker.metric("muster.subscriptions")).isEqualTo(1);
    }

    @Test
    void loseThemAlsoIfTheyWereAwayWhenTheyChanged() {
        allowed.addAll(Set.of("a", "b"));
        RawClient client = broker.raw().speaking(4).connect(connect(4, "c").resume());
        client.subscribe("a", 1).subscribe("b", 1);
        client.close();
        await().until(() -> broker.metric("muster.connections") == 0);
        assertThat(changed("c")).isFalse();

        allowed.remove("b");
        RawClient back = broker.raw().speaking(4).connect(connect(4, "c").resume(), true);
        allowed.add("b");
        RawClient publisher = broker.client(4, "p");
        publisher.send(publish("b", "lost"));
        publisher.send(publish("a", "kept"));

        back.expectPublish("kept");
        back.expectNothing();
    }

    @Test
    void loseThemAtOnceWhileTheyAreAwayAndWhatWaitedForThem() {
        allowed.addAll(Set.of("a", "b"));
        leave(broker.raw().speaking(4).connect(connect(4, "c").resume()));
        RawClient publisher = broker.client(4, "p");
        publisher.send(publish(2, 1, "b", "waited")).expectType(4);
        publisher.send(publish(2, 2, "a", "kept")).expectType(4);

        allowed.remove("b");
        assertThat(changed("c")).isFalse();
        allowed.add("b");
        publisher.send(publish(2, 3, "b", "late")).expectType(4);

        assertThat(broker.metric("muster.subscriptions")).isEqualTo(1);
        RawClient back = broker.raw().speaking(4).connect(connect(4, "c").resume(), true);
        back.expectPublish("kept");
        back.expectNothing();
    }

    @Test
    void areNotSentWhatWaitedWhereTheyMayNoLongerReadThoughNobodyToldOfTheChange() {
        allowed.addAll(Set.of("a", "b"));
        leave(broker.raw().speaking(4).connect(connect(4, "c").resume()));
        RawClient publisher = broker.client(4, "p");
        publisher.send(publish(2, 1, "b", "waited")).expectType(4);
        publisher.send(publish(2, 2, "a", "kept")).expectType(4);

        allowed.remove("b");
        RawClient back = broker.raw().speaking(4).connect(connect(4, "c").resume(), true);

        back.expectPublish("kept");
        back.expectNothing();
        assertThat(broker.metric("muster.messages.dropped", "reason", "not_authorized"))
                .isEqualTo(1);
    }

    @Test
    void keepWhatIsUndecidedWhileTheyAreAwayUntilTheyAreBack() {
        allowed.addAll(Set.of("a", "b"));
        leave(broker.raw().speaking(4).connect(connect(4, "c").resume()));
        RawClient publisher = broker.client(4, "p");
        publisher.send(publish(2, 1, "a", "before")).expectType(4);

        allowed.clear();
        undecided.add("a");
        assertThat(changed("c")).isFalse();
        assertThat(broker.metric("muster.subscriptions")).isEqualTo(1);
        allowed.addAll(Set.of("a", "b"));
        publisher.send(publish(2, 2, "a", "meanwhile")).expectType(4);
        publisher.send(publish(2, 3, "b", "lost")).expectType(4);

        RawClient back = broker.raw().speaking(4).connect(connect(4, "c").resume(), true);
        back.expectPublish("before");
        back.expectPublish("meanwhile");
        back.expectNothing();
    }

    @Test
    void areNotSentWhatWasUndecidedAndIsNotAllowedWhenTheyAreBack() {
        allowed.addAll(Set.of("a", "b"));
        leave(broker.raw().speaking(4).connect(connect(4, "c").resume()));
        allowed.remove("a");
        undecided.add("a");
        assertThat(changed("c")).isFalse();
        RawClient publisher = broker.client(4, "p");
        allowed.add("a");
        publisher.send(publish(2, 1, "a", "waited")).expectType(4);
        allowed.remove("a");

        RawClient back = broker.raw().speaking(4).connect(connect(4, "c").resume(), true);

        back.expectNothing();
        assertThat(broker.metric("muster.subscriptions")).isEqualTo(1);
        undecided.add("b");
        allowed.remove("b");
        assertThat(changed("c")).isTrue();
        assertThat(broker.metric("muster.subscriptions")).isZero();
    }

    @Test
    void keepWhatAWiderSubscriptionBringsThoughTheyMayNotAskForItByName() {
        allowed.addAll(Set.of("#", "a"));
        RawClient client = broker.raw().speaking(4).connect(connect(4, "c").resume());
        client.subscribe("#", 1);
        client.close();
        await().until(() -> broker.metric("muster.connections") == 0);
        allowed.add("named");
        broker.client(4, "p").send(publish(2, 1, "named", "kept")).expectType(4);

        allowed.remove("named");
        RawClient back = broker.raw().speaking(4).connect(connect(4, "c").resume(), true);

        back.expectPublish("kept");
    }

    @Test
    void areNotSentWhatIsWithheldThoughAWiderSubscriptionMatchesIt() {
        allowed.addAll(Set.of("#", "secret/a", "open"));
        RawClient publisher = broker.client(4, "p");
        publisher.send(publish(3, 1, "secret/a", "retained")).expectType(4);
        RawClient client = broker.raw().speaking(4).connect(connect(4, "c").resume());
        client.subscribe("#", 1);
        publisher.send(publish(2, 2, "secret/a", "live")).expectType(4);
        publisher.send(publish(2, 3, "open", "kept")).expectType(4);
        client.expectPublish("kept");
        client.close();
        await().until(() -> broker.metric("muster.connections") == 1);
        publisher.send(publish(2, 4, "secret/a", "waits")).expectType(4);
        publisher.send(publish(2, 5, "open", "late")).expectType(4);

        RawClient back = broker.raw().speaking(4).connect(connect(4, "c").resume(), true);

        back.expectPublish("kept"); // it was not acknowledged
        back.expectPublish("late");
        back.expectNothing();
    }

    @Test
    void areAskedOnceForEachOfTheirSubscriptions() {
        allowed.addAll(Set.of("a", "b"));
        RawClient here = broker.client(4, "here").subscribe("a", 0);
        leave(broker.raw().speaking(4).connect(connect(4, "away").resume()), 1);
        asked.clear();

        Clients clients = broker.broker().clients();
        assertThat(clients.permissionsChanged("test:anybody"::equals).toCompletableFuture().join())
                .isEqualTo(1);

        assertThat(asked).isEqualTo(Map.of("a", 2, "b", 1));
        here.expectNothing();
    }

    @Test
    void areAskedOnceForEachTopicHoweverMuchWaitsOnIt() {
        allowed.addAll(Set.of("+/t", "x/t", "y"));
        leave(broker.raw().speaking(4).connect(connect(4, "c").resume()), List.of("+/t", "y"));
        allowed.remove("x/t");
        Message message = Message.of("x/t", Payload.of(new byte[1]), Qos.AT_LEAST_ONCE, false);
        for (int i = 0; i < 50; i++) {
            broker.broker().publish(message);
        }
        await().until(() -> broker.metric("muster.queued.messages") == 50);
        asked.clear();

        assertThat(changed("c")).isFalse();

        assertThat(asked).isEqualTo(Map.of("+/t", 1, "y", 1, "x/t", 1));
        assertThat(broker.metric("muster.queued.messages")).isEqualTo(50);
    }

    /** More than are judged in one turn of the loop. */
    @Test
    void loseAllThatTheyMayNoLongerHoldHoweverManyTheyAre() {
        List<String> filters = IntStream.range(0, 600).mapToObj(i -> "t/" + i).toList();
        allowed.addAll(filters);
        RawClient client = broker.client(4, "c");
        filters.forEach(filter -> client.subscribe(filter, 0));
        allowed.removeAll(filters.subList(1, 600));

        assertThat(changed("c")).isTrue();

        assertThat(broker.metric("muster.subscriptions")).isEqualTo(1);
    }

    @Test
    void changeTogetherHoweverManyTheyAre() {
        allowed.addAll(Set.of("a", "b"));
        RawClient last = broker.client(4, "last").subscribe("a", 0);
        for (int i = 0; i < 300; i++) {
            RawClient client = broker.raw().speaking(4).connect(connect(4, "c" + i).resume());
            client.subscribe("a", 1).subscribe("b", 1);
            client.close();
        }
        await().until(() -> broker.metric("muster.connections") == 1);

        allowed.remove("b");
        Clients clients = broker.broker().clients();
        assertThat(clients.permissionsChanged("test:anybody"::equals).toCompletableFuture().join())
                .isEqualTo(1);

        assertThat(broker.metric("muster.subscriptions")).isEqualTo(301);
        last.expectNothing();
    }

    /** Subscribes to both topics, and goes. */
    private void leave(RawClient client) {
        leave(client, 0);
    }

    private void leave(RawClient client, List<String> filters) {
        filters.forEach(filter -> client.subscribe(filter, 1));
        client.close();
        await().until(() -> broker.metric("muster.connections") == 0);
    }

    private void leave(RawClient client, int others) {
        client.subscribe("a", 1).subscribe("b", 1);
        client.close();
        await().until(() -> broker.metric("muster.connections") == others);
    }

    @Test
    void areSentRetainedMessagesThatTheyMayReadAgain() {
        allowed.addAll(Set.of("r/#", "r/1", "r/2"));
        RawClient publisher = broker.client(4, "p");
        publisher.send(publish(3, 1, "r/1", "one")).expectType(4);
        publisher.send(publish(3, 2, "r/2", "two")).expectType(4);
        RawClient client = broker.raw().speaking(5);
        client.connect(connect(5, "c").with(Packets.u16(0x21, 1)));
        client.subscribe("r/#", 1);
        RawClient.Packet first = client.expectType(3);
        allowed.removeAll(Set.of("r/#", "r/1", "r/2"));
        assertThat(changed("c")).isTrue();
        client.send(Packets.puback(first.packetId())).expectNothing();

        allowed.add("r/#");
        client.subscribe("r/#", 1);
        RawClient.Packet again = client.expectType(3);
        client.send(Packets.puback(again.packetId())).expectType(3);
    }

    @Test
    void areNotSentTheRestOfTheRetainedMessagesThatTheyMayNoLongerRead() {
        allowed.addAll(Set.of("r/#", "r/1", "r/2"));
        RawClient publisher = broker.client(4, "p");
        publisher.send(publish(3, 1, "r/1", "one")).expectType(4);
        publisher.send(publish(3, 2, "r/2", "two")).expectType(4);
        RawClient client = broker.raw().speaking(5);
        client.connect(connect(5, "c").with(Packets.u16(0x21, 1)));
        client.subscribe("r/#", 1);
        RawClient.Packet first = client.expectType(3);

        allowed.removeAll(Set.of("r/#", "r/1", "r/2"));
        assertThat(changed("c")).isTrue();
        client.send(Packets.puback(first.packetId()));

        client.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void haveNoWillPublishedWhereTheyMayNoLongerPublish(int delaySeconds) {
        allowed.addAll(Set.of("a", "b"));
        RawClient watcher = broker.client(4, "w").subscribe("a", 0).subscribe("b", 0);
        List<RawClient> leaving = List.of(withWill("b", delaySeconds), withWill("a", delaySeconds));
        if (delaySeconds == 0) {
            allowed.remove("b");
        }
        leaving.forEach(RawClient::close);
        await().until(() -> broker.metric("muster.connections") == 1);
        allowed.remove("b");

        assertThat(watcher.expectPublish("gone").topic()).isEqualTo("a");
        await().untilAsserted(
                        () ->
                                assertThat(
                                                broker.metric(
                                                        "muster.messages.dropped",
                                                        "reason",
                                                        "not_authorized"))
                                        .isEqualTo(1));
        watcher.expectNothing();
    }

    private RawClient withWill(String topic, int delaySeconds) {
        RawClient client = broker.raw().speaking(5);
        return client.connect(
                connect(5, "c" + topic)
                        .expiry(60)
                        .will(topic, "gone", 0, Packets.u32(0x18, delaySeconds)));
    }

    @Test
    void changeTogetherWithAllOfTheirPrincipal() {
        allowed.addAll(Set.of("a", "b"));
        RawClient one = broker.client(4, "one").subscribe("b", 0);
        RawClient two = broker.client(5, "two").subscribe("b", 0);

        allowed.remove("b");
        Clients clients = broker.broker().clients();
        assertThat(clients.permissionsChanged("nobody"::equals).toCompletableFuture().join())
                .isZero();
        assertThat(broker.metric("muster.subscriptions")).isEqualTo(2);
        assertThat(clients.permissionsChanged("test:anybody"::equals).toCompletableFuture().join())
                .isEqualTo(2);
        assertThat(broker.metric("muster.subscriptions")).isZero();
        one.expectNothing();
        assertThat(clients.disconnect("test:anybody"::equals).toCompletableFuture().join())
                .isEqualTo(2);
        one.expectClosed();
        two.expectDisconnect5(0x98);
    }

    @Test
    void areForgottenTogetherWhetherTheyAreThereOrNot() {
        allowed.addAll(Set.of("a", "b"));
        leave(broker.raw().speaking(4).connect(connect(4, "away").resume()));
        RawClient here = broker.raw().speaking(4).connect(connect(4, "here").resume());

        Clients clients = broker.broker().clients();
        assertThat(clients.forget("test:anybody"::equals).toCompletableFuture().join())
                .isEqualTo(2);

        here.expectClosed();
        assertThat(broker.metric("muster.sessions")).isZero();
        assertThat(broker.metric("muster.subscriptions")).isZero();
    }

    @Test
    void thereIsNobodyToChangeWhoIsNotThere() {
        assertThat(changed("nobody")).isFalse();
    }
}
