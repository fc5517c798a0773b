package io.muster.broker.protocol;

import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import io.muster.auth.spi.EnhancedAuthenticator.Step.Continue;
import io.muster.auth.spi.EnhancedAuthenticator.Step.Finished;
import io.muster.broker.protocol.decode.AuthPacket;
import io.muster.broker.protocol.packet.EnhancedAuthentication;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of enhanced authentication over a connection: AUTH packets to and fro, until the
 * authenticator has an answer [MQTT5 4.12].
 *
 * <p>Confined to the loop that the connection is on.
 */
public final class AuthDialogue {

    /** More steps than any mechanism has. */
    private static final int STEPS_MAX = 16;

    private final ClientChannel channel;
    private final PacketEncoder encoder;
    private final String method;
    private final CompletableFuture<Finished> end = new CompletableFuture<>();
    private @Nullable CompletableFuture<AuthPacket> awaited;
    private int steps;

    /**
     * Nothing has been said yet.
     *
     * @param encoder knows what the client takes
     */
    public AuthDialogue(ClientChannel channel, PacketEncoder encoder, String method) {
        this.channel = channel;
        this.encoder = encoder;
        this.method = method;
    }

    /**
     * Takes in the client's AUTH.
     *
     * @throws ProtocolViolation if none is due, or it is of another method [MQTT-4.12.0-5]
     */
    public void receive(AuthPacket packet) {
        CompletableFuture<AuthPacket> due = awaited;
        if (due == null || packet.reauthenticate() || !packet.method().equals(method)) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "AUTH out of turn, or with another method than before [MQTT-4.12.0-5]");
        }
        awaited = null;
        due.complete(packet);
    }

    /**
     * Leads the exchange to its end and closes it. Called once.
     *
     * @param data what the client sent first
     * @return the end, on any thread; failed if the authenticator fails, or by {@link #giveUp}
     */
    public CompletionStage<Finished> lead(Exchange exchange, Optional<byte[]> data) {
        CompletionStage<Finished> closed = end.whenComplete((answer, failure) -> exchange.close());
        CompletableFuture.completedFuture(data)
                .thenCompose(first -> step(exchange, first))
                .whenComplete(this::finish);
        return closed;
    }

    private void finish(@Nullable Finished answer, @Nullable Throwable failure) {
        if (failure == null) {
            end.complete(answer);
        } else {
            end.completeExceptionally(failure);
        }
    }

    /**
     * Ends the exchange without an answer, unless it has ended: the client is gone, or was late. A
     * step that is under way is not waited for.
     *
     * @param why a sentence for the log
     */
    public void giveUp(String why) {
        awaited = null;
        end.completeExceptionally(new ConnectRefused(ReasonCode.UNSPECIFIED_ERROR, why));
    }

    private CompletionStage<Finished> step(Exchange exchange, Optional<byte[]> data) {
        if (++steps > STEPS_MAX) {
            throw new ConnectRefused(
                    ReasonCode.NOT_AUTHORIZED,
                    "enhanced authentication takes more than " + STEPS_MAX + " steps");
        }
        return exchange.next(data)
                .thenComposeAsync(step -> follow(exchange, step), task -> channel.loop().run(task));
    }

    private CompletionStage<Finished> follow(Exchange exchange, Step step) {
        if (step instanceof Finished finished) {
            return CompletableFuture.completedFuture(finished);
        }
        if (!channel.isOpen() || end.isDone()) {
            throw new ConnectRefused(
                    ReasonCode.UNSPECIFIED_ERROR, "connection closed during sign-in");
        }
        send(new EnhancedAuthentication(method, Optional.of(((Continue) step).data())));
        CompletableFuture<AuthPacket> answer = new CompletableFuture<>();
        awaited = answer;
        channel.setReading(true);
        return answer.thenCompose(packet -> step(exchange, packet.data()));
    }

    private void send(EnhancedAuthentication authentication) {
        if (!encoder.fits(authentication)) {
            throw new ConnectRefused(
                    ReasonCode.PACKET_TOO_LARGE,
                    "AUTH is larger than the client takes [MQTT-3.1.2-24]: "
                            + encoder.packetBytesMax());
        }
        channel.loop().counters().packetSent(PacketType.AUTH.value());
        encoder.auth(channel.outgoing(), ReasonCode.CONTINUE_AUTHENTICATION, authentication);
    }
}
