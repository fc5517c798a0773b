package io.muster.broker.protocol.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.Packets;
import io.muster.broker.pace.RateLimits;
import io.muster.broker.pace.Rates;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.protocol.Client;
import io.muster.broker.protocol.ConnectRefused;
import io.muster.broker.protocol.RecordingChannel;
import io.muster.broker.protocol.Redirection;
import io.muster.broker.protocol.decode.ConnectPacket;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.HandLoops;
import io.muster.broker.session.Session;
import io.muster.broker.session.SessionLimits;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.session.SessionRegistry;
import io.muster.broker.session.memory.MemorySessionStore;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectFlowTest {

    private static final AuthResult ACCEPTED = AuthResult.accept(anybody());

    private final HandLoops loops = new HandLoops(1);
    private final List<String> disconnected = new ArrayList<>();
    private final ClientObserver observer = new Observer();
    private final MemorySessionStore store = new MemorySessionStore(10, 1_000);
    private final SessionRegistry sessions =
            new SessionRegistry(
                    store,
                    new TopicTree(),
                    new SessionLimits(10, 10, 1_000, QueuePolicy.DROP_NEWEST, 1_000),
                    new TakeOvers(TakeOverLimits.NONE, () -> 0),
                    observer,
                    will -> {});
    private CompletableFuture<AuthResult> signedIn = CompletableFuture.completedFuture(ACCEPTED);
    private Optional<Redirection> elsewhere = Optional.empty();
    private final ConnectFlow flow =
            new ConnectFlow(
                    credentials -> signedIn,
                    sessions,
                    observer,
                    ConnectRequestTest.LIMITS,
                    new ConnectFlow.Settings(
                            1_000, "", () -> elsewhere, Rates.of(RateLimits.NONE, 0)));

    private final class Observer implements ClientObserver {
        @Override
        public CompletionStage<Admission> connecting(ConnectedClient client) {
            return CompletableFuture.completedFuture(Admission.ADMITTED);
        }

        @Override
        public void disconnected(ConnectedClient client) {
            disconnected.add(client.clientIdentifier());
        }

        @Override
        public void published(ConnectedClient client) {}
    }

    private static Identity anybody() {
        return new Identity("principal", "", new Nothing(), Map.of());
    }

    private record Nothing() implements TopicPermissions {
        @Override
        public boolean mayPublish(String topicName) {
            return false;
        }

        @Override
        public boolean maySubscribe(String topicFilter) {
            return false;
        }
    }

    private CompletableFuture<Client> connect(RecordingChannel channel) {
        return connect(channel, Packets.connect(4, "client").resume());
    }

    private CompletableFuture<Client> connect(RecordingChannel channel, Packets.Connect connect) {
        ConnectPacket packet = ConnectRequestTest.read(connect);
        return loops.ask(0, () -> flow.connect(channel, packet, dialogue -> {}))
                .toCompletableFuture();
    }

    @Test
    void answersAndBegins() {
        RecordingChannel channel = new RecordingChannel(loops.loop(0));
        assertThat(connect(channel)).isCompleted();
        assertThat(channel.sent()).isEqualTo("20020000");
        assertThat(disconnected).isEmpty();
    }

    /** [MQTT-3.14.0-1] */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoIsExpelledBeforeItsConnackLeavesGetsNoDisconnectEither(boolean hasLeft) {
        RecordingChannel channel = new RecordingChannel(loops.loop(0));
        CompletableFuture<Client> client = connect(channel, Packets.connect(5, "expelled"));
        if (hasLeft) {
            assertThat(channel.sent()).startsWith("20");
        }
        Session session = client.join().session();
        loops.in(0, () -> session.end(ConnectionEnd.EXPELLED));
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.sent()).matches(hasLeft ? "e0..98.*" : "");
    }

    @Test
    void storesOnlySessionsThatMayOutliveTheirConnection() {
        assertThat(connect(new RecordingChannel(loops.loop(0)))).isCompleted();
        assertThat(store.find("client").toCompletableFuture().join()).isPresent();
        Packets.Connect passing = Packets.connect(5, "passing").resume();
        assertThat(connect(new RecordingChannel(loops.loop(0)), passing)).isCompleted();
        assertThat(store.find("passing").toCompletableFuture().join()).isEmpty();
    }

    @Test
    void whoIsGoneWhenItIsSignedInTakesOverNothing() {
        RecordingChannel present = new RecordingChannel(loops.loop(0));
        assertThat(connect(present)).isCompleted();
        signedIn = new CompletableFuture<>();
        RecordingChannel gone = new RecordingChannel(loops.loop(0));
        CompletableFuture<Client> connecting = connect(gone);
        loops.in(0, gone::close);
        loops.in(0, () -> signedIn.complete(ACCEPTED));
        assertThat(connecting).isCompletedExceptionally();
        assertThat(present.isOpen()).isTrue();
        assertThat(disconnected).isEmpty();
    }

    @Test
    void whoSignsInWhileADrainBeginsIsSentElsewhere() {
        signedIn = new CompletableFuture<>();
        RecordingChannel channel = new RecordingChannel(loops.loop(0));
        CompletableFuture<Client> connecting = connect(channel);
        elsewhere = Optional.of(new Redirection(false, Optional.of("other")));
        loops.in(0, () -> signedIn.complete(ACCEPTED));
        assertThat(connecting)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOfSatisfying(
                        ConnectRefused.class,
                        refused -> {
                            assertThat(refused.reason()).isEqualTo(ReasonCode.USE_ANOTHER_SERVER);
                            assertThat(refused.serverReference()).contains("other");
                        });
        assertThat(channel.sent()).isEmpty();
        assertThat(disconnected).as("admitted before").containsExactly("client");
        assertThat(sessions.find("client")).isEmpty();
    }

    @Test
    void anAnswerThatFailsLeavesNoConnectionBehind() {
        RecordingChannel broken = new RecordingChannel(loops.loop(0));
        broken.breakOutgoing();
        assertThat(connect(broken)).isCompletedExceptionally();
        assertThat(broken.isOpen()).isFalse();
        assertThat(disconnected).containsExactly("client");
        assertThat(sessions.find("client").orElseThrow().client()).isNull();
        assertThat(loops.loop(0).counters().connections().get()).isZero();
        assertThat(connect(new RecordingChannel(loops.loop(0)))).isCompleted();
        assertThat(disconnected).as("told once").hasSize(1);
    }
}
