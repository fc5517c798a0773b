package io.muster.broker.net;

import io.muster.broker.log.Quoted;
import io.muster.broker.protocol.Client;
import io.muster.broker.protocol.packet.PacketType;
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
    private static final long PUBLISHED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The type of packet in the upper half of its first byte. */
    private static final int PUBLISH = PacketType.PUBLISH.value();

    private final Connection connection;
    private final Client client;
    private final BrokerRules rules;
    private final KeepAlive keepAlive;

    /** When the observer was last told that it published. */
    private long lastPublishedNanos;

    /** Since the last turn of reading. */
    private boolean heard;

    private boolean published;
    private @Nullable ScheduledFuture<?> keepAliveCheck;

    /** Whether the client is not read from because it does not read its answers. */
    private boolean stopped;

    /** What waited for the client to read when that was last looked at. */
    private long unsentBytes;

    PacketHandler(Connection connection, Client client, BrokerRules rules) {
        this.connection = connection;
        this.client = client;
        this.rules = rules;
        long nowNanos = System.nanoTime();
        this.lastPublishedNanos = nowNanos - PUBLISHED_NANOS;
        this.keepAlive = new KeepAlive(client.link().client().keepAliveSeconds(), nowNanos);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (keepAlive.isOn()) {
            scheduleKeepAliveCheck(context);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (keepAliveCheck != null) {
            keepAliveCheck.cancel(false);
        }
    }

    private void scheduleKeepAliveCheck(ChannelHandlerContext context) {
        keepAliveCheck =
                context.executor()
                        .schedule(
                                () -> checkKeepAlive(context),
                                keepAlive.leftNanos(System.nanoTime()),
                                TimeUnit.NANOSECONDS);
    }

    private void checkKeepAlive(ChannelHandlerContext context) {
        long nowNanos = System.nanoTime();
        if (keepAlive.leftNanos(nowNanos) <= 0) {
            if (!heard && !isExcused()) {
                client.end(ConnectionEnd.KEEP_ALIVE_TIMEOUT);
                return;
            }
            heard = false;
            keepAlive.restart(nowNanos);
        }
        scheduleKeepAliveCheck(context);
    }

    /**
     * Whether it is us who do not listen, because of pressure: the client may well have spoken. One
     * that is not listened to because it does not read its answers must read some of them.
     */
    private boolean isExcused() {
        if (!stopped) {
            return !connection.isReading();
        }
        long unsentBefore = unsentBytes;
        unsentBytes = connection.unsentBytes();
        return unsentBytes < unsentBefore;
    }

    @Override
    public boolean receive(int firstByte, ByteBuf body) {
        heard = true;
        int bodyBytes = body.readableBytes();
        boolean isDone =
                connection.isClosing() || rules.packetFlows().receive(client, firstByte, body);
        if (isDone) {
            published |= firstByte >>> 4 == PUBLISH;
            connection.count(firstByte, bodyBytes);
        }
        return isDone;
    }

    /** Who waits as a publisher is heard as a subscriber, and may ask whether we are there. */
    @Override
    public boolean overtakes(int firstByte) {
        return switch (PacketType.of(firstByte)) {
            case PUBACK, PUBREC, PUBREL, PUBCOMP, PINGREQ -> true;
            default -> false;
        };
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
            stopped = true;
            unsentBytes = connection.unsentBytes();
            connection.setReading(false);
        }
        if (heard) {
            heard = false;
            noteHeard(System.nanoTime());
        }
    }

    private void noteHeard(long nowNanos) {
        keepAlive.restart(nowNanos);
        if (published) {
            published = false;
            notePublished(nowNanos);
        }
    }

    private void notePublished(long nowNanos) {
        if (nowNanos - lastPublishedNanos >= PUBLISHED_NANOS) {
            lastPublishedNanos = nowNanos;
            rules.observer().published(client.link().client());
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable() && connection.isOpen()) {
            stopped = false;
            connection.setReading(true);
            client.session().pump();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        connection.goOnAfterClose();
        client.end(ConnectionEnd.CONNECTION_LOST);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Quoted name = new Quoted(client.session().clientIdentifier());
        if (cause instanceof IOException) {
            log.debug("connection failed client={}", name, cause);
        } else {
            log.error("connection failed client={}", name, cause);
        }
        context.close();
    }
}
