package io.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSocket and TLS, with real handshakes, against a relay. */
class TransportTest {

    private static KeyPairFile server;
    private static Path clients;
    private static Path clientAuthorities;

    private final Queue<String> peers = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void makeKeys(@TempDir Path folder) throws Exception {
        server = KeyPairFile.make(folder, "broker");
        clients = Files.createDirectory(folder.resolve("clients"));
        StringBuilder authorities = new StringBuilder();
        for (String name : List.of("lt-00001", "lt-00002", "subscriber")) {
            authorities.append(Files.readString(KeyPairFile.make(clients, name).certificate()));
        }
        clientAuthorities = Files.writeString(folder.resolve("authorities"), authorities);
    }

    /** Frames of the server's side. */
    private static final class Frames extends MessageToMessageCodec<BinaryWebSocketFrame, ByteBuf> {
        @Override
        protected void encode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) {
            out.add(new BinaryWebSocketFrame(bytes.retain()));
        }

        @Override
        protected void decode(
                ChannelHandlerContext ctx, BinaryWebSocketFrame frame, List<Object> out) {
            out.add(frame.content().retain());
        }
    }

    private static void addWebSocket(ChannelPipeline pipeline) {
        pipeline.addLast(
                new HttpServerCodec(),
                new HttpObjectAggregator(10_000),
                new PagesRefused(),
                new WebSocketServerProtocolHandler("/mqtt", "mqtt"),
                new NotFound(),
                new Frames());
    }

    /** As brokers do that were told of no pages. */
    private static final class PagesRefused extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof FullHttpRequest request
                    && request.headers().contains(HttpHeaderNames.ORIGIN)) {
                request.release();
                var unused = ctx.close();
            } else {
                ctx.fireChannelRead(message);
            }
        }
    }

    /** Answers what is not for the WebSocket. */
    private static final class NotFound extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof FullHttpRequest request) {
                request.release();
                FullHttpResponse answer =
                        new DefaultFullHttpResponse(
                                HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND);
                HttpUtil.setContentLength(answer, 0);
                var unused = ctx.writeAndFlush(answer);
            } else {
                ctx.fireChannelRead(message);
            }
        }
    }

    private static SslContext context(ClientAuth clientAuth) throws IOException {
        return SslContextBuilder.forServer(server.certificate().toFile(), server.key().toFile())
                .trustManager(clientAuthorities.toFile())
                .clientAuth(clientAuth)
                .build();
    }

    /** Remembers who showed which certificate. */
    private final class Peers extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event)
                throws SSLPeerUnverifiedException {
            if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
                peers.add(
                        ctx.pipeline()
                                .get(SslHandler.class)
                                .engine()
                                .getSession()
                                .getPeerPrincipal()
                                .getName());
            }
        }
    }

    private static void assertFlawless(Outcome outcome) throws IOException {
        assertThat(outcome.exitCode()).as(outcome.all()).isZero();
        assertThat(outcome.errors()).isEqualTo("{}");
        assertThat(outcome.count("received")).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--qos 0", "--qos 2 --rate 500", "--qos 1 --protocol 5"})
    void speaksOverWebSocket(String options) throws IOException {
        try (FaultyRelay relay = new FaultyRelay(TransportTest::addWebSocket)) {
            assertFlawless(
                    Outcome.runQuick(
                            relay, "pubsub --anonymous --devices 2 --path /mqtt " + options));
        }
    }

    @Test
    void saysThatAWebSocketWasRefused() throws IOException {
        try (FaultyRelay relay = new FaultyRelay(TransportTest::addWebSocket)) {
            Outcome outcome =
                    Outcome.runQuick(relay, "pub --anonymous --devices 1 --path /elsewhere");
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.errors()).contains("404");
        }
    }

    @Test
    void speaksOverTlsAndWebSocketOverTls() throws IOException {
        SslContext context = context(ClientAuth.NONE);
        String tls = "pubsub --anonymous --devices 2 --qos 1 --trust " + server.certificate();
        try (FaultyRelay relay =
                new FaultyRelay(
                        pipeline ->
                                pipeline.addLast(context.newHandler(pipeline.channel().alloc())))) {
            assertFlawless(Outcome.runQuick(relay, tls));
        }
        try (FaultyRelay relay =
                new FaultyRelay(
                        pipeline -> {
                            pipeline.addLast(context.newHandler(pipeline.channel().alloc()));
                            addWebSocket(pipeline);
                        })) {
            assertFlawless(Outcome.runQuick(relay, tls + " --path /mqtt"));
        }
    }

    @Test
    void trustsNoBrokerThatItWasNotToldToTrust() throws IOException {
        SslContext context = context(ClientAuth.NONE);
        try (FaultyRelay relay =
                new FaultyRelay(
                        pipeline ->
                                pipeline.addLast(context.newHandler(pipeline.channel().alloc())))) {
            Outcome outcome = Outcome.runQuick(relay, "pub --anonymous --devices 1 --tls");
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.errors()).contains("TLS failed");
            assertThat(relay.signIns()).isEmpty();
        }
    }

    @Test
    void trustsNoBrokerWhoseCertificateIsOfAnotherHost() throws IOException {
        SslContext context = context(ClientAuth.NONE);
        try (FaultyRelay relay =
                new FaultyRelay(
                        pipeline ->
                                pipeline.addLast(context.newHandler(pipeline.channel().alloc())))) {
            Outcome outcome =
                    Outcome.runQuick(
                            relay,
                            "pub --anonymous --devices 1 --host localhost --trust "
                                    + server.certificate());
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.errors()).contains("TLS failed");
            assertThat(relay.signIns()).isEmpty();
        }
    }

    @Test
    void showsTheCertificateOfEachDevice() throws IOException {
        SslContext context = context(ClientAuth.REQUIRE);
        try (FaultyRelay relay =
                new FaultyRelay(
                        pipeline ->
                                pipeline.addLast(
                                        context.newHandler(pipeline.channel().alloc()),
                                        new Peers()))) {
            String tls =
                    "--anonymous --trust " + server.certificate() + " --certificates " + clients;
            assertFlawless(Outcome.runQuick(relay, "pubsub --devices 2 --qos 1 " + tls));
            assertThat(peers)
                    .containsExactlyInAnyOrder(
                            "CN=lt-00001", "CN=lt-00002", "CN=subscriber", "CN=subscriber");
            Outcome outcome = Outcome.runQuick(relay, "pub --devices 3 " + tls);
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.errors()).contains("lt-00003.crt cannot be read");
        }
    }
}
