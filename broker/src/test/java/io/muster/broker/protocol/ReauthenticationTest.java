package io.muster.broker.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator.Step.Finished;
import io.muster.broker.Packets;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.RefusedClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ReauthenticationTest {

    private static final int CONTINUE = 0x18;
    private static final int BEGIN = 0x19;
    private static final long DEADLINE_MILLIS = 5_000;

    /** The principal of the stage's client. */
    private static final String PRINCIPAL = "principal";

    private final List<String> refusals = new ArrayList<>();

    private final ClientObserver observer =
            new ClientObserver() {
                @Override
                public CompletionStage<Admission> connecting(ConnectedClient client) {
                    throw new IllegalStateException("nobody connects");
                }

                @Override
                public void disconnected(ConnectedClient client) {}

                @Override
                public void published(ConnectedClient client) {}

                @Override
                public void signInRefused(RefusedClient client) {
                    refusals.add(client.clientIdentifier() + " " + client.reason());
                }
            };

    private FlowStage stage(ScriptedExchange exchange) {
        return stage(exchange, "m");
    }

    private FlowStage stage(ScriptedExchange exchange, String method) {
        Credentials credentials =
                new Credentials(
                        "client",
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                        5,
                        "default");
        return new FlowStage(
                true,
                60,
                Reauthentication.by(exchange, method, credentials, observer, DEADLINE_MILLIS));
    }

    /** Sends AUTH; what is sent for it, when all that waits has been done. */
    private static String say(FlowStage stage, int reason, String method, String data) {
        byte[] packet =
                Packets.auth(
                        reason,
                        Packets.text(Packets.AUTHENTICATION_METHOD, method),
                        Packets.binary(Packets.AUTHENTICATION_DATA, data.getBytes(UTF_8)));
        String atOnce = stage.receive(packet);
        stage.loops.runAll();
        return atOnce + stage.channel.sent();
    }

    private static void expectEnd(FlowStage stage, String sent, int reason) {
        assertThat(sent).matches("e0(..|..01)" + "%02x".formatted(reason) + ".*");
        assertThat(sent.split("e0[0-9a-f]{2,4}%02x".formatted(reason), -1))
                .as("one DISCONNECT")
                .hasSize(2);
        assertThat(stage.channel.isOpen()).isFalse();
        assertThat(stage.client.session().client()).isNull();
    }

    @Test
    void aClientSignsInAgainAndStays() {
        ScriptedExchange exchange = ScriptedExchange.untilDone(PRINCIPAL);
        FlowStage stage = stage(exchange);
        assertThat(say(stage, BEGIN, "m", "x")).isEqualTo("f00d180b1500016d1600046d6f7265");
        assertThat(stage.receive(Packets.PINGREQ)).as("meanwhile all goes on").isEqualTo("d000");
        assertThat(say(stage, CONTINUE, "m", "done")).isEqualTo("f00a00081500016d16000107");
        assertThat(stage.channel.isOpen()).isTrue();
        assertThat(exchange.received).containsExactly("x", "done");
        assertThat(exchange.closed).isEqualTo(1);
    }

    @Test
    void itMaySignInAgainAndAgain() {
        ScriptedExchange exchange = ScriptedExchange.untilDone(PRINCIPAL);
        FlowStage stage = stage(exchange);
        for (int i = 1; i <= 3; i++) {
            assertThat(say(stage, BEGIN, "m", "done")).startsWith("f00a00");
            assertThat(exchange.closed).isEqualTo(i);
        }
    }

    @Test
    void whoSignsInAgainWithoutEndIsDisconnected() {
        ScriptedExchange exchange = ScriptedExchange.untilDone(PRINCIPAL);
        FlowStage stage = stage(exchange);
        for (int i = 1; i <= 10; i++) {
            assertThat(say(stage, BEGIN, "m", "done")).startsWith("f00a00");
        }
        expectEnd(stage, say(stage, BEGIN, "m", "done"), 0x97);
        assertThat(exchange.received).hasSize(10);
        assertThat(refusals).containsExactly("client quota_exceeded");
    }

    @Test
    void aMinuteLaterItMaySignInAgainAsOften() {
        FlowStage stage = stage(ScriptedExchange.untilDone(PRINCIPAL));
        for (int i = 1; i <= 20; i++) {
            if (i == 11) {
                stage.loops.advance(60_000);
            }
            assertThat(say(stage, BEGIN, "m", "done")).startsWith("f00a00");
        }
    }

    @Test
    void whoProvesToBeSomebodyElseIsDisconnected() {
        FlowStage stage = stage(ScriptedExchange.untilDone("somebody else"));
        expectEnd(stage, say(stage, BEGIN, "m", "done"), 0x87);
        assertThat(refusals).containsExactly("client not_authorized");
    }

    @Test
    void whoDoesNotAnswerInTimeIsDisconnected() {
        ScriptedExchange exchange = ScriptedExchange.untilDone(PRINCIPAL);
        FlowStage stage = stage(exchange);
        say(stage, BEGIN, "m", "x");
        stage.loops.advance(DEADLINE_MILLIS - 1);
        assertThat(stage.channel.isOpen()).isTrue();
        stage.loops.advance(1);
        expectEnd(stage, stage.channel.sent(), 0x87);
        assertThat(exchange.closed).isEqualTo(1);
    }

    @Test
    void theStepsTogetherAreToBeDoneInTime() {
        FlowStage stage = stage(ScriptedExchange.untilDone(PRINCIPAL));
        say(stage, BEGIN, "m", "x");
        for (int i = 1; i < 5; i++) {
            stage.loops.advance(DEADLINE_MILLIS / 5);
            assertThat(say(stage, CONTINUE, "m", "x")).startsWith("f00d18");
        }
        stage.loops.advance(DEADLINE_MILLIS / 5);
        expectEnd(stage, stage.channel.sent(), 0x87);
    }

    @Test
    void anAuthenticatorThatNeverAnswersLetsNobodyStay() {
        ScriptedExchange exchange = new ScriptedExchange(said -> new CompletableFuture<>());
        FlowStage stage = stage(exchange);
        assertThat(say(stage, BEGIN, "m", "x")).isEmpty();
        stage.loops.advance(DEADLINE_MILLIS);
        expectEnd(stage, stage.channel.sent(), 0x87);
        assertThat(exchange.closed).isEqualTo(1);
    }

    @Test
    void whoWasInTimeStaysWhenItIsOver() {
        FlowStage stage = stage(ScriptedExchange.untilDone(PRINCIPAL));
        int timers = stage.loops.timers();
        say(stage, BEGIN, "m", "done");
        assertThat(stage.loops.timers()).isEqualTo(timers);
        say(stage, BEGIN, "m", "x");
        stage.loops.advance(DEADLINE_MILLIS / 2);
        say(stage, CONTINUE, "m", "done");
        stage.loops.advance(10 * DEADLINE_MILLIS);
        assertThat(stage.channel.isOpen()).isTrue();
    }

    @Test
    void thePermissionsOfTheNewSignInAreInForce() {
        FlowStage stage =
                stage(
                        new ScriptedExchange(
                                said -> ScriptedExchange.accept(PRINCIPAL, said.equals("all"))));
        byte[] publish = Packets.publish5(Packets.QOS_1, 1, "t", Packets.NO_PROPERTIES, "");
        byte[] secret = Packets.publish5(Packets.QOS_1, 1, "secret", Packets.NO_PROPERTIES, "");
        assertThat(stage.receive(publish)).isEqualTo("4003000110");
        assertThat(stage.receive(secret)).startsWith("40").contains("000187");
        say(stage, BEGIN, "m", "nothing");
        assertThat(stage.receive(publish)).contains("000187");
        assertThat(stage.receive(Packets.subscribe5(7, "t", 0))).startsWith("90").endsWith("87");
        say(stage, BEGIN, "m", "all");
        assertThat(stage.receive(publish)).isEqualTo("4003000110");
        assertThat(stage.receive(secret)).isEqualTo("4003000110");
        assertThat(stage.receive(Packets.subscribe5(7, "secret", 0))).isEqualTo("900400070000");
    }

    @Test
    void aFailureChangesNoPermissions() {
        ScriptedExchange exchange =
                new ScriptedExchange(said -> ScriptedExchange.accept("somebody else", true));
        FlowStage stage = stage(exchange);
        say(stage, BEGIN, "m", "x");
        assertThat(stage.client.identity().permissions().mayPublish("secret")).isFalse();
    }

    @Test
    void whoIsDeniedIsDisconnected() {
        Finished denied =
                new Finished(AuthResult.deny(DenyReason.BAD_CREDENTIALS, "no"), Optional.empty());
        FlowStage stage =
                stage(new ScriptedExchange(said -> CompletableFuture.completedFuture(denied)));
        expectEnd(stage, say(stage, BEGIN, "m", "x"), 0x87);
        assertThat(refusals).as("the authenticator knows").isEmpty();
    }

    @Test
    void anAuthenticatorThatThrowsLetsNobodyStay() {
        ScriptedExchange exchange =
                new ScriptedExchange(
                        said -> {
                            throw new IllegalStateException("broken");
                        });
        FlowStage stage = stage(exchange);
        expectEnd(stage, say(stage, BEGIN, "m", "x"), 0x87);
        assertThat(exchange.closed).isEqualTo(1);
        assertThat(refusals).as("it says nothing of the client").isEmpty();
    }

    @Test
    void aMethodThatIsGoneLetsNobodyStay() {
        FlowStage stage = stage(ScriptedExchange.untilDone(PRINCIPAL), "gone");
        expectEnd(stage, say(stage, BEGIN, "gone", "done"), 0x87);
        assertThat(refusals).containsExactly("client bad_authentication_method");
    }

    @Test
    void anotherMethodThanAtConnectIsAProtocolError() {
        FlowStage stage = stage(ScriptedExchange.untilDone(PRINCIPAL));
        expectEnd(stage, say(stage, BEGIN, "n", "done"), 0x82);
    }

    @Test
    void goingOnWithNothingIsAProtocolError() {
        FlowStage stage = stage(ScriptedExchange.untilDone(PRINCIPAL));
        expectEnd(stage, say(stage, CONTINUE, "m", "done"), 0x82);
    }

    @Test
    void beginningTwiceIsAProtocolErrorAndEndsTheExchange() {
        ScriptedExchange exchange = ScriptedExchange.untilDone(PRINCIPAL);
        FlowStage stage = stage(exchange);
        say(stage, BEGIN, "m", "x");
        expectEnd(stage, say(stage, BEGIN, "m", "x"), 0x82);
        assertThat(exchange.closed).isEqualTo(1);
    }

    @Test
    void aClientThatLeavesEndsTheExchange() {
        ScriptedExchange exchange = ScriptedExchange.untilDone(PRINCIPAL);
        FlowStage stage = stage(exchange);
        say(stage, BEGIN, "m", "x");
        stage.loops.in(0, () -> stage.client.end(ConnectionEnd.CONNECTION_LOST));
        stage.loops.runAll();
        assertThat(exchange.closed).isEqualTo(1);
        assertThat(stage.channel.sent()).as("nothing more is sent").isEmpty();
    }
}
