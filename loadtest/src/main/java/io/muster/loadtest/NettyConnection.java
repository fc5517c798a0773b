package io.muster.loadtest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the {@link NettyMqttClient}. Confined to its event loop.
 *
 * <p>Publications and acknowledgements are the many packets; they are appended to one outgoing
 * buffer that leaves in one write for each turn, and arrive from a reader of their own. All other
 * packets go through Netty's codec.
 */
final class NettyConnection extends SimpleChannelInboundHandler<MqttMessage>
        implements MqttClient.Connection {

    private static final int PACKET_IDENTIFIER_MAX = 65_535;
    private static final int IDENTIFIER_TURN = 1024;
    private static final int PUBLISH = 0x30;
    private static final int PUBACK = 0x40;
    private static final int PUBREC = 0x50;
    private static final int PUBREL = 0x62;
    private static final int PUBCOMP = 0x70;

    /**
     * Reason codes from here on are refusals, in all packets of MQTT 5 and in the SUBACK of 3.1.1.
     */
    private static final int REFUSED_MIN = 0x80;

    private final boolean version5;
    private final DeviceFleet.SignIn signIn;
    private final MqttClient.Listener listener;
    private final CompletableFuture<MqttClient.Connection> signedIn = new CompletableFuture<>();
    private final CompletableFuture<Void> subscribed = new CompletableFuture<>();

    private final BitSet identifiersInUse = new BitSet();
    private final BitSet receivedExactlyOnce = new BitSet();
    private int nextIdentifier = 1;
    private volatile int receiveMaximum = PACKET_IDENTIFIER_MAX;
    private @Nullable ByteBuf outgoing;
    private @Nullable String lostBecause;
    private volatile @Nullable Channel channel;

    NettyConnection(String version, DeviceFleet.SignIn signIn, MqttClient.Listener listener) {
        this.version5 = version.equals(MqttClient.Target.VERSION_5);
        this.signIn = signIn;
        this.listener = listener;
    }

    /** Completed when the CONNACK came. */
    CompletableFuture<MqttClient.Connection> signedIn() {
        return signedIn;
    }

    /** The connection did not come about. */
    void fail(IOException reason) {
        signedIn.completeExceptionally(reason);
    }

    @Override
    public EventExecutor executor() {
        return channel().eventLoop();
    }

    @Override
    public int receiveMaximum() {
        return receiveMaximum;
    }

    @Override
    public boolean writable() {
        return channel().isWritable()
                && (outgoing == null || outgoing.readableBytes() < MqttClient.OUTGOING_BYTES_MAX);
    }

    @Override
    public void publish(String topic, byte[] payload, int qos) {
        int topicBytes = ByteBufUtil.utf8Bytes(topic);
        int remaining = 2 + topicBytes + (qos > 0 ? 2 : 0) + (version5 ? 1 : 0) + payload.length;
        ByteBuf buffer = outgoing();
        buffer.writeByte(PUBLISH | (qos << 1));
        writeLength(buffer, remaining);
        buffer.writeShort(topicBytes);
        ByteBufUtil.writeUtf8(buffer, topic);
        if (qos > 0) {
            buffer.writeShort(takeIdentifier());
        }
        if (version5) {
            // No properties.
            buffer.writeByte(0);
        }
        buffer.writeBytes(payload);
    }

    @Override
    public void flush() {
        ByteBuf buffer = outgoing;
        if (buffer != null) {
            outgoing = null;
            Channel current = channel();
            ignore(current.writeAndFlush(buffer, current.voidPromise()));
        }
    }

    @Override
    public CompletableFuture<Void> subscribe(List<String> filters, int qos) {
        MqttMessageBuilders.SubscribeBuilder subscribe =
                MqttMessageBuilders.subscribe().messageId(PACKET_IDENTIFIER_MAX);
        for (String filter : filters) {
            subscribe.addSubscription(MqttQoS.valueOf(qos), filter);
        }
        ignore(channel().writeAndFlush(subscribe.build()));
        return subscribed.orTimeout(MqttClient.ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ignore(ctx.writeAndFlush(connectMessage()));
        var unused =
                ctx.executor()
                        .schedule(
                                () -> closeIfNotSignedIn(ctx),
                                MqttClient.ANSWER_SECONDS_MAX,
                                TimeUnit.SECONDS);
        long pingSeconds = MqttClient.KEEP_ALIVE_SECONDS / 2;
        var pings =
                ctx.executor()
                        .scheduleAtFixedRate(
                                () -> ignore(ctx.writeAndFlush(MqttMessage.PINGREQ)),
                                pingSeconds,
                                pingSeconds,
                                TimeUnit.SECONDS);
        ctx.channel().closeFuture().addListener(closed -> pings.cancel(false));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
        if (message.decoderResult().isFailure()) {
            String cause = String.valueOf(message.decoderResult().cause().getMessage());
            lose(ctx, "the broker sent a malformed packet: " + cause);
            return;
        }
        switch (message.fixedHeader().messageType()) {
            case CONNACK -> connectionAcknowledged(ctx, (MqttConnAckMessage) message);
            case SUBACK -> subscriptionAcknowledged((MqttSubAckMessage) message);
            case PINGRESP -> {}
            case DISCONNECT -> lose(ctx, "the broker sent DISCONNECT " + reasonOf(message));
            default ->
                    lose(
                            ctx,
                            "the broker sent "
                                    + message.fixedHeader().messageType()
                                    + ", which only clients send");
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            listener.writable();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        lose(
                ctx,
                cause instanceof DecoderException
                        ? "the broker sent a malformed packet: " + cause.getMessage()
                        : String.valueOf(cause.getMessage()));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (outgoing != null) {
            outgoing.release();
            outgoing = null;
        }
        String reason = lostBecause == null ? "closed by the broker" : lostBecause;
        subscribed.completeExceptionally(new IOException(reason));
        boolean neverSignedIn =
                signedIn.completeExceptionally(new IOException(reason + " before the CONNACK"));
        if (!neverSignedIn
                && !signedIn.isCompletedExceptionally()
                && !ctx.executor().isShuttingDown()) {
            listener.lost(reason);
        }
    }

    private MqttConnectMessage connectMessage() {
        MqttMessageBuilders.ConnectBuilder connect =
                MqttMessageBuilders.connect()
                        .protocolVersion(version5 ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1)
                        .clientId(signIn.clientId())
                        .cleanSession(true)
                        .keepAlive(MqttClient.KEEP_ALIVE_SECONDS)
                        .properties(MqttProperties.NO_PROPERTIES);
        if (signIn.username() != null) {
            connect.hasUser(true).username(signIn.username());
        }
        if (signIn.password() != null) {
            connect.hasPassword(true).password(signIn.password().getBytes(StandardCharsets.UTF_8));
        }
        return connect.build();
    }

    private void closeIfNotSignedIn(ChannelHandlerContext ctx) {
        if (!signedIn.isDone()) {
            lose(ctx, "no CONNACK within " + MqttClient.ANSWER_SECONDS_MAX + " s");
        }
    }

    private void connectionAcknowledged(ChannelHandlerContext ctx, MqttConnAckMessage message) {
        MqttConnectReturnCode code = message.variableHeader().connectReturnCode();
        if (code != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
            signedIn.completeExceptionally(new IOException("sign-in refused: " + inWords(code)));
            ignore(ctx.close());
            return;
        }
        MqttProperties.MqttProperty<?> maximum =
                message.variableHeader().properties().getProperty(MqttProperties.RECEIVE_MAXIMUM);
        if (maximum != null && maximum.value() instanceof Integer value) {
            receiveMaximum = value;
        }
        signedIn.complete(this);
    }

    /** For example {@code not authorized (CONNACK 5)}. */
    private static String inWords(MqttConnectReturnCode code) {
        String words =
                code.name()
                        .replace("CONNECTION_REFUSED_", "")
                        .replaceAll("_5$", "")
                        .replace('_', ' ')
                        .toLowerCase(Locale.ROOT);
        return "%s (CONNACK %d)".formatted(words, code.byteValue() & 0xff);
    }

    private void subscriptionAcknowledged(MqttSubAckMessage message) {
        for (int code : message.payload().reasonCodes()) {
            if (code >= REFUSED_MIN) {
                subscribed.completeExceptionally(
                        new IOException("subscription refused (SUBACK %d)".formatted(code)));
            }
        }
        subscribed.complete(null);
    }

    /**
     * Takes a PUBLISH.
     *
     * @param payload valid only during the call
     */
    void received(int qos, int identifier, ByteBuf payload) {
        if (qos == 1) {
            reply(PUBACK, identifier);
        } else if (qos == 2) {
            reply(PUBREC, identifier);
            if (receivedExactlyOnce.get(identifier)) {
                // [MQTT-4.3.3-10]: a repetition within the exchange is not a new message.
                return;
            }
            receivedExactlyOnce.set(identifier);
        }
        listener.message(payload);
    }

    /** Takes a PUBACK, PUBREC, PUBREL or PUBCOMP. */
    void acknowledged(int firstByte, int identifier, int reasonCode) {
        switch (firstByte) {
            case PUBREC -> publicationReceived(identifier, reasonCode);
            case PUBREL -> released(identifier);
            default -> publicationComplete(firstByte, identifier, reasonCode);
        }
    }

    private void released(int identifier) {
        receivedExactlyOnce.clear(identifier);
        reply(PUBCOMP, identifier);
    }

    private void publicationReceived(int identifier, int reasonCode) {
        if (reasonCode >= REFUSED_MIN) {
            // [MQTT-4.3.3-4]: a refusal ends the exchange, no PUBREL follows.
            publicationComplete(PUBREC, identifier, reasonCode);
            return;
        }
        reply(PUBREL, identifier);
    }

    private void publicationComplete(int firstByte, int identifier, int reasonCode) {
        MqttMessageType type = MqttMessageType.valueOf(firstByte >> 4);
        if (!identifiersInUse.get(identifier)) {
            listener.problem("the broker sent a " + type + " for a packet that was not sent");
            return;
        }
        if (reasonCode >= REFUSED_MIN) {
            listener.problem("publication refused (%s %d)".formatted(type, reasonCode));
        }
        identifiersInUse.clear(identifier);
        listener.acknowledged();
    }

    private static String reasonOf(MqttMessage message) {
        return message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? Integer.toString(header.reasonCode() & 0xff)
                : "without a reason";
    }

    private void reply(int firstByte, int identifier) {
        outgoing().writeByte(firstByte).writeByte(2).writeShort(identifier);
    }

    /**
     * The publisher keeps at most 65,535 in flight, so one is free. They are taken in turn, but
     * from a short range as long as that suffices, which keeps the set of those in use small.
     */
    private int takeIdentifier() {
        int identifier = identifiersInUse.nextClearBit(nextIdentifier);
        if (identifier > PACKET_IDENTIFIER_MAX) {
            identifier = identifiersInUse.nextClearBit(1);
        }
        identifiersInUse.set(identifier);
        nextIdentifier = identifier < IDENTIFIER_TURN ? identifier + 1 : 1;
        return identifier;
    }

    private ByteBuf outgoing() {
        ByteBuf buffer = outgoing;
        if (buffer == null) {
            buffer = channel().alloc().buffer();
            outgoing = buffer;
        }
        return buffer;
    }

    private static void writeLength(ByteBuf buffer, int length) {
        int rest = length;
        while (rest > 0x7f) {
            buffer.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte(rest);
    }

    private Channel channel() {
        Channel current = channel;
        if (current == null) {
            throw new IllegalStateException("not connected yet");
        }
        return current;
    }

    /** Ends the connection, which {@link #channelInactive} tells with this reason. */
    void lose(ChannelHandlerContext ctx, String reason) {
        if (lostBecause == null) {
            lostBecause = reason;
        }
        ignore(ctx.close());
    }

    /** A write that fails closes the channel, which {@link #channelInactive} tells. */
    private static void ignore(ChannelFuture written) {
        assert written != null;
    }
}
