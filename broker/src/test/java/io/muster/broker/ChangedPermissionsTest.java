package io.muster.broker;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients whose permissions change while they are connected, or while they are away. */
class ChangedPermissionsTest {

    /** What everybody may use. */
    private final Set<String> allowed = ConcurrentHashMap.newKeySet();

    private BrokerFixture broker;

    private final class Changing implements TopicPermissions {

        @Override
        public boolean mayPublish(String topicName) {
            return allowed.contains(topicName);
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            return allowed.contains(topicFilter);
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
    void thereIsNobodyToChangeWhoIsNotThere() {
        assertThat(changed("nobody")).isFalse();
    }
}
