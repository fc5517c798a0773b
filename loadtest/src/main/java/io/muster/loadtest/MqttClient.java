package io.muster.loadtest;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A kind of MQTT client that makes connections to one broker. Shared between threads. */
interface MqttClient extends AutoCloseable {

    /** How long a connection may take from the first packet to the CONNACK, and a SUBACK. */
    int ANSWER_SECONDS_MAX = 15;

    /** How often a connection at rest must be heard of by the broker. */
    int KEEP_ALIVE_SECONDS = 60;

    /** The bytes that a connection may hold before it says that it is not writable. */
    int OUTGOING_BYTES_MAX = 64 * 1024;

    /**
     * Where the broker is.
     *
     * @param host name or address
     * @param port TCP port
     * @param version protocol version, {@code 3.1.1} or {@code 5}
     */
    record Target(String host, int port, String version) {

        static final String VERSION_3 = "3.1.1";
        static final String VERSION_5 = "5";

        /** Checks the range of the port and the version. */
        public Target {
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("--port must be from 1 to 65535, not " + port);
            }
            if (!version.equals(VERSION_3) && !version.equals(VERSION_5)) {
                throw new IllegalArgumentException("--protocol must be 3.1.1 or 5, not " + version);
            }
        }
    }

    /**
     * Opens a connection and signs in.
     *
     * @return the connection after a CONNACK with success; otherwise fails with an {@link
     *     java.io.IOException} that says in words what was wrong
     */
    CompletableFuture<Connection> connect(DeviceFleet.SignIn signIn, Listener listener);

    /** Closes all connections and ends the threads. Blocks for at most a few seconds. */
    @Override
    void close();

    /** One signed-in connection. Confined to its executor, except {@link #subscribe}. */
    interface Connection {

        /** The thread on which all the other methods are called. */
        EventExecutor executor();

        /** The most QoS 1 and 2 messages that the broker wants to have unacknowledged. */
        int receiveMaximum();

        /** Whether there is room for another message. */
        boolean writable();

        /**
         * Puts a message into the outgoing buffer.
         *
         * @param payload copied before the method returns
         */
        void publish(String topic, byte[] payload, int qos);

        /** Sends what {@link #publish} put down. */
        void flush();

        /** Subscribes; may be called on any thread. Fails when the broker refuses one filter. */
        CompletableFuture<Void> subscribe(List<String> filters, int qos);
    }

    /** Hears what happens on a connection. Called on the thread that the client reads on. */
    interface Listener {

        /**
         * A message came in.
         *
         * @param payload valid only during the call
         */
        default void message(ByteBuf payload) {}

        /** A QoS 1 or 2 message was acknowledged in full, in the order in which they were sent. */
        default void acknowledged() {}

        /** There is room again after {@link Connection#writable} was false. */
        default void writable() {}

        /** Something went wrong on a connection that lives on. */
        default void problem(String sentence) {}

        /** The connection ended although nobody here closed it. */
        default void lost(String reason) {}
    }
}
