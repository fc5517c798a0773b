package io.muster.hub.certificates;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of clients of MQTT 5.0 over mutual TLS on one loop, each with a certificate of its own.
 * They connect, and say when they were closed and how.
 */
public final class TlsFleet implements AutoCloseable {

    private static final int HANDSHAKES_MAX = 64;
    private static final int MINUTE = 60;

    private final InetSocketAddress address;
    private final SslContext context;
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<String, TestPki.Issued> certificates;
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private final Semaphore handshakes = new Semaphore(HANDSHAKES_MAX);

    /** A client, which was let in. */
    public static final class Member {

        private final CompletableFuture<Integer> answer = new CompletableFuture<>();
        private final CompletableFuture<Long> closed = new CompletableFuture<>();
        private volatile int reason = TlsClient.CLOSED;

        /** When it was closed, by {@link System#nanoTime}; waits for that. */
        public long closedAt() {
            return closed.orTimeout(MINUTE, TimeUnit.SECONDS).join();
        }

        /** Whether it is still there. */
        public boolean isThere() {
            return !closed.isDone();
        }

        /** The reason code of the DISCONNECT, or {@link TlsClient#CLOSED}. */
        public int reason() {
            return reason;
        }
    }

    /**
     * One that is not connected.
     *
     * @param certificates by the client identifiers of those who show them
     */
    public TlsFleet(InetSocketAddress address, Map<String, TestPki.Issued> certificates) {
        this.address = address;
        this.certificates = Map.copyOf(certificates);
        try {
            context =
                    SslContextBuilder.forClient()
                            .keyManager(new Keys())
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .endpointIdentificationAlgorithm(null)
                            .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All of them connect; returns when they are let in, and throws if one is not. */
    public Map<String, Member> connect() {
        for (String name : new TreeMap<>(certificates).keySet()) {
            handshakes.acquireUninterruptibly();
            Member member = new Member();
            members.put(name, member);
            member.answer.whenComplete((code, failure) -> handshakes.release());
            new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .handler(new Pipeline(name, member))
                    .connect(address)
                    .addListener(
                            connected -> {
                                if (!connected.isSuccess()) {
                                    member.answer.completeExceptionally(connected.cause());
                                }
                            });
        }
        members.forEach(
                (name, member) -> {
                    int code = member.answer.orTimeout(MINUTE, TimeUnit.SECONDS).join();
                    if (code != 0) {
                        throw new IllegalStateException(name + " was refused: " + code);
                    }
                });
        return Map.copyOf(members);
    }

    private final class Pipeline extends ChannelInitializer<Channel> {

        private final String name;
        private final Member member;

        Pipeline(String name, Member member) {
            this.name = name;
            this.member = member;
        }

        @Override
        protected void initChannel(Channel channel) {
            // The name of the peer is how the key manager knows who asks.
            channel.pipeline()
                    .addLast(
                            context.newHandler(channel.alloc(), name, address.getPort()),
                            new Packets(name, member));
        }
    }

    /** Sends CONNECT, and reads CONNACK and DISCONNECT. */
    private static final class Packets extends ByteToMessageDecoder {

        private final String name;
        private final Member member;

        Packets(String name, Member member) {
            this.name = name;
            this.member = member;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event)
                throws Exception {
            if (event instanceof SslHandshakeCompletionEvent end && end.isSuccess()) {
                context.writeAndFlush(connect(name));
            }
            super.userEventTriggered(context, event);
        }

        private static ByteBuf connect(String name) {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            return Unpooled.buffer()
                    .writeByte(0x10)
                    .writeByte(13 + text.length)
                    .writeBytes(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 5, 2, 2, 88, 0})
                    .writeShort(text.length)
                    .writeBytes(text);
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            int from = in.readerIndex();
            if (in.readableBytes() < 2 || in.readableBytes() < 2 + in.getByte(from + 1)) {
                return;
            }
            int type = in.getUnsignedByte(from) & 0xF0;
            int length = in.getByte(from + 1);
            if (type == 0x20) {
                member.answer.complete((int) in.getUnsignedByte(from + 3));
            } else if (type == 0xE0) {
                member.reason = length == 0 ? 0 : in.getUnsignedByte(from + 2);
            }
            in.skipBytes(2 + length);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) throws Exception {
            super.channelInactive(context);
            member.answer.complete(TlsClient.CLOSED);
            member.closed.complete(System.nanoTime());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private final class Keys extends X509ExtendedKeyManager {

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] types, Principal[] issuers, SSLEngine engine) {
            return engine.getPeerHost();
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {issued(alias).certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return issued(alias).keys().getPrivate();
        }

        private TestPki.Issued issued(String alias) {
            return Objects.requireNonNull(certificates.get(alias));
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] types, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }
}
