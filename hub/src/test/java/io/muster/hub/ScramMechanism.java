package io.muster.hub;

import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientConfig;
import com.hivemq.client.mqtt.mqtt5.auth.Mqtt5EnhancedAuthMechanism;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5Auth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5AuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5EnhancedAuth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5EnhancedAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * SCRAM-SHA-256 for the HiveMQ client, by a SCRAM library that is not the hub's. Belongs to one
 * client and is confined to its event loop, but for what a test reads once that has ended.
 */
final class ScramMechanism implements Mqtt5EnhancedAuthMechanism {

    static final String METHOD = "SCRAM-SHA-256";

    private final String method;
    private volatile String username;
    private volatile String password;
    private volatile ScramClient exchange;

    /** What the server has proved or sent, in order. */
    private final List<String> events = new ArrayList<>();

    ScramMechanism(String username, String password) {
        this(METHOD, username, password);
    }

    /** One that gives its method another name. */
    ScramMechanism(String method, String username, String password) {
        this.method = method;
        this.username = username;
        this.password = password;
        this.exchange = begin(username, password);
    }

    /** Who it says it is when it signs in again. */
    void become(String otherUsername, String otherPassword) {
        username = otherUsername;
        password = otherPassword;
    }

    private static ScramClient begin(String username, String password) {
        return ScramClient.builder()
                .advertisedMechanisms(List.of(METHOD))
                .username(username)
                .password(password.toCharArray())
                .stringPreparation(StringPreparation.SASL_PREPARATION)
                .build();
    }

    synchronized List<String> events() {
        return List.copyOf(events);
    }

    private synchronized void note(String event) {
        events.add(event);
    }

    @Override
    public MqttUtf8String getMethod() {
        return MqttUtf8String.of(method);
    }

    @Override
    public int getTimeout() {
        return 10;
    }

    @Override
    public CompletableFuture<Void> onAuth(
            Mqtt5ClientConfig config, Mqtt5Connect connect, Mqtt5EnhancedAuthBuilder answer) {
        exchange = begin(username, password);
        answer.data(bytes(exchange.clientFirstMessage()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> onReAuth(Mqtt5ClientConfig config, Mqtt5AuthBuilder answer) {
        exchange = begin(username, password);
        answer.data(bytes(exchange.clientFirstMessage()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Boolean> onContinue(
            Mqtt5ClientConfig config, Mqtt5Auth auth, Mqtt5AuthBuilder answer) {
        String challenge = text(auth);
        // The nonce and the salt are new or the account's own; how many there are is not.
        note("challenged " + challenge.replaceAll("(?<=[rs]=)[^,]+", "*"));
        try {
            exchange.serverFirstMessage(challenge);
        } catch (ScramException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        answer.data(bytes(exchange.clientFinalMessage()));
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletableFuture<Boolean> onAuthSuccess(
            Mqtt5ClientConfig config, Mqtt5ConnAck connack) {
        return recognize("signed in", connack.getEnhancedAuth().orElseThrow());
    }

    @Override
    public CompletableFuture<Boolean> onReAuthSuccess(Mqtt5ClientConfig config, Mqtt5Auth auth) {
        return recognize("signed in again", auth);
    }

    /** Whether the server has proved that it knows the password, too. */
    private CompletableFuture<Boolean> recognize(String event, Mqtt5EnhancedAuth last) {
        try {
            exchange.serverFinalMessage(text(last));
            note(event);
            return CompletableFuture.completedFuture(true);
        } catch (ScramException impostor) {
            return CompletableFuture.completedFuture(false);
        }
    }

    @Override
    public void onAuthRejected(Mqtt5ClientConfig config, Mqtt5ConnAck connack) {
        note("rejected " + connack.getReasonCode());
    }

    @Override
    public void onReAuthRejected(Mqtt5ClientConfig config, Mqtt5Disconnect disconnect) {
        note("rejected again " + disconnect.getReasonCode());
    }

    @Override
    public void onAuthError(Mqtt5ClientConfig config, Throwable cause) {
        note("error " + cause);
    }

    @Override
    public void onReAuthError(Mqtt5ClientConfig config, Throwable cause) {
        note("error " + cause);
    }

    private static byte[] bytes(Object message) {
        return message.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Mqtt5EnhancedAuth auth) {
        ByteBuffer data = auth.getData().orElseThrow();
        return StandardCharsets.UTF_8.decode(data).toString();
    }
}
