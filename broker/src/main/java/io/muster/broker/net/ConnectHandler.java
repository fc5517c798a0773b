package io.muster.broker.net;

import io.muster.broker.protocol.Client;
import io.muster.broker.protocol.ConnectRefused;
import io.muster.broker.protocol.PacketFlows;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.ConnectionEnd;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection before its CONNACK. Waits for CONNECT, has it answered, and gives its seat to {@link
 * PacketHandler}. What the client sends behind its CONNECT waits; no more than one read, since
 * reading is off meanwhile.
 */
final class ConnectHandler extends ChannelInboundHandlerAdapter {

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
    private final Queue<MqttMessage> early = new ArrayDeque<>(0);
    private @Nullable ScheduledFuture<?> deadline;
    private int protocolLevel = VERSION_3_1_1;
    private boolean connecting;
    private boolean finished;

    ConnectHandler(Connection connection, BrokerRules rules) {
        this.connection = connection;
        this.rules = rules;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        arm(context, rules.connectTimeoutMillis(), () -> giveUp(context));
    }

    private void giveUp(ChannelHandlerContext context) {
        log.info("no CONNECT in time address={}", connection.remoteAddress());
        context.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        disarm();
        early.forEach(ReferenceCountUtil::release);
        early.clear();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        MqttMessage packet = (MqttMessage) message;
        if (finished) {
            ReferenceCountUtil.release(packet);
        } else if (connecting) {
            early.add(packet);
        } else {
            begin(context, packet);
        }
    }

    private void begin(ChannelHandlerContext context, MqttMessage packet) {
        if (packet.decoderResult().isFailure()) {
            refuseUndecodable(packet);
        } else if (packet instanceof MqttConnectMessage connect) {
            connect(context, connect);
        } else {
            log.info(
                    "first packet is not CONNECT address={} [MQTT-3.1.0-1]",
                    connection.remoteAddress());
            finished = true;
            ReferenceCountUtil.release(packet);
            context.close();
        }
    }

    private void refuseUndecodable(MqttMessage packet) {
        Throwable cause = packet.decoderResult().cause();
        if (packet.variableHeader() instanceof MqttConnectVariableHeader header) {
            protocolLevel = header.version();
        }
        refuse(PacketFlows.violationOf(cause));
    }

    private void connect(ChannelHandlerContext context, MqttConnectMessage packet) {
        connecting = true;
        protocolLevel = packet.variableHeader().version();
        connection.setReading(false);
        arm(
                context,
                rules.signInDeadlineMillis(),
                () -> refuse(ReasonCode.SERVER_UNAVAILABLE, "sign-in took too long"));
        rules.connectFlow()
                .connect(connection, packet)
                .whenComplete(
                        (client, failure) ->
                                connection.loop().run(() -> conclude(context, client, failure)));
    }

    private void conclude(
            ChannelHandlerContext context, @Nullable Client client, @Nullable Throwable failure) {
        if (client == null) {
            refuse(failure);
        } else {
            seat(context, client);
        }
    }

    /** The client is in: its packets go to the flows from now on, those that came early first. */
    private void seat(ChannelHandlerContext context, Client client) {
        if (finished) {
            client.end(ConnectionEnd.CONNECTION_LOST);
            return;
        }
        finished = true;
        disarm();
        log.info(
                "client connected client={} principal={} address={} listener={} version={}",
                client.link().client().clientIdentifier(),
                client.link().client().identity().principal(),
                connection.remoteAddress(),
                connection.listener(),
                protocolLevel);
        PacketHandler handler = new PacketHandler(connection, client, rules);
        Queue<MqttMessage> waiting = new ArrayDeque<>(early);
        early.clear();
        context.pipeline().replace(this, "packets", handler);
        // Through the pipeline, so that a packet that fails here fails like any other.
        ChannelHandlerContext decoder = context.pipeline().context(MqttDecoder.class);
        waiting.forEach(decoder::fireChannelRead);
        connection.setReading(true);
    }

    private void refuse(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof ConnectRefused refused) {
            refuse(refused.reason(), String.valueOf(refused.getMessage()));
        } else if (cause instanceof ProtocolViolation violation) {
            refuse(violation.reason(), String.valueOf(violation.getMessage()));
        } else {
            log.error("CONNECT failed address={}", connection.remoteAddress(), cause);
            refuse(ReasonCode.UNSPECIFIED_ERROR, "internal error");
        }
    }

    private void refuse(ReasonCode reason, String detail) {
        if (finished) {
            return;
        }
        finished = true;
        disarm();
        rules.refusals().refused(reason.name());
        log.info(
                "client refused address={} listener={} reason={} detail=\"{}\"",
                connection.remoteAddress(),
                connection.listener(),
                reason,
                detail);
        if (connection.isOpen()) {
            answer(reason);
            connection.closeGently();
        }
    }

    /** Before MQTT 5.0 a broken CONNECT is closed without an answer [MQTT-3.1.4-1]. */
    private void answer(ReasonCode reason) {
        boolean hasAnswer = protocolLevel >= VERSION_5 || !UNANSWERED_BEFORE_5.contains(reason);
        if (hasAnswer) {
            rules.connectFlow().refuse(connection, protocolLevel, reason);
        }
    }

    private void arm(ChannelHandlerContext context, long millis, Runnable action) {
        disarm();
        deadline =
                context.executor()
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
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("connection failed address={}", connection.remoteAddress(), cause);
        context.close();
    }
}
