package io.muster.hub.demo;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * One run of the demo: an application subscribes, the demo device signs in and publishes, and the
 * application receives. Confined to the thread that runs it, which blocks.
 */
public final class Demo {

    private static final int QOS = 1;
    private static final int TIMEOUT_SECONDS = 10;
    private static final String ONLINE = "\"ONLINE\"";

    private final String server;
    private final DemoAccount account;
    private final Duration timeout;
    private final Consumer<String> steps;
    private final long start = System.nanoTime();
    private final CompletableFuture<Long> received = new CompletableFuture<>();
    private final CompletableFuture<Boolean> online = new CompletableFuture<>();

    /** Tells this run's message from those of others. */
    private final String payload = "{\"temperature\":21.5,\"run\":\"" + UUID.randomUUID() + "\"}";

    /**
     * A run that has not begun.
     *
     * @param server such as {@code tcp://127.0.0.1:1883}
     * @param timeout how long to wait for the message
     * @param steps is told each step as one line
     */
    public Demo(String server, DemoAccount account, Duration timeout, Consumer<String> steps) {
        this.server = server;
        this.account = account;
        this.timeout = timeout;
        this.steps = steps;
    }

    /**
     * What came of it.
     *
     * @param received whether the application got the device's message
     * @param latencyMicros from before the publish to the receipt, in microseconds; 0 if it was not
     *     received
     * @param online whether the application was also told that the device is online
     */
    public record Outcome(boolean received, long latencyMicros, boolean online) {}

    /**
     * Runs all steps.
     *
     * @throws DemoFailedException naming the step that failed
     */
    public Outcome run() {
        String application = "demo-" + UUID.randomUUID();
        SignedConnect signed = sign();
        step("the hub is at " + server);
        try (MqttClient receiver = new MqttClient(server, application, new MemoryPersistence());
                MqttClient device =
                        new MqttClient(server, signed.clientId(), new MemoryPersistence())) {
            subscribe(receiver);
            attempt(
                    "the device cannot sign in",
                    () -> device.connect(options(signed.username(), signed.password())));
            step("device %s/%s signed in".formatted(account.productKey(), account.deviceKey()));
            Outcome outcome = publish(device);
            // In this order: Paho stumbles over what arrives while it disconnects, as the news that
            // the device is offline would.
            disconnect(receiver);
            disconnect(device);
            return outcome;
        } catch (MqttException e) {
            throw new DemoFailedException("the demo's clients cannot be used: " + e, e);
        }
    }

    private SignedConnect sign() {
        return DeviceSignature.sign(
                new DeviceId(account.productKey(), account.deviceKey()),
                Secret.of(account.deviceSecret()),
                SignMethod.SHA256,
                Long.toString(System.currentTimeMillis()));
    }

    private void subscribe(MqttClient receiver) {
        attempt(
                "the application cannot sign in",
                () ->
                        receiver.connect(
                                options(
                                        account.applicationUsername(),
                                        account.applicationPassword())));
        step("application " + account.applicationUsername() + " signed in");
        attempt(
                "the application cannot subscribe",
                () -> {
                    receiver.subscribe(
                            account.stateTopic(), QOS, (topic, m) -> onState(m.getPayload()));
                    receiver.subscribe(
                            account.telemetryTopic(), QOS, (topic, m) -> onMessage(m.getPayload()));
                });
        step("it subscribed to " + account.telemetryTopic());
        step("it subscribed to " + account.stateTopic());
    }

    private Outcome publish(MqttClient device) {
        long published = System.nanoTime();
        attempt(
                "the device cannot publish",
                () ->
                        device.publish(
                                account.telemetryTopic(),
                                payload.getBytes(StandardCharsets.UTF_8),
                                QOS,
                                false));
        step("the device published " + payload);
        boolean arrived = await(received);
        boolean stateArrived = await(online);
        if (!arrived) {
            step("the message did not arrive within " + timeout.toSeconds() + " s");
            return new Outcome(false, 0, stateArrived);
        }
        long micros = TimeUnit.NANOSECONDS.toMicros(received.join() - published);
        step("the message went through in %.1f ms".formatted(micros / 1000.0));
        if (!stateArrived) {
            step("but no message told that the device is online");
        }
        return new Outcome(true, micros, stateArrived);
    }

    private void onMessage(byte[] bytes) {
        long now = System.nanoTime();
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.equals(payload)) {
            step("the application received " + text);
            received.complete(now);
        }
    }

    private void onState(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        step("the application was told the device's state " + text);
        if (text.contains(ONLINE)) {
            online.complete(true);
        }
    }

    private boolean await(CompletableFuture<?> future) {
        try {
            future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static MqttConnectOptions options(String username, String password) {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setUserName(username);
        options.setPassword(password.toCharArray());
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setConnectionTimeout(TIMEOUT_SECONDS);
        return options;
    }

    private static void disconnect(MqttClient client) {
        attempt("a client cannot disconnect", client::disconnect);
    }

    private static void attempt(String failure, MqttStep step) {
        try {
            step.run();
        } catch (MqttException e) {
            String reason =
                    e.getReasonCode() == MqttException.REASON_CODE_SERVER_CONNECT_ERROR
                            ? "no hub answers; start it with ./muster"
                            : String.valueOf(e.getMessage());
            throw new DemoFailedException(failure + ": " + reason, e);
        }
    }

    private void step(String sentence) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        steps.accept("%6d ms  %s".formatted(millis, sentence));
    }

    private interface MqttStep {
        void run() throws MqttException;
    }
}
