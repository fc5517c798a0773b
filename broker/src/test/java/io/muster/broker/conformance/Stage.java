package io.muster.broker.conformance;

import static io.muster.broker.Packets.connect;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A broker that the tests of one class share, and its clients in MQTT 5.0. Closed after the class.
 * Confined to the thread of the tests.
 */
public final class Stage implements AfterAllCallback {

    /** Topics that begin so are not permitted on a stage with forbidden topics. */
    public static final String FORBIDDEN = "forbidden/";

    private static final TopicPermissions ALL_BUT_FORBIDDEN =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return !topicName.startsWith(FORBIDDEN);
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return !topicFilter.startsWith(FORBIDDEN);
                }
            };

    private final BrokerFixture broker;
    private final AtomicInteger names = new AtomicInteger();

    private Stage(BrokerFixture broker) {
        this.broker = broker;
    }

    /** A broker with the settings of the tests. */
    public static Stage open() {
        return with(settings -> {});
    }

    /** A broker with other settings. */
    public static Stage with(Consumer<BrokerFixture.Settings> change) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        change.accept(settings);
        return new Stage(settings.start());
    }

    /** Lets every client do everything but use topics that begin with {@link #FORBIDDEN}. */
    public static void forbid(BrokerFixture.Settings settings) {
        AuthResult result = AuthResult.accept(BrokerFixture.identity("", ALL_BUT_FORBIDDEN));
        settings.authenticator = credentials -> CompletableFuture.completedFuture(result);
    }

    public BrokerFixture broker() {
        return broker;
    }

    /** A name for a client or a topic that no other test has. */
    public String name() {
        return "n" + names.incrementAndGet();
    }

    /** A connection that has sent nothing yet. */
    public RawClient raw() {
        return broker.raw().speaking(5);
    }

    /** A new client whose session ends with its connection. */
    public RawClient client() {
        return client(connect(5, name()));
    }

    /** A client without a session before. */
    public RawClient client(Packets.Connect connect) {
        return raw().connect(connect);
    }

    /** A client that keeps its session for ten minutes, or resumes it. */
    public static Packets.Connect lasting(String clientIdentifier) {
        return connect(5, clientIdentifier).resume().expiry(600);
    }

    /** A client that resumes its session. */
    public RawClient resumed(Packets.Connect connect) {
        return raw().connect(connect, true);
    }

    /**
     * Closes the client's socket, and waits until the broker has seen it, so that what is published
     * next is not sent into the void.
     */
    public void drop(RawClient client, String clientIdentifier) {
        client.close();
        awaitAway(clientIdentifier);
    }

    /** Waits until no client with this identifier is connected. */
    public void awaitAway(String clientIdentifier) {
        await().until(() -> broker.broker().clients().find(clientIdentifier).isEmpty());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        broker.close();
    }
}
