package io.muster.broker.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import io.muster.auth.spi.EnhancedAuthenticator.Step.Finished;
import io.muster.broker.protocol.decode.AuthPacket;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.session.HandLoops;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthDialogueTest {

    private final HandLoops loops = new HandLoops(1);
    private final RecordingChannel channel = new RecordingChannel(loops.loop(0));
    private final AuthDialogue dialogue = new AuthDialogue(channel, new PacketEncoder(true), "m");

    private CompletableFuture<Finished> lead(ScriptedExchange exchange, String first) {
        channel.setReading(false);
        CompletableFuture<Finished> end =
                loops.ask(0, () -> dialogue.lead(exchange, Optional.of(first.getBytes(UTF_8))))
                        .toCompletableFuture();
        loops.runAll();
        return end;
    }

    private void say(String data) {
        receive(new AuthPacket(false, "m", Optional.of(data.getBytes(UTF_8))));
    }

    private void receive(AuthPacket packet) {
        loops.in(0, () -> dialogue.receive(packet));
        loops.runAll();
    }

    @Test
    void goesToAndFroUntilThereIsAnAnswer() {
        ScriptedExchange exchange = ScriptedExchange.untilDone("p");
        CompletableFuture<Finished> end = lead(exchange, "hello");
        assertThat(channel.sent()).isEqualTo("f00d180b1500016d1600046d6f7265");
        assertThat(channel.isReading()).as("the client's answer is read").isTrue();
        receive(new AuthPacket(false, "m", Optional.empty()));
        assertThat(end).isNotDone();
        say("done");
        assertThat(end).isCompleted();
        assertThat(end.join().result()).isInstanceOf(AuthResult.Accept.class);
        assertThat(exchange.received).containsExactly("hello", "-", "done");
        assertThat(exchange.closed).isEqualTo(1);
    }

    @Test
    void anAnswerAtOnceNeedsNoPacket() {
        ScriptedExchange exchange = ScriptedExchange.untilDone("p");
        assertThat(lead(exchange, "done")).isCompleted();
        assertThat(channel.sent()).isEmpty();
        assertThat(exchange.closed).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"true, m", "false, n", "false, M", "true, n"})
    void anotherBeginningOrMethodIsAProtocolError(boolean reauthenticate, String method) {
        lead(ScriptedExchange.untilDone("p"), "hello");
        AuthPacket packet = new AuthPacket(reauthenticate, method, Optional.empty());
        assertThatThrownBy(() -> receive(packet)).isInstanceOf(ProtocolViolation.class);
        receive(new AuthPacket(false, "m", Optional.empty())); // is still awaited
    }

    @Test
    void authOutOfTurnIsAProtocolError() {
        ScriptedExchange slow = new ScriptedExchange(said -> new CompletableFuture<>());
        lead(slow, "hello");
        assertThatThrownBy(() -> say("impatient")).isInstanceOf(ProtocolViolation.class);
        assertThat(slow.received).containsExactly("hello");
    }

    @Test
    void anExchangeWithoutEndIsRefused() {
        ScriptedExchange endless = new ScriptedExchange(said -> ScriptedExchange.goOn("x"));
        CompletableFuture<Finished> end = lead(endless, "1");
        for (int i = 2; i <= 17; i++) {
            assertThat(end).as("step %d", i).isNotDone();
            say(String.valueOf(i));
        }
        assertThat(end).isCompletedExceptionally();
        assertThat(endless.received).hasSize(16);
        assertThat(endless.closed).isEqualTo(1);
    }

    private void expectFailure(ScriptedExchange exchange) {
        assertThat(lead(exchange, "hello")).isCompletedExceptionally();
        assertThat(channel.sent()).isEmpty();
        assertThat(exchange.closed).isEqualTo(1);
    }

    @Test
    void aStepThatThrowsFailsTheExchange() {
        expectFailure(
                new ScriptedExchange(
                        said -> {
                            throw new IllegalStateException("broken");
                        }));
    }

    @Test
    void aStepThatFailsFailsTheExchange() {
        expectFailure(
                new ScriptedExchange(
                        said -> CompletableFuture.failedFuture(new IllegalStateException())));
    }

    @Test
    @SuppressWarnings("NullAway") // what a plug-in must not do
    void aStepThatIsNullFailsTheExchange() {
        expectFailure(new ScriptedExchange(said -> null));
    }

    @Test
    void aLaterStepThatThrowsFailsTheExchange() {
        ScriptedExchange exchange =
                new ScriptedExchange(
                        said -> {
                            if (said.equals("hello")) {
                                return ScriptedExchange.goOn("x");
                            }
                            throw new IllegalStateException("broken");
                        });
        CompletableFuture<Finished> end = lead(exchange, "hello");
        say("next");
        assertThat(end).isCompletedExceptionally();
        assertThat(exchange.closed).isEqualTo(1);
    }

    @Test
    void whenTheClientIsGoneTheExchangeIsClosed() {
        ScriptedExchange exchange = ScriptedExchange.untilDone("p");
        CompletableFuture<Finished> end = lead(exchange, "hello");
        loops.in(0, () -> dialogue.giveUp("over"));
        assertThat(end).isCompletedExceptionally();
        assertThat(exchange.closed).isEqualTo(1);
        assertThatThrownBy(() -> say("done")).isInstanceOf(ProtocolViolation.class);
        loops.in(0, () -> dialogue.giveUp("over"));
        assertThat(exchange.closed).as("once").isEqualTo(1);
    }

    @Test
    void aStepUnderWayIsNotWaitedForWhenTheClientIsGone() {
        CompletableFuture<Step> late = new CompletableFuture<>();
        ScriptedExchange exchange = new ScriptedExchange(said -> late);
        CompletableFuture<Finished> end = lead(exchange, "hello");
        loops.in(0, () -> dialogue.giveUp("over"));
        assertThat(end).isCompletedExceptionally();
        assertThat(exchange.closed).isEqualTo(1);
        late.complete(ScriptedExchange.goOn("too late").toCompletableFuture().join());
        loops.runAll();
        assertThat(channel.sent()).isEmpty();
    }

    @Test
    void givingUpAfterTheEndChangesNothing() {
        ScriptedExchange exchange = ScriptedExchange.untilDone("p");
        CompletableFuture<Finished> end = lead(exchange, "done");
        loops.in(0, () -> dialogue.giveUp("over"));
        assertThat(end).isCompleted();
        assertThat(exchange.closed).isEqualTo(1);
    }

    @Test
    void aClosedConnectionIsSentNothing() {
        CompletableFuture<Step> step = new CompletableFuture<>();
        ScriptedExchange exchange = new ScriptedExchange(said -> step);
        CompletableFuture<Finished> end = lead(exchange, "hello");
        channel.close();
        step.complete(ScriptedExchange.goOn("x").toCompletableFuture().join());
        loops.runAll();
        assertThat(channel.sent()).isEmpty();
        assertThat(end).isCompletedExceptionally();
        assertThat(exchange.closed).isEqualTo(1);
    }
}
