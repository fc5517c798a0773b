package io.muster.broker;

import io.muster.broker.pace.RateLimits;
import io.muster.broker.protocol.packet.Features;
import io.muster.broker.routing.ShareStrategy;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import java.time.Duration;
import java.util.List;

/**
 * The broker's settings; checked by whoever reads them.
 *
 * @param listeners at least one
 * @param loops how connections are spread over threads
 * @param limits of connections and packets
 * @param protocol what the specifications leave to the server
 * @param sessions limits of sessions
 * @param retained limits of retained messages
 * @param rates how much may come in a second
 * @param times of the broker itself
 */
public record BrokerConfig(
        List<ListenerConfig> listeners,
        Loops loops,
        Limits limits,
        Protocol protocol,
        Sessions sessions,
        Retained retained,
        RateLimits rates,
        Times times) {

    /** Copies the list. */
    public BrokerConfig {
        listeners = List.copyOf(listeners);
    }

    /**
     * How connections are spread over event loops, each of which is a thread.
     *
     * @param count how many; 0 means one for each processor
     * @param handful connections that one loop takes in before the next one does; at least 1
     */
    public record Loops(int count, int handful) {}

    /**
     * Limits of connections and packets.
     *
     * @param connectionsMax open connections, all listeners together
     * @param connectTimeout how long a connection may take to send a complete CONNECT
     * @param signInDeadline how long sign-in may take, all in all
     * @param connectBytesMax largest packet accepted before sign-in, CONNECT with its will above
     *     all; {@code packetBytesMax} holds for it, too
     * @param packetBytesMax largest packet accepted, with its fixed header
     * @param keepAliveSecondsMax largest keep alive of MQTT 5.0 clients, which are told; earlier
     *     versions have no way to be told; 0 is no limit
     * @param topicLevelsMax most levels of a topic name or filter
     * @param outboundBytesMax bytes waiting in one connection's socket above which it counts as
     *     slow
     */
    public record Limits(
            int connectionsMax,
            Duration connectTimeout,
            Duration signInDeadline,
            int connectBytesMax,
            int packetBytesMax,
            int keepAliveSecondsMax,
            int topicLevelsMax,
            int outboundBytesMax) {}

    /**
     * What the specifications leave to the server.
     *
     * @param topicAliasMax topic aliases that one client may give; 0 to 65,535
     * @param responseInformation told to MQTT 5.0 clients that ask for it, with the client
     *     identifier in the place of <code>${clientIdentifier}</code>; empty is none
     * @param refusesControlCharacters whether text with control characters or non-characters is
     *     malformed
     * @param refusesDollarTopics whether no client may publish to topics that begin with a dollar
     *     sign
     * @param checksPayloadFormat whether a payload that is said to be UTF-8 must be
     * @param closesDeniedPublishers whether a client before MQTT 5.0, which cannot be told, is
     *     disconnected when it publishes where it may not; but for those whom the {@link
     *     io.muster.broker.spi.ClientObserver#refused observer} bears with
     * @param features optional parts of the protocol that are there
     */
    public record Protocol(
            int topicAliasMax,
            String responseInformation,
            boolean refusesControlCharacters,
            boolean refusesDollarTopics,
            boolean checksPayloadFormat,
            boolean closesDeniedPublishers,
            Features features) {}

    /**
     * Limits of sessions.
     *
     * @param expiryMax longest time that a session may outlive its connection
     * @param sessionsMax sessions kept, connected or not
     * @param queueMessagesMax messages waiting for one session
     * @param queueBytesMax bytes waiting for one session, as {@link
     *     io.muster.broker.message.Message#bytes} counts
     * @param inflightMax unacknowledged messages to one client, and the Receive Maximum told to
     *     clients
     * @param subscriptionsMax subscriptions of one session
     * @param queuePolicy what happens when more messages come than may wait for a session
     * @param shareStrategy which member of a shared subscription gets a message
     */
    public record Sessions(
            Duration expiryMax,
            int sessionsMax,
            int queueMessagesMax,
            long queueBytesMax,
            int inflightMax,
            int subscriptionsMax,
            QueuePolicy queuePolicy,
            ShareStrategy shareStrategy) {}

    /**
     * Limits of retained messages.
     *
     * @param messagesMax how many
     * @param bytesMax bytes of heap that they may take, as {@link
     *     io.muster.broker.routing.RetainedMessages#bytes} counts
     */
    public record Retained(int messagesMax, long bytesMax) {}

    /**
     * Times of the broker itself.
     *
     * @param systemInterval how often the figures under {@code $SYS} are published; zero is never
     * @param stopGrace how long {@link Broker#close} waits for connections to end in order
     * @param stall how long a client may take nothing while publishers wait for it
     */
    public record Times(Duration systemInterval, Duration stopGrace, Duration stall) {}

    /** Sensible settings for {@code listeners}. */
    public static BrokerConfig of(List<ListenerConfig> listeners) {
        return new BrokerConfig(
                listeners,
                new Loops(0, 4),
                new Limits(
                        1_000_000,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        384 << 10,
                        1 << 20,
                        0,
                        201,
                        1 << 20),
                new Protocol(32, "", true, true, false, false, Features.ALL),
                new Sessions(
                        Duration.ofDays(7),
                        1_000_000,
                        10_000,
                        16L << 20,
                        1_000,
                        1_000,
                        QueuePolicy.DROP_NEWEST,
                        ShareStrategy.ROUND_ROBIN),
                new Retained(1_000_000, 1L << 30),
                RateLimits.DEFAULT,
                new Times(Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(30)));
    }
}
