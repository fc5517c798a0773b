package io.muster.broker.net;

import io.muster.broker.log.Quoted;
import io.muster.broker.protocol.AuthDialogue;
import io.muster.broker.protocol.Client;
import io.muster.broker.protocol.ConnectRefused;
import io.muster.broker.protocol.connect.ConnectFlow;
import io.muster.broker.protocol.decode.AuthPacket;
import io.muster.broker.protocol.decode.ConnectPacket;
import io.muster.broker.protocol.decode.FieldReader;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.ConnectionEnd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection before its CONNACK. Waits for CONNECT, has it answered, and gives its seat to {@link
 * PacketHandler}. What the client sends behind its CONNECT waits, since reading is off meanwhile;
 * it is on again only while enhanced authentication awaits an AUTH.
 */
final class ConnectHandler extends ChannelInboundHandlerAdapter implements PacketReceiver {

    private static final Logger log = LoggerFactory.getLogger(ConnectHandler.class);
    private static final int VERSION_5 = 5;
    private static final int VERSION_3_1_1 = 4;

    private static final Set<ReasonCode> UNANSWERED_BEFORE_5 =
            EnumSet.of(
                    ReasonCode.MALFORMED_PACKET,
                    ReasonCode.PROTOCOL_ERROR,
                    ReasonCode.TOPIC_NAME_INVALID,
                    ReasonCode.PACKET_TOO_LARGE);

    private final Connection connection;
    private final BrokerRules rules;
    private final PacketSplitter splitter;
    private final boolean afterHandshake;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable AuthDialogue dialogue;

    /** What is being answered; null before and when that is done. */
    private @Nullable ConnectPacket connect;

    private PacketEncoder encoder = PacketEncoder.beforeLimits(false);
    private int protocolLevel = VERSION_3_1_1;
    private boolean connecting;
    private boolean finished;

    /**
     * A connection of which nothing is known.
     *
     * @param afterHandshake whether the time for its CONNECT begins when TLS is there
     */
    ConnectHandler(
            Connection connection,
            BrokerRules rules,
            PacketSplitter splitter,
            boolean afterHandshake) {
        this.connection = connection;
        this.rules = rules;
        this.splitter = splitter;
        this.afterHandshake = afterHandshake;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        splitter.receiver(this, rules.connectBytesMax());
        if (!afterHandshake) {
            arm(rules.connectTimeoutMillis(), this::giveUp);
        }
    }

    /** Until now the room of TLS watched the time. */
    @Override
    public void userEventTriggered(ChannelHandlerContext secured, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completion && completion.isSuccess()) {
            arm(rules.connectTimeoutMillis(), this::giveUp);
        }
        secured.fireUserEventTriggered(event);
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }

    private void giveUp() {
        log.info("no CONNECT in time address={}", connection.remoteAddress());
        context().close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        disarm();
        if (dialogue != null) {
            dialogue.giveUp("connection ended during enhanced authentication");
        }
    }

    /** What cannot become a CONNECT is not waited for [MQTT-3.1.0-1]. */
    @Override
    public boolean begins(int firstByte) {
        if (connecting || finished) {
            return true;
        }
        PacketType type = PacketType.of(firstByte);
        if (type == PacketType.CONNECT) {
            return hasGoodFlags(type, firstByte);
        }
        log.info(
                "first packet is not CONNECT address={} [MQTT-3.1.0-1]",
                connection.remoteAddress());
        finished = true;
        context().close();
        return false;
    }

    private boolean hasGoodFlags(PacketType type, int firstByte) {
        try {
            type.checkFlags(firstByte, protocolLevel);
            return true;
        } catch (ProtocolViolation violation) {
            violated(violation);
            return false;
        }
    }

    @Override
    public boolean receive(int firstByte, ByteBuf body) {
        connection.count(firstByte, body.readableBytes());
        if (finished) {
            return true;
        }
        try {
            if (connecting) {
                authenticate(PacketType.of(firstByte), firstByte, body);
            } else {
                begin(body);
            }
        } catch (ProtocolViolation violation) {
            violated(violation);
        }
        return true;
    }

    @Override
    public void violated(ProtocolViolation violation) {
        refuse(new ConnectRefused(violation.reason(), String.valueOf(violation.getMessage())));
    }

    private void begin(ByteBuf body) {
        FieldReader fields = rules.fields();
        protocolLevel = readLevel(fields, body);
        encoder = PacketEncoder.beforeLimits(protocolLevel == VERSION_5);
        if (protocolLevel == VERSION_5 && splitter.isPadded()) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET,
                    "remaining length takes more bytes than it needs [MQTT-1.5.5-1]");
        }
        ConnectPacket packet = readFields(fields, body);
        encoder = ConnectFlow.encoderFor(packet);
        connect(packet);
    }

    /**
     * A CONNECT that ends early is not answered: its length cannot be trusted, so what comes next
     * may be the rest of it, and its sender still speaks. Closing suffices [MQTT5 4.13.1].
     */
    private ConnectPacket readFields(FieldReader fields, ByteBuf body) {
        try {
            return ConnectPacket.read(fields, protocolLevel, body);
        } catch (ProtocolViolation violation) {
            if (violation.endsEarly()) {
                encoder = PacketEncoder.beforeLimits(false);
            }
            throw violation;
        }
    }

    /** The answer to a version that is not spoken here has to suit the client [MQTT-3.1.2-2]. */
    private int readLevel(FieldReader fields, ByteBuf body) {
        try {
            return ConnectPacket.readLevel(fields, body);
        } catch (ProtocolViolation violation) {
            boolean isUnknown = violation.reason() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
            encoder =
                    PacketEncoder.beforeLimits(
                            isUnknown && ConnectPacket.isLaidOutAsVersion5(fields, body));
            throw violation;
        }
    }

    private void connect(ConnectPacket packet) {
        connect = packet;
        connecting = true;
        connection.setReading(false);
        arm(
                rules.signInDeadlineMillis(),
                () ->
                        refuse(
                                new ConnectRefused(
                                        ReasonCode.SERVER_UNAVAILABLE, "sign-in took too long")));
        rules.connectFlow()
                .connect(connection, packet, begun -> dialogue = begun)
                .whenComplete(
                        (client, failure) ->
                                connection.loop().run(() -> conclude(client, failure)));
    }

    /** Until its CONNACK a client may send nothing but AUTH and DISCONNECT [MQTT-3.1.2-30]. */
    private void authenticate(PacketType type, int firstByte, ByteBuf body) {
        type.checkFlags(firstByte, protocolLevel);
        AuthDialogue running = dialogue;
        if (type == PacketType.DISCONNECT) {
            log.info("client left during sign-in address={}", connection.remoteAddress());
            finished = true;
            connection.close();
        } else if (type == PacketType.AUTH && running != null) {
            AuthPacket packet = AuthPacket.read(rules.fields(), body);
            connection.setReading(false);
            running.receive(packet);
        } else {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    type
                            + " before the CONNACK that enhanced authentication waits for"
                            + " [MQTT-3.1.2-30]");
        }
    }

    private void conclude(@Nullable Client client, @Nullable Throwable failure) {
        if (client == null) {
            refuse(failure);
        } else {
            seat(client);
        }
    }

    /** The client is in: its packets go to the flows from now on, those that came early first. */
    private void seat(Client client) {
        if (finished) {
            client.end(ConnectionEnd.CONNECTION_LOST);
            return;
        }
        finished = true;
        disarm();
        log.info(
                "client connected client={} principal={} address={} listener={} version={}",
                new Quoted(client.link().client().clientIdentifier()),
                new Quoted(client.link().client().identity().principal()),
                connection.remoteAddress(),
                connection.listener(),
                protocolLevel);
        PacketHandler handler = new PacketHandler(connection, client, rules);
        context().pipeline().replace(this, "packets", handler);
        splitter.receiver(handler, client.version5());
        connection.setReading(true);
    }

    private void refuse(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof ConnectRefused refused) {
            refuse(refused);
        } else if (cause instanceof ProtocolViolation violation) {
            violated(violation);
        } else {
            log.error("CONNECT failed address={}", connection.remoteAddress(), cause);
            refuse(new ConnectRefused(ReasonCode.UNSPECIFIED_ERROR, "internal error"));
        }
    }

    private void refuse(ConnectRefused refused) {
        if (finished) {
            return;
        }
        finished = true;
        disarm();
        rules.refusals().refused(refused.reason().name());
        log.info(
                "client refused address={} listener={} reason={} detail={}",
                connection.remoteAddress(),
                connection.listener(),
                refused.reason(),
                new Quoted(String.valueOf(refused.getMessage())));
        if (connection.isOpen()) {
            answer(refused.reason(), refused.serverReference());
            connection.closeGently();
        }
        tell(refused);
    }

    /** Of a CONNECT that could be read: the others say of nobody who he is. */
    private void tell(ConnectRefused refused) {
        ConnectPacket packet = connect;
        connect = null;
        if (packet != null) {
            refused.told(packet.clientIdentifier(), packet.username(), connection.remoteAddress())
                    .ifPresent(rules.observer()::signInRefused);
        }
    }

    /**
     * A CONNECT that breaks the rules is answered from MQTT 5.0 on [MQTT5 4.13.1], and not before
     * [MQTT3 MQTT-3.1.4-1]; one whose version cannot be read counts among those before.
     */
    private void answer(ReasonCode reason, Optional<String> serverReference) {
        if (encoder.isVersion5() || !UNANSWERED_BEFORE_5.contains(reason)) {
            rules.connectFlow().refuse(connection, encoder, reason, serverReference);
        }
    }

    private void arm(long millis, Runnable action) {
        disarm();
        deadline =
                context()
                        .executor()
                        .schedule(
                                () -> connection.loop().run(action), millis, TimeUnit.MILLISECONDS);
    }

    private void disarm() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        log.debug("connection failed address={}", connection.remoteAddress(), cause);
        failed.close();
    }
}
