package io.muster.benchmarks.memory;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.ServerChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Finds the listener that was bound last, so that it can be handed connections that no socket
 * brought. Netty finds this class by {@link java.util.ServiceLoader}, once {@link #open} was
 * called.
 */
public final class ListenerTap extends ChannelInitializerExtension {

    private static final AtomicReference<ServerChannel> LISTENER = new AtomicReference<>();

    /** For the service loader. */
    public ListenerTap() {}

    /** Asks Netty to use it; to be called before the first listener of the process is bound. */
    static void open() {
        System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
    }

    /** The listener that was bound last. */
    static ServerChannel listener() {
        return Objects.requireNonNull(
                LISTENER.get(), "Netty bound a listener before the tap opened");
    }

    @Override
    public void postInitializeServerListenerChannel(ServerChannel channel) {
        LISTENER.set(channel);
    }
}
