package io.muster.broker;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What becomes of a client that publishes, or subscribes, where it may not. */
class DeniedPublishTest {

    private static final TopicPermissions OPEN_ONLY =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return topicName.startsWith("open");
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return topicFilter.startsWith("open");
                }
            };

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.muster.broker.protocol");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private BrokerFixture broker = start(false);

    /** Bears with clients on one topic. */
    private static final ClientObserver OBSERVER =
            new ClientObserver() {
                @Override
                public CompletionStage<Admission> connecting(ConnectedClient client) {
                    return CompletableFuture.completedFuture(Admission.ADMITTED);
                }

                @Override
                public void disconnected(ConnectedClient client) {}

                @Override
                public void published(ConnectedClient client) {}

                @Override
                public boolean refused(
                        ConnectedClient client, Message message, Consumer<Message> answer) {
                    return message.topic().equals("shut/borne");
                }
            };

    private static BrokerFixture start(boolean closesDeniedPublishers) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = OBSERVER;
        settings.closesDeniedPublishers = closesDeniedPublishers;
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.identity("", OPEN_ONLY)));
        return settings.start();
    }

    private void restartClosing() {
        broker.close();
        broker = start(true);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        broker.close();
    }

    private double dropped() {
        return broker.metric("muster.messages.dropped", "reason", "not_authorized");
    }

    private double closed() {
        return broker.metric("muster.protocol.violations", "reason", "not_authorized");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inVersion5ItIsToldAndStaysWhateverIsConfigured(boolean closes) {
        if (closes) {
            restartClosing();
        }
        RawClient client = broker.client(5, "c");

        client.send(publish5(0, 0, "shut", NO_PROPERTIES, "x"));
        client.send(publish5(2, 7, "shut", NO_PROPERTIES, "x")).expect("40 03 00 07 87");
        client.send(publish5(4, 8, "shut", NO_PROPERTIES, "x")).expect("50 03 00 08 87");

        client.expectNothing();
        assertThat(dropped()).isEqualTo(3);
    }

    @Test
    void before5ItsMessageIsAcknowledgedAndDropped() {
        RawClient subscriber = broker.client(4, "s").subscribe("open", 0);
        RawClient client = broker.client(4, "c");

        client.send(publish("shut", "x"));
        client.send(publish(2, 7, "shut", "x")).expect("40 02 00 07");
        client.send(publish(4, 8, "shut", "x")).expect("50 02 00 08");
        client.send(publish("open", "through"));

        subscriber.expectPublish("through");
        assertThat(dropped()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4})
    void before5ItIsClosedIfSoConfigured(int flags) {
        restartClosing();
        RawClient client = broker.client(4, "c");

        client.send(publish(flags, 7, "shut", "x")).expectClosed();

        assertThat(dropped()).isEqualTo(1);
        assertThat(closed()).isEqualTo(1);
    }

    @Test
    void before5ItStaysWhereTheObserverBearsWithIt() {
        restartClosing();
        RawClient client = broker.client(4, "c");

        client.send(publish("shut/borne", "x"));
        client.send(publish(2, 7, "shut/borne", "x")).expect("40 02 00 07");
        client.send(publish(4, 8, "shut/borne", "x")).expect("50 02 00 08");

        assertThat(dropped()).isEqualTo(3);
        client.send(publish("shut", "x")).expectClosed();
    }

    @Test
    void oneWithTooManyLevelsIsNotClosedForThat() {
        restartClosing();
        RawClient client = broker.client(4, "c");

        client.send(publish(2, 7, "open" + "/x".repeat(16), "x")).expect("40 02 00 07");

        client.expectNothing();
        assertThat(broker.metric("muster.messages.dropped", "reason", "topic_too_deep"))
                .isEqualTo(1);
    }

    @Test
    void theFirstOfAConnectionIsLogged() {
        log.start();
        logger.addAppender(log);
        RawClient client = broker.client(5, "c");
        for (int i = 1; i <= 5; i++) {
            client.send(publish5(2, i, "shut/" + i, NO_PROPERTIES, "x")).expectType(4);
            client.send(subscribe5(i, "shut/" + i, 0)).expectType(9);
        }

        assertThat(lines("publish denied"))
                .containsExactly(
                        "publish denied, the first of this connection client=c"
                                + " principal=test:anybody topic=shut/1");
        assertThat(lines("subscription refused"))
                .containsExactly(
                        "subscription refused, the first of this connection client=c"
                                + " principal=test:anybody filter=shut/1 reason=NOT_AUTHORIZED");
    }

    private List<String> lines(String beginning) {
        return log.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.startsWith(beginning))
                .toList();
    }

    @Test
    void eachFilterThatIsRefusedIsCounted() {
        RawClient five = broker.client(5, "five");
        five.send(subscribe5(1, "shut", 0)).expect("90 04 00 01 00 87");
        RawClient four = broker.client(4, "four");
        four.send(Packets.subscribe(1, "shut", 0)).expect("90 03 00 01 80");

        assertThat(broker.metric("muster.subscriptions.refused", "reason", "not_authorized"))
                .isEqualTo(2);
        four.subscribe("open", 0);
        assertThat(broker.metric("muster.subscriptions.refused")).isEqualTo(2);
    }

    @Test
    void aWillThatItMayNotPublishRefusesItsConnect() {
        RawClient client = broker.raw().speaking(5);
        client.send(connect(5, "c").will("shut", "x", 0, NO_PROPERTIES).bytes())
                .expectRefused(0x87);
    }
}
