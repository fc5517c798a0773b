package io.muster.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * The same load with the Eclipse Paho client (MQTT 3.1.1), to see whether figures are plausible.
 * Shared between threads. Paho runs several threads for each connection, so it suits small fleets.
 */
public final class PahoMqttClient implements MqttClient {

    /** Devices and subscribers together. */
    public static final int CONNECTIONS_MAX = 500;

    /** Messages of any quality of service that one Paho client may hold. */
    private static final int INFLIGHT_MAX = 1000;

    /** Paho's own limit leaves room, as it frees a place a little later than it tells. */
    private static final int PAHO_INFLIGHT_MAX = 2 * INFLIGHT_MAX;

    private static final int QUIESCE_MILLIS = 0;
    private static final int DISCONNECT_MILLIS = 100;

    private final Target target;
    private final EventExecutorGroup executors;
    private final Queue<PahoConnection> connections = new ConcurrentLinkedQueue<>();

    /**
     * Makes a client.
     *
     * @param threads that publish
     */
    public PahoMqttClient(Target target, int threads) {
        this.target = target;
        this.executors =
                new DefaultEventExecutorGroup(threads, new DefaultThreadFactory("loadtest", true));
    }

    @Override
    public CompletableFuture<Connection> connect(SignIn signIn, Listener listener) {
        CompletableFuture<Connection> signedIn = new CompletableFuture<>();
        try {
            String uri = "tcp://" + target.host() + ":" + target.port();
            MqttAsyncClient client =
                    new MqttAsyncClient(uri, signIn.clientId(), new MemoryPersistence());
            PahoConnection connection = new PahoConnection(client, executors.next(), listener);
            connections.add(connection);
            client.setCallback(connection);
            client.connect(options(signIn), null, connection.completing(signedIn));
        } catch (MqttException e) {
            signedIn.completeExceptionally(inWords(e));
        }
        return signedIn;
    }

    private static MqttConnectOptions options(SignIn signIn) {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(!signIn.keepsSession());
        options.setConnectionTimeout(ANSWER_SECONDS_MAX);
        options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
        options.setMaxInflight(PAHO_INFLIGHT_MAX);
        if (signIn.username() != null) {
            options.setUserName(signIn.username());
        }
        if (signIn.password() != null) {
            options.setPassword(signIn.password().toCharArray());
        }
        return options;
    }

    @Override
    public void close() {
        connections.forEach(PahoConnection::close);
        executors
                .shutdownGracefully(0, ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
                .awaitUninterruptibly(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private static IMqttActionListener completing(
            CompletableFuture<?> future, Consumer<IMqttToken> success) {
        return new IMqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                success.accept(token);
            }

            @Override
            public void onFailure(IMqttToken token, Throwable cause) {
                future.completeExceptionally(inWords(cause));
            }
        };
    }

    private static IOException inWords(Throwable cause) {
        if (cause instanceof MqttException refused
                && refused.getReasonCode() >= MqttException.REASON_CODE_INVALID_PROTOCOL_VERSION
                && refused.getReasonCode() <= MqttException.REASON_CODE_NOT_AUTHORIZED) {
            return new IOException(
                    "sign-in refused: %s (CONNACK %d)"
                            .formatted(refused.getMessage(), refused.getReasonCode()),
                    cause);
        }
        return new IOException(String.valueOf(cause.getMessage()), cause);
    }

    /** One Paho client. Publishes on its executor; Paho calls back on threads of its own. */
    private static final class PahoConnection implements Connection, MqttCallback {

        private final MqttAsyncClient client;
        private final EventExecutor executor;
        private final Listener listener;
        private final AtomicInteger inflight = new AtomicInteger();
        private volatile boolean closing;
        private volatile boolean sessionPresent;

        PahoConnection(MqttAsyncClient client, EventExecutor executor, Listener listener) {
            this.client = client;
            this.executor = executor;
            this.listener = listener;
        }

        @Override
        public EventExecutor executor() {
            return executor;
        }

        @Override
        public int receiveMaximum() {
            return INFLIGHT_MAX;
        }

        @Override
        public boolean sessionPresent() {
            return sessionPresent;
        }

        @Override
        public boolean writable() {
            return inflight.get() < INFLIGHT_MAX;
        }

        @Override
        public void publish(String topic, ByteBuf payload, int qos, boolean retain) {
            MqttMessage message = new MqttMessage(ByteBufUtil.getBytes(payload));
            message.setQos(qos);
            message.setRetained(retain);
            inflight.incrementAndGet();
            try {
                client.publish(topic, message);
            } catch (MqttException e) {
                inflight.decrementAndGet();
                listener.problem("Paho did not publish: " + e.getMessage());
            }
        }

        @Override
        public void flush() {
            // Paho's sender thread writes by itself.
        }

        @Override
        public CompletableFuture<Void> subscribe(List<String> filters, int qos) {
            CompletableFuture<Void> subscribed = new CompletableFuture<>();
            int[] levels = new int[filters.size()];
            Arrays.fill(levels, qos);
            try {
                client.subscribe(
                        filters.toArray(String[]::new),
                        levels,
                        null,
                        PahoMqttClient.completing(subscribed, token -> subscribed.complete(null)));
            } catch (MqttException e) {
                subscribed.completeExceptionally(inWords(e));
            }
            return subscribed.orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        }

        @Override
        public CompletableFuture<Void> disconnect() {
            closing = true;
            CompletableFuture<Void> disconnected = new CompletableFuture<>();
            // Paho refuses it on the threads that it calls back on.
            executor.execute(() -> disconnect(disconnected));
            return disconnected;
        }

        private void disconnect(CompletableFuture<Void> disconnected) {
            try {
                client.disconnect(
                        QUIESCE_MILLIS,
                        null,
                        PahoMqttClient.completing(
                                disconnected, token -> disconnected.complete(null)));
            } catch (MqttException e) {
                disconnected.completeExceptionally(inWords(e));
            }
        }

        IMqttActionListener completing(CompletableFuture<Connection> signedIn) {
            return PahoMqttClient.completing(
                    signedIn,
                    token -> {
                        sessionPresent = token.getSessionPresent();
                        signedIn.complete(this);
                    });
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            listener.message(
                    Unpooled.wrappedBuffer(message.getPayload()),
                    message.isRetained(),
                    System.nanoTime());
            listener.turnEnded();
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            inflight.decrementAndGet();
            // Paho forgets the message of a token before it is acknowledged, but not its
            // identifier.
            if (token.getMessageId() > 0) {
                listener.acknowledged();
                listener.turnEnded();
            }
            listener.writable();
        }

        @Override
        public void connectionLost(Throwable cause) {
            if (!closing) {
                listener.lost(String.valueOf(cause.getMessage()));
            }
        }

        void close() {
            closing = true;
            try {
                if (client.isConnected()) {
                    client.disconnectForcibly(QUIESCE_MILLIS, DISCONNECT_MILLIS);
                }
                client.close(true);
            } catch (MqttException e) {
                // The run is over and all was counted: an ugly end of a socket changes nothing.
                listener.problem("Paho did not close: " + e.getMessage());
            }
        }
    }
}
