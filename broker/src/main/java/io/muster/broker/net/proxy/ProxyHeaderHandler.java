package io.muster.broker.net.proxy;

import io.muster.broker.log.Quoted;
import io.muster.broker.protocol.ClientChannel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the PROXY header of a connection, tells the client's address, and leaves. Nothing is
 * guessed: without a valid header the connection is closed. The header comes within the time that a
 * client has for its CONNECT. Confined to the connection's loop.
 *
 * <p>Source: The PROXY protocol, versions 1 and 2, sections 2.1 and 2.2 (haproxy.org).
 */
public final class ProxyHeaderHandler extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(ProxyHeaderHandler.class);

    /** Bytes of a version 2 header behind the addresses, which are skipped. */
    private static final int EXTENSION_BYTES_MAX = 4096;

    private final ClientChannel connection;
    private final Consumer<InetSocketAddress> clientAddress;
    private boolean refused;

    private ProxyHeaderHandler(
            ClientChannel connection, Consumer<InetSocketAddress> clientAddress) {
        this.connection = connection;
        this.clientAddress = clientAddress;
    }

    /**
     * Puts itself at the end of a pipeline, or closes a connection that comes from no trusted
     * network.
     *
     * @param clientAddress told the client's address, if the header names one
     */
    public static void addTo(
            ChannelPipeline pipeline,
            ProxySettings settings,
            ClientChannel connection,
            Consumer<InetSocketAddress> clientAddress) {
        if (!settings.trusts(connection.remoteAddress().getAddress())) {
            log.info(
                    "connection refused, not from a trusted proxy address={} listener={}",
                    connection.remoteAddress(),
                    connection.listener());
            pipeline.close();
            return;
        }
        pipeline.addLast("proxy-header", new HeaderDecoder(EXTENSION_BYTES_MAX))
                .addLast("proxy", new ProxyHeaderHandler(connection, clientAddress));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
            return;
        }
        HAProxyMessage header = (HAProxyMessage) message;
        try {
            if (namesAClient(header)) {
                clientAddress.accept(addressIn(header));
            }
        } finally {
            header.release();
        }
        context.pipeline().remove(this);
    }

    /**
     * Not so if the proxy speaks for itself (the header then has no family, whatever stands in it),
     * or for something that has no IP address.
     */
    private static boolean namesAClient(HAProxyMessage header) {
        HAProxyProxiedProtocol protocol = header.proxiedProtocol();
        if (protocol.transportProtocol() == TransportProtocol.DGRAM) {
            throw new DecoderException("the header is of a datagram, and MQTT needs a stream");
        }
        AddressFamily family = protocol.addressFamily();
        return family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
    }

    private static InetSocketAddress addressIn(HAProxyMessage header) {
        try {
            return new InetSocketAddress(
                    Network.address(header.sourceAddress()), header.sourcePort());
        } catch (IllegalArgumentException e) {
            throw new DecoderException(e);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof DecoderException)) {
            context.fireExceptionCaught(cause);
        } else if (!refused) {
            refused = true;
            log.warn(
                    "PROXY header refused address={} listener={} detail={}",
                    connection.remoteAddress(),
                    connection.listener(),
                    new Quoted(sentence(cause)));
            context.close();
        }
    }

    /** What is wrong, in one line: the innermost cause says it, and may quote the header. */
    private static String sentence(Throwable cause) {
        Throwable innermost = cause;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message = String.valueOf(innermost.getMessage());
        return message.startsWith("No enum constant")
                ? "the header names no protocol that there is, or has a blank too many"
                : message.replaceAll("[^ -~]", "?");
    }
}
