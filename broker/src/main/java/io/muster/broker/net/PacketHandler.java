package io.muster.broker.net;

import io.muster.broker.protocol.Client;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.session.ConnectionEnd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection after its CONNACK: takes packets to the flows, and watches that the client is alive.
 */
final class PacketHandler extends ChannelInboundHandlerAdapter implements PacketReceiver {

    private static final Logger log = LoggerFactory.getLogger(PacketHandler.class);

    /** The client is told to be seen at most once in this time. */
    private static final long SEEN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Connection connection;
    private final Client client;
    private final BrokerRules rules;
    private final long silenceNanosMax;
    private long lastReadNanos = System.nanoTime();
    private long lastSeenNanos = lastReadNanos;
    private @Nullable ScheduledFuture<?> keepAliveCheck;

    PacketHandler(Connection connection, Client client, BrokerRules rules) {
        this.connection = connection;
        this.client = client;
        this.rules = rules;
        // One and a half times the keep alive [MQTT-3.1.2-22].
        this.silenceNanosMax =
                TimeUnit.SECONDS.toNanos(client.link().client().keepAliveSeconds()) * 3 / 2;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (silenceNanosMax > 0) {
            scheduleKeepAliveCheck(context, silenceNanosMax);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (keepAliveCheck != null) {
            keepAliveCheck.cancel(false);
        }
    }

    private void scheduleKeepAliveCheck(ChannelHandlerContext context, long delayNanos) {
        keepAliveCheck =
                context.executor()
                        .schedule(() -> checkKeepAlive(context), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void checkKeepAlive(ChannelHandlerContext context) {
        long left = silenceNanosMax - (System.nanoTime() - lastReadNanos);
        if (left > 0) {
            scheduleKeepAliveCheck(context, left);
        } else if (!context.channel().config().isAutoRead()) {
            // It is us who do not listen, because of pressure; the client may well have spoken.
            scheduleKeepAliveCheck(context, silenceNanosMax);
        } else {
            client.end(ConnectionEnd.KEEP_ALIVE_TIMEOUT);
        }
    }

    @Override
    public void receive(int firstByte, ByteBuf body) {
        connection.count(firstByte, body);
        if (connection.isOpen()) {
            rules.packetFlows().receive(client, firstByte, body);
        }
    }

    @Override
    public void violated(ProtocolViolation violation) {
        if (connection.isOpen()) {
            rules.packetFlows().violated(client, violation);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!connection.isOpen()) {
            return; // The client has left: nothing is seen of it any more.
        }
        if (connection.isFlooded()) {
            connection.setReading(false);
        }
        lastReadNanos = System.nanoTime();
        if (lastReadNanos - lastSeenNanos >= SEEN_NANOS) {
            lastSeenNanos = lastReadNanos;
            rules.observer().seen(client.link().client());
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable() && connection.isOpen()) {
            connection.setReading(true);
            client.session().pump();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        client.end(ConnectionEnd.CONNECTION_LOST);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("connection failed client={}", client.session().clientIdentifier(), cause);
        } else {
            log.error("connection failed client={}", client.session().clientIdentifier(), cause);
        }
        context.close();
    }
}
