package io.muster.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A kind of MQTT client that makes connections to one broker. Shared between threads. */
public interface MqttClient extends AutoCloseable {

    /** How long a connection may take from the first packet to the CONNACK, and a SUBACK. */
    int ANSWER_SECONDS_MAX = 15;

    /** How often a connection at rest must be heard of by the broker. */
    int KEEP_ALIVE_SECONDS = 60;

    /** How long a kept session outlives its connection (MQTT 5 only). */
    int SESSION_EXPIRY_SECONDS = 3600;

    /** The bytes that a connection may hold before it says that it is not writable. */
    int OUTGOING_BYTES_MAX = 64 * 1024;

    /**
     * Opens a connection and signs in.
     *
     * @return the connection after a CONNACK with success; otherwise fails with an {@link
     *     java.io.IOException} that says in words what was wrong
     */
    CompletableFuture<Connection> connect(SignIn signIn, Listener listener);

    /** Closes all connections and ends the threads. Blocks for at most a few seconds. */
    @Override
    void close();

    /**
     * One signed-in connection. Confined to its executor, except {@link #subscribe} and {@link
     * #disconnect}.
     */
    interface Connection {

        /** The thread on which all the other methods are called. */
        EventExecutor executor();

        /** The most QoS 1 and 2 messages that the broker wants to have unacknowledged. */
        int receiveMaximum();

        /** Whether the broker still had a session of this client identifier. */
        boolean sessionPresent();

        /** Whether there is room for another message. */
        boolean writable();

        /**
         * Puts a message into the outgoing buffer.
         *
         * @param payload copied before the method returns, and left as it is
         */
        void publish(String topic, ByteBuf payload, int qos, boolean retain);

        /** Sends what {@link #publish} put down, now or soon. */
        void flush();

        /** Subscribes; may be called on any thread. Fails when the broker refuses one filter. */
        CompletableFuture<Void> subscribe(List<String> filters, int qos);

        /** Sends DISCONNECT; may be called on any thread. Completed when the socket is closed. */
        CompletableFuture<Void> disconnect();
    }

    /** Hears what happens on a connection. Called on the thread that the client reads on. */
    interface Listener {

        /**
         * A message came in.
         *
         * @param payload valid only during the call
         * @param retained whether the broker says that it was retained
         * @param nanos when its bytes had been read, by {@link System#nanoTime}
         */
        default void message(ByteBuf payload, boolean retained, long nanos) {}

        /** A QoS 1 or 2 message was acknowledged in full, in the order in which they were sent. */
        default void acknowledged() {}

        /** All that had come was told; what follows may be a while away. */
        default void turnEnded() {}

        /** There is room again after {@link Connection#writable} was false. */
        default void writable() {}

        /** Something went wrong on a connection that lives on. */
        default void problem(String sentence) {}

        /** The connection ended although nobody here closed it. */
        default void lost(String reason) {}
    }
}
