package io.muster.broker;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What the process that the broker is in says to clients, and hears of them. */
class HubMessagesTest {

    /** Keeps the way to each connection. */
    private static final class Connections implements ClientObserver {

        private final List<Consumer<Message>> all = new CopyOnWriteArrayList<>();

        @Override
        public CompletionStage<Admission> connecting(ConnectedClient client) {
            return CompletableFuture.completedFuture(Admission.ADMITTED);
        }

        @Override
        public void connected(ConnectedClient client, Consumer<Message> sender) {
            sender.accept(message("welcome", Qos.AT_LEAST_ONCE));
            all.add(sender);
        }

        @Override
        public void disconnected(ConnectedClient client) {}

        @Override
        public void published(ConnectedClient client) {}
    }

    private static BrokerFixture observed(ClientObserver observer) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = observer;
        return settings.start();
    }

    private static Message message(String payload, Qos qos) {
        return Message.of(
                "to/you", Payload.of(payload.getBytes(StandardCharsets.UTF_8)), qos, false);
    }

    @Test
    void aConnectionIsSentWhatItDidNotSubscribeToBehindItsConnack() {
        Connections connections = new Connections();
        try (BrokerFixture broker = observed(connections)) {
            RawClient other = broker.client(4, "other");
            other.expectPublish("welcome");
            RawClient client = broker.client(5, "c");
            client.expectPublish("welcome");

            connections.all.get(1).accept(message("more", Qos.AT_MOST_ONCE));

            client.expectPublish("more");
            other.expectNothing();
        }
    }

    @Test
    void nothingIsSentToTheNextConnectionOfTheSameClient() {
        Connections connections = new Connections();
        try (BrokerFixture broker = observed(connections)) {
            RawClient old = broker.raw().speaking(4).connect(connect(4, "c").resume());
            old.send(puback(old.expectPublish("welcome").packetId()));
            old.close();
            await().until(() -> broker.metric("muster.connections") == 0);
            RawClient next = broker.raw().speaking(4).connect(connect(4, "c").resume(), true);
            next.expectPublish("welcome");

            connections.all.get(0).accept(message("late", Qos.AT_LEAST_ONCE));

            next.expectNothing();
        }
    }

    @Test
    void theHubHearsWhatItSubscribesTo() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            List<String> heard = new CopyOnWriteArrayList<>();
            broker.broker()
                    .subscribe(
                            "a/+/reply",
                            message -> heard.add(message.publisher() + " " + message.topic()));
            RawClient client = broker.client(4, "c");

            client.send(publish("a/b", "x"));
            client.send(publish("a/b/reply", "x"));

            await().until(() -> heard.equals(List.of("c a/b/reply")));
        }
    }

    @Test
    void aListenerThatFailsIsNoHarmToOthers() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.broker()
                    .subscribe(
                            "a",
                            message -> {
                                throw new IllegalStateException("broken");
                            });
            RawClient subscriber = broker.client(4, "s").subscribe("a", 1);
            RawClient client = broker.client(4, "c");

            client.send(publish("a", "x"));

            subscriber.expectPublish("x");
            assertThat(broker.metric("muster.clients")).isEqualTo(2);
        }
    }

    @Test
    void aConnectedClientIsSentWhatIsForIt() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(4, "c");
            RawClient other = broker.client(4, "other").subscribe("to/you", 1);

            boolean sent =
                    broker.broker()
                            .clients()
                            .send("c", message("command", Qos.AT_LEAST_ONCE))
                            .toCompletableFuture()
                            .join();

            assertThat(sent).isTrue();
            assertThat(client.expectPublish("command").qos()).isEqualTo(1);
            other.expectNothing();
        }
    }

    @Test
    void whatIsForAClientThatIsNotThereDoesNotWaitForIt() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient gone = broker.raw().speaking(4).connect(connect(4, "gone").resume());
            gone.close();
            await().until(() -> broker.metric("muster.connections") == 0);

            for (String name : List.of("gone", "never was")) {
                assertThat(
                                broker.broker()
                                        .clients()
                                        .send(name, message("command", Qos.AT_LEAST_ONCE))
                                        .toCompletableFuture()
                                        .join())
                        .isFalse();
            }

            RawClient back = broker.raw().speaking(4).connect(connect(4, "gone").resume(), true);
            back.expectNothing();
        }
    }

    @Test
    void anAnswerOfTheHubComesBehindTheAcknowledgement() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.broker()
                    .subscribe(
                            "ask",
                            asked -> broker.broker().answer(message("answer", Qos.AT_LEAST_ONCE)));
            RawClient client = broker.client(4, "c").subscribe("to/you", 1);

            client.send(publish(2, 7, "ask", "x"));

            client.expect("40 02 00 07");
            client.expectPublish("answer");

            // This thread may have played an event loop in another test.
            CompletableFuture.runAsync(
                            () -> broker.broker().answer(message("unasked", Qos.AT_MOST_ONCE)))
                    .join();
            client.expectPublish("unasked");
        }
    }

    private static final int PUBLISHED = 60;

    /** Room for a third of what is published. */
    private static BrokerFixture narrow() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queueMessagesMax = PUBLISHED / 3;
        settings.inflightMax = 5;
        return settings.start();
    }

    private static List<CompletableFuture<Void>> publishedUntilItWaits(BrokerFixture broker) {
        List<CompletableFuture<Void>> published = new ArrayList<>();
        for (int i = 0; i < PUBLISHED; i++) {
            published.add(
                    broker.broker()
                            .publish(message("m" + i, Qos.AT_LEAST_ONCE))
                            .toCompletableFuture());
        }
        await().until(() -> broker.metric("muster.held.publishers") == 1);
        return published;
    }

    /** To one that takes its time. */
    @Test
    void aSlowSubscriberMissesNothingThatTheHubPublishes() {
        try (BrokerFixture broker = narrow()) {
            RawClient slow = broker.client(4, "slow").subscribe("to/you", 1);
            List<CompletableFuture<Void>> published = publishedUntilItWaits(broker);

            assertThat(published.get(0)).isCompleted();
            assertThat(published.get(PUBLISHED - 1)).isNotCompleted();
            for (int i = 0; i < PUBLISHED; i++) {
                slow.send(puback(slow.expectPublish("m" + i).packetId()));
            }
            assertThat(CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)))
                    .succeedsWithin(Duration.ofSeconds(20));
            assertThat(broker.metric("muster.held.publishers")).isZero();
            slow.expectNothing();
        }
    }

    /** Permissions are asked of each message, and may come from a plug-in. */
    @Test
    void whatCannotBePublishedKeepsNothingElseOfTheHubWaiting() {
        TopicPermissions permissions =
                new TopicPermissions() {
                    @Override
                    public boolean mayPublish(String topicName) {
                        return true;
                    }

                    @Override
                    public boolean maySubscribe(String topicFilter) {
                        return true;
                    }

                    @Override
                    public Optional<Predicate<String>> withheld() {
                        return Optional.of(HubMessagesTest::isAskedOf);
                    }
                };
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.identity("", permissions)));
        try (BrokerFixture broker = settings.start()) {
            RawClient client = broker.client(4, "c").subscribe("#", 1);

            CompletionStage<Void> failed =
                    broker.broker()
                            .publish(
                                    Message.of(
                                            "broken",
                                            Payload.of(new byte[1]),
                                            Qos.AT_LEAST_ONCE,
                                            false));
            broker.broker().publish(message("next", Qos.AT_LEAST_ONCE));

            assertThat(failed.toCompletableFuture()).failsWithin(Duration.ofSeconds(10));
            client.expectPublish("next");
        }
    }

    private static boolean isAskedOf(String topic) {
        if (topic.equals("broken")) {
            throw new IllegalStateException("permissions of a plug-in that are broken");
        }
        return false;
    }

    @Test
    void whatTheHubPublishesGoesOnWhenTheSlowSubscriberHasGone() {
        try (BrokerFixture broker = narrow()) {
            RawClient slow = broker.client(4, "slow").subscribe("to/you", 1);
            List<CompletableFuture<Void>> published = publishedUntilItWaits(broker);

            slow.close();

            assertThat(CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)))
                    .succeedsWithin(Duration.ofSeconds(20));
        }
    }

    @Test
    void noTopicIsLongerThanMqttHasLengthsFor() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            String longest = "x".repeat(65_535);
            Message tooLong = Message.of("x" + longest, Payload.EMPTY, Qos.AT_MOST_ONCE, false);
            Message tooLongInUtf8 =
                    Message.of("ä".repeat(32_768), Payload.EMPTY, Qos.AT_MOST_ONCE, false);

            broker.broker().publish(Message.of(longest, Payload.EMPTY, Qos.AT_MOST_ONCE, false));
            for (Message message : List.of(tooLong, tooLongInUtf8)) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> broker.broker().answer(message));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> broker.broker().publish(message));
            }
        }
    }
}
