package io.muster.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
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
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the {@link NettyMqttClient}. Confined to its event loop.
 *
 * <p>Publications and acknowledgements are the many packets; they are appended to one outgoing
 * buffer that leaves in one write at the end of the turn, and arrive from a reader of their own.
 * All other packets go through Netty's codec.
 */
final class NettyConnection extends SimpleChannelInboundHandler<MqttMessage>
        implements MqttClient.Connection {

    private static final int QOS_SHIFT = 1;
    private static final int QOS_MASK = 3;
    private static final int RETAIN = 1;

    /**
     * Reason codes from here on are refusals, in all packets of MQTT 5 and in the SUBACK of 3.1.1.
     */
    private static final int REFUSED_MIN = 0x80;

    private final boolean version5;
    private final SignIn signIn;
    private final MqttClient.Listener listener;
    private final CompletableFuture<MqttClient.Connection> signedIn = new CompletableFuture<>();
    private final CompletableFuture<Void> subscribed = new CompletableFuture<>();

    private final Consumer<NettyConnection> turnEnds;
    private final OutgoingPackets outgoing;
    private final BitSet receivedExactlyOnce = new BitSet();
    private volatile int receiveMaximum = OutgoingPackets.IDENTIFIER_MAX;
    private volatile boolean sessionPresent;
    private volatile boolean closing;
    private boolean dirty;
    private @Nullable String lostBecause;
    private volatile @Nullable Channel channel;

    /**
     * A connection to be.
     *
     * @param turnEnds is told, on the event loop, that {@link #endTurn} must be called when all
     *     that is to be read now has been
     */
    NettyConnection(
            boolean version5,
            SignIn signIn,
            MqttClient.Listener listener,
            Consumer<NettyConnection> turnEnds) {
        this.turnEnds = turnEnds;
        this.version5 = version5;
        this.outgoing = new OutgoingPackets(version5);
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
    public boolean sessionPresent() {
        return sessionPresent;
    }

    @Override
    public boolean writable() {
        return channel().isWritable() && outgoing.length() < MqttClient.OUTGOING_BYTES_MAX;
    }

    @Override
    public void publish(String topic, ByteBuf payload, int qos, boolean retain) {
        noteDirty();
        outgoing.publish(topic, payload, qos, retain);
    }

    private void noteDirty() {
        if (!dirty) {
            dirty = true;
            turnEnds.accept(this);
        }
    }

    /** It leaves at the end of the turn, but much does not wait for that. */
    @Override
    public void flush() {
        if (outgoing.length() >= MqttClient.OUTGOING_BYTES_MAX) {
            send();
        }
    }

    /** Sends what the turn has brought about. */
    void endTurn() {
        dirty = false;
        send();
    }

    private void send() {
        Channel current = channel();
        ByteBuf buffer = outgoing.take(current.alloc());
        if (buffer != null) {
            ignore(current.writeAndFlush(buffer, current.voidPromise()));
        }
    }

    @Override
    public CompletableFuture<Void> subscribe(List<String> filters, int qos) {
        MqttMessageBuilders.SubscribeBuilder subscribe =
                MqttMessageBuilders.subscribe().messageId(OutgoingPackets.IDENTIFIER_MAX);
        for (String filter : filters) {
            subscribe.addSubscription(MqttQoS.valueOf(qos), filter);
        }
        ignore(channel().writeAndFlush(subscribe.build()));
        return subscribed.orTimeout(MqttClient.ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    }

    @Override
    public CompletableFuture<Void> disconnect() {
        closing = true;
        Channel current = channel();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        current.closeFuture().addListener(done -> closed.complete(null));
        current.writeAndFlush(MqttMessage.DISCONNECT).addListener(ChannelFutureListener.CLOSE);
        return closed;
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
        listener.turnEnded();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            listener.writable();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        lose(ctx, inWords(cause));
    }

    private static String inWords(Throwable cause) {
        if (cause instanceof DecoderException) {
            return cause.getCause() instanceof SSLException refused
                    ? "TLS failed: " + refused.getMessage()
                    : "the broker sent a malformed packet: " + cause.getMessage();
        }
        return String.valueOf(cause.getMessage());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        listener.turnEnded();
        outgoing.clear();
        String reason = lostBecause == null ? "closed by the broker" : lostBecause;
        subscribed.completeExceptionally(new IOException(reason));
        boolean neverSignedIn =
                signedIn.completeExceptionally(new IOException(reason + " before the CONNACK"));
        if (!neverSignedIn
                && !signedIn.isCompletedExceptionally()
                && !closing
                && !ctx.executor().isShuttingDown()) {
            listener.lost(reason);
        }
    }

    private MqttConnectMessage connectMessage() {
        MqttMessageBuilders.ConnectBuilder connect =
                MqttMessageBuilders.connect()
                        .protocolVersion(version5 ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1)
                        .clientId(signIn.clientId())
                        .cleanSession(!signIn.keepsSession())
                        .keepAlive(MqttClient.KEEP_ALIVE_SECONDS)
                        .properties(properties());
        if (signIn.username() != null) {
            connect.hasUser(true).username(signIn.username());
        }
        if (signIn.password() != null) {
            connect.hasPassword(true).password(signIn.password().getBytes(StandardCharsets.UTF_8));
        }
        return connect.build();
    }

    /** A session of MQTT 3.1.1 that is kept is kept for ever. */
    private MqttProperties properties() {
        if (!version5 || !signIn.keepsSession()) {
            return MqttProperties.NO_PROPERTIES;
        }
        MqttProperties properties = new MqttProperties();
        properties.add(
                new MqttProperties.IntegerProperty(
                        MqttProperties.SESSION_EXPIRY_INTERVAL, MqttClient.SESSION_EXPIRY_SECONDS));
        return properties;
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
        sessionPresent = message.variableHeader().isSessionPresent();
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
     * @param nanos when its bytes had been read
     */
    void received(int firstByte, int identifier, ByteBuf payload, long nanos) {
        int qos = firstByte >> QOS_SHIFT & QOS_MASK;
        if (qos == 1) {
            reply(OutgoingPackets.PUBACK, identifier);
        } else if (qos == 2) {
            reply(OutgoingPackets.PUBREC, identifier);
            if (receivedExactlyOnce.get(identifier)) {
                // [MQTT-4.3.3-10]: a repetition within the exchange is not a new message.
                return;
            }
            receivedExactlyOnce.set(identifier);
        }
        listener.message(payload, (firstByte & RETAIN) != 0, nanos);
    }

    /** Takes a PUBACK, PUBREC, PUBREL or PUBCOMP. */
    void acknowledged(int firstByte, int identifier, int reasonCode) {
        switch (firstByte) {
            case OutgoingPackets.PUBREC -> publicationReceived(identifier, reasonCode);
            case OutgoingPackets.PUBREL -> released(identifier);
            default -> publicationComplete(firstByte, identifier, reasonCode);
        }
    }

    private void released(int identifier) {
        receivedExactlyOnce.clear(identifier);
        reply(OutgoingPackets.PUBCOMP, identifier);
    }

    private void publicationReceived(int identifier, int reasonCode) {
        if (reasonCode >= REFUSED_MIN) {
            // [MQTT-4.3.3-4]: a refusal ends the exchange, no PUBREL follows.
            publicationComplete(OutgoingPackets.PUBREC, identifier, reasonCode);
            return;
        }
        reply(OutgoingPackets.PUBREL, identifier);
    }

    private void publicationComplete(int firstByte, int identifier, int reasonCode) {
        MqttMessageType type = MqttMessageType.valueOf(firstByte >> 4);
        if (!outgoing.complete(identifier)) {
            listener.problem("the broker sent a " + type + " for a packet that was not sent");
            return;
        }
        if (reasonCode >= REFUSED_MIN) {
            listener.problem("publication refused (%s %d)".formatted(type, reasonCode));
        }
        listener.acknowledged();
    }

    private static String reasonOf(MqttMessage message) {
        return message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? Integer.toString(header.reasonCode() & 0xff)
                : "without a reason";
    }

    private void reply(int firstByte, int identifier) {
        noteDirty();
        outgoing.acknowledge(firstByte, identifier);
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
