package io.muster.broker.protocol;

import static io.muster.broker.Packets.filter;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.Packets;
import io.muster.broker.message.Message;
import io.muster.broker.metrics.Refusals;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.protocol.decode.FieldReader;
import io.muster.broker.protocol.packet.Capabilities;
import io.muster.broker.protocol.packet.Features;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.PublishEncoder;
import io.muster.broker.routing.RetainedMessages;
import io.muster.broker.routing.Router;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.session.HandLoops;
import io.muster.broker.session.Link;
import io.muster.broker.session.Session;
import io.muster.broker.session.SessionLimits;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.session.SessionRegistry;
import io.muster.broker.session.memory.MemorySessionStore;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Flows around one signed-in client, on a hand-driven loop. */
final class FlowStage {

    static final ProtocolLimits LIMITS =
            new ProtocolLimits(
                    new Capabilities(2, 1_000, 3, Features.ALL),
                    60,
                    5,
                    3_600,
                    2,
                    true,
                    true,
                    false);

    final HandLoops loops = new HandLoops(1);
    final TopicTree tree = new TopicTree();
    final RetainedMessages retained = new RetainedMessages(100, 10_000);
    final Router router = new Router(tree, retained);
    final List<Message> wills = new ArrayList<>();
    final PacketFlows flows =
            new PacketFlows(
                    new FieldReader(false),
                    router,
                    retained,
                    LIMITS,
                    ClientObserver.NONE,
                    new NotCounted());
    final RecordingChannel channel = new RecordingChannel(loops.loop(0));
    final Client client;

    FlowStage(boolean isVersion5) {
        this(isVersion5, 60);
    }

    FlowStage(boolean isVersion5, long expirySeconds) {
        this(isVersion5, expirySeconds, null);
    }

    FlowStage(boolean isVersion5, long expirySeconds, @Nullable Reauthentication reauthentication) {
        SessionRegistry registry =
                new SessionRegistry(
                        new MemorySessionStore(10, 1_000),
                        tree,
                        new SessionLimits(10, 10, 1_000, QueuePolicy.DROP_NEWEST, 1_000),
                        new TakeOvers(TakeOverLimits.NONE, () -> 0),
                        ClientObserver.NONE,
                        wills::add);
        Session session =
                loops.ask(
                        0,
                        () ->
                                registry.open(
                                                new SessionRegistry.Request(
                                                        "client",
                                                        "principal",
                                                        true,
                                                        true,
                                                        loops.loop(0),
                                                        channel.remoteAddress()))
                                        .toCompletableFuture()
                                        .join()
                                        .session());
        PacketOutput output =
                new PacketOutput(
                        channel,
                        new PacketEncoder(isVersion5),
                        new PublishEncoder(isVersion5, Integer.MAX_VALUE, 0),
                        Optional::empty);
        Link link = new Link(output, connected(isVersion5), 10, expirySeconds, null);
        loops.in(
                0,
                () -> {
                    session.attach(link);
                    session.admit(link);
                    session.start();
                });
        client =
                new Client(
                        channel,
                        output,
                        session,
                        link,
                        isVersion5,
                        new PublisherTopics(LIMITS.topicAliasMax()),
                        null,
                        reauthentication);
        link.permissionHolder(client);
    }

    private static ConnectedClient connected(boolean isVersion5) {
        return new ConnectedClient(
                "client",
                "client",
                new Identity("principal", "client", new NotSecret(), Map.of()),
                new ConnectedClient.Origin(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), "default"),
                isVersion5 ? 5 : 4,
                0,
                Instant.EPOCH);
    }

    private record NotCounted() implements Refusals {
        @Override
        public void refused(String reason) {}

        @Override
        public void violated(String reason) {}

        @Override
        public void notSubscribed(String reason) {}
    }

    private record NotSecret() implements TopicPermissions {
        @Override
        public boolean mayPublish(String topicName) {
            return !topicName.startsWith("secret");
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            return !topicFilter.startsWith("secret");
        }
    }

    /** Hands a packet in, of a length of one byte, and returns what is sent, in hexadecimal. */
    String receive(byte[] packet) {
        ByteBuf body = Unpooled.wrappedBuffer(packet, 2, packet.length - 2);
        loops.in(0, () -> flows.receive(client, packet[0] & 0xFF, body));
        return channel.sent();
    }

    static byte[] subscribe(FlowStage stage, String... filters) {
        byte[][] requests = Stream.of(filters).map(each -> filter(each, 1)).toArray(byte[][]::new);
        return stage.client.version5()
                ? Packets.subscribeAll5(7, Packets.NO_PROPERTIES, requests)
                : Packets.subscribeAll(7, requests);
    }

    static byte[] unsubscribe(FlowStage stage, String... filters) {
        return stage.client.version5()
                ? Packets.unsubscribe5(7, Packets.NO_PROPERTIES, filters)
                : Packets.unsubscribe(7, filters);
    }

    /** A DISCONNECT with the reason and a sentence about it, and the end. */
    static void expectViolation(FlowStage stage, byte[] packet, int reason) {
        String sent = stage.receive(packet);
        assertThat(sent)
                .matches("e0([89a-f][0-9a-f])?[0-9a-f]{2}" + "%02x".formatted(reason) + ".*1f00.*");
        assertThat(stage.channel.isOpen()).isFalse();
        assertThat(stage.client.session().client()).isNull();
    }
}
