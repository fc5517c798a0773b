package io.muster.hub.devices;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.ActivationListener;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.details.AssetId;
import io.muster.devices.product.ProductSettings;
import io.muster.hub.commands.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationTest {

    private static final DeviceId D1 = new DeviceId("pump", "d1");

    private final HandTimer timer = new HandTimer();
    private CompletableFuture<Optional<Device>> registry =
            CompletableFuture.completedFuture(Optional.of(device(DeviceStatus.INACTIVE)));
    private Product product = product(true);
    private final List<String> counted = new ArrayList<>();
    private final Activation activation = new Activation(new Registry(), timer, new Counts());
    private final List<Message> sent = new ArrayList<>();

    /** Time goes on when the test says so. */
    private static final class HandTimer implements Timer {

        private final List<Task> tasks = new ArrayList<>();
        private long now;

        private record Task(long due, Runnable task) {}

        @Override
        public void schedule(Runnable task, long delayMillis) {
            tasks.add(new Task(now + delayMillis, task));
        }

        private void advanceTo(long millis) {
            now = millis;
            List<Task> due = tasks.stream().filter(task -> task.due <= now).toList();
            tasks.removeAll(due);
            due.forEach(task -> task.task.run());
        }
    }

    private final class Counts implements ActivationListener {
        @Override
        public void happened(Event event) {
            counted.add(event.name());
        }

        @Override
        public void refused(Refusal reason) {
            counted.add("refused " + reason);
        }
    }

    private final class Registry implements DeviceLookup {
        @Override
        public CompletionStage<Optional<Device>> find(DeviceId id) {
            return registry;
        }

        @Override
        public CompletionStage<Optional<Product>> findProduct(String productKey) {
            return CompletableFuture.completedFuture(Optional.of(product));
        }
    }

    private static Device device(DeviceStatus status) {
        return new Device(
                D1,
                RotatingSecret.of(Secret.of("s1\"e")),
                new DeviceState(status, 1, Instant.EPOCH),
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static Product product(boolean dynamicActivation) {
        return new Product(
                "pump",
                RotatingSecret.of(Secret.of("p")),
                ProductSettings.named("Pumps").withDynamicActivation(dynamicActivation),
                1,
                Instant.EPOCH);
    }

    private static Message reply(String publisher, String json) {
        return new Message(
                "/ext/session/pump/d1/thing/activate/info_reply",
                Payload.of(json.getBytes(StandardCharsets.UTF_8)),
                Qos.AT_MOST_ONCE,
                false,
                publisher,
                Message.NEVER,
                PublishProperties.NONE);
    }

    private List<Integer> sentAfter(long... millis) {
        List<Integer> counts = new ArrayList<>();
        for (long each : millis) {
            timer.advanceTo(each);
            counts.add(sent.size());
        }
        return counts;
    }

    @Test
    void sendsTheSecretInCompactJsonToTheDevicesTopic() {
        activation.begin(D1, Optional.empty(), sent::add);

        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).topic()).isEqualTo("/ext/session/pump/d1/thing/activate/info");
        assertThat(sent.get(0).qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        assertThat(new String(sent.get(0).payload().bytes(), StandardCharsets.UTF_8))
                .isEqualTo(
                        ("{\"id\":\"1\",\"version\":\"1.0\",\"method\":\"thing.activate.info\","
                                        + "\"params\":{\"assetId\":\"%s\",\"productKey\":\"pump\","
                                        + "\"deviceKey\":\"d1\",\"deviceSecret\":\"s1\\\"e\"}}")
                                .formatted(AssetId.of(D1).text()));
    }

    @Test
    void sendsItAgainAfterOneThreeAndSixSeconds() {
        activation.begin(D1, Optional.empty(), sent::add);

        assertThat(sentAfter(999, 1_000, 2_999, 3_000, 5_999, 6_000, 60_000))
                .containsExactly(1, 2, 2, 3, 3, 4, 4);
    }

    @Test
    void stopsWhenTheDeviceHasIt() {
        activation.begin(D1, Optional.empty(), sent::add);

        activation.replied(
                reply("activation:pump/d1", "{\"id\": \"1\", \"code\": 200, \"data\": null}"));

        assertThat(sentAfter(60_000)).containsExactly(1);
        assertThat(timer.tasks).isEmpty();
    }

    @Test
    void stopsWhenTheConnectionEnds() {
        activation.begin(D1, Optional.empty(), sent::add);

        activation.end(D1);

        assertThat(sentAfter(60_000)).containsExactly(1);
        assertThat(timer.tasks).isEmpty();
    }

    @Test
    void stopsWhenTheHubDoes() {
        activation.begin(D1, Optional.empty(), sent::add);

        activation.close();

        assertThat(sentAfter(60_000)).containsExactly(1);
        assertThat(timer.tasks).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"1\",\"code\":1101}",
                "{\"id\":\"1\",\"code\":500,\"message\":\"disk is full\"}",
                "{\"id\":\"1\"}",
                "200",
                "",
                "{\"code\":200"
            })
    void goesOnAfterAnyOtherAnswer(String json) {
        activation.begin(D1, Optional.empty(), sent::add);

        activation.replied(reply("activation:pump/d1", json));

        assertThat(sentAfter(1_000)).containsExactly(2);
    }

    @Test
    void believesNobodyElse() {
        activation.begin(D1, Optional.empty(), sent::add);

        activation.replied(reply("backend", "{\"code\":200}"));
        activation.replied(reply("activation:pump/d2", "{\"code\":200}"));

        assertThat(sentAfter(1_000)).containsExactly(2);
    }

    @Test
    void doesNotReadALongAnswer() {
        activation.begin(D1, Optional.empty(), sent::add);

        activation.replied(reply("activation:pump/d1", "{\"code\":200}" + " ".repeat(5_000)));

        assertThat(sentAfter(1_000)).containsExactly(2);
    }

    @Test
    void sendsNothingToAConnectionThatEndedWhileTheRegistryWasAsked() {
        registry = new CompletableFuture<>();
        activation.begin(D1, Optional.empty(), sent::add);
        activation.end(D1);

        registry.complete(Optional.of(device(DeviceStatus.INACTIVE)));

        assertThat(sent).isEmpty();
        assertThat(timer.tasks).isEmpty();
    }

    @Test
    void triesUntilTheRegistryAnswers() {
        CompletableFuture<Optional<Device>> answer = registry;
        registry =
                CompletableFuture.failedFuture(
                        new RegistryUnavailableException("closed", new IllegalStateException()));
        activation.begin(D1, Optional.empty(), sent::add);
        assertThat(sentAfter(1_000, 2_000)).containsExactly(0, 0);

        registry = answer;

        assertThat(sentAfter(3_000, 4_000, 6_000, 9_000, 60_000)).containsExactly(1, 2, 3, 4, 4);
    }

    @Test
    void sendsNothingMoreToADeviceThatSignedInOrWasBarredMeanwhile() {
        activation.begin(D1, Optional.empty(), sent::add);

        registry = CompletableFuture.completedFuture(Optional.of(device(DeviceStatus.ONLINE)));

        assertThat(sentAfter(60_000)).containsExactly(1);
    }

    @Test
    void tellsADeviceThatHasItAgainWhenItComesAgain() {
        activation.begin(D1, Optional.empty(), sent::add);
        activation.replied(reply("activation:pump/d1", "{\"code\":200}"));

        activation.end(D1);
        activation.begin(D1, Optional.empty(), sent::add);

        assertThat(sentAfter(1_000)).containsExactly(3);
    }

    @Test
    void admitsNobodyOfAProductThatHasItSwitchedOff() {
        product = product(false);

        assertThat(activation.admit(D1, Optional.empty()))
                .isCompletedWithValue(
                        Admission.notAuthorized("may not fetch its secret any more: " + D1));
    }

    @Test
    void admitsADeviceThatNeverSignedIn() {
        assertThat(activation.admit(D1, Optional.empty())).isCompletedWithValue(Admission.ADMITTED);
    }

    @ParameterizedTest
    @EnumSource(
            value = DeviceStatus.class,
            names = {"ONLINE", "OFFLINE", "DISABLED"})
    void admitsNoOther(DeviceStatus status) {
        registry = CompletableFuture.completedFuture(Optional.of(device(status)));

        assertThat(activation.admit(D1, Optional.empty()))
                .isCompletedWithValue(
                        Admission.notAuthorized("may not fetch its secret any more: " + D1));
    }

    @Test
    void asksTheDeviceToComeAgainWhenTheRegistryCannotBeAsked() {
        registry =
                CompletableFuture.failedFuture(
                        new RegistryUnavailableException("closed", new IllegalStateException()));

        assertThat(activation.admit(D1, Optional.empty()))
                .isCompletedWithValue(Admission.UNAVAILABLE);
    }

    @Test
    void countsWhatComesOfIt() {
        activation.begin(D1, Optional.empty(), sent::add);
        activation.replied(reply("activation:pump/d1", "{\"code\":1101}"));
        timer.advanceTo(1_000);
        activation.replied(reply("activation:pump/d1", "{\"code\":200}"));
        activation.replied(reply("activation:pump/d1", "{\"code\":200}"));
        timer.advanceTo(60_000);
        activation.end(D1);

        assertThat(counted).containsExactly("BEGUN", "RESENT", "CONFIRMED");
    }

    @Test
    void countsADeviceThatLeavesWithoutAnAnswer() {
        activation.begin(D1, Optional.empty(), sent::add);
        activation.end(D1);
        timer.advanceTo(60_000);

        assertThat(counted).containsExactly("BEGUN", "UNCONFIRMED");
    }

    @Test
    void givesUpFourSecondsAfterTheLastSending() {
        activation.begin(D1, Optional.empty(), sent::add);
        for (long due : List.of(1_000L, 3_000L, 6_000L, 9_999L)) {
            timer.advanceTo(due);
        }
        assertThat(counted).containsExactly("BEGUN", "RESENT", "RESENT", "RESENT");

        timer.advanceTo(10_000);

        assertThat(counted).endsWith("RESENT", "GAVE_UP");
        activation.replied(reply("activation:pump/d1", "{\"code\":200}"));
        assertThat(counted).endsWith("GAVE_UP", "CONFIRMED");
    }

    @Test
    void countsWhomItDoesNotAdmit() {
        registry = CompletableFuture.completedFuture(Optional.of(device(DeviceStatus.ONLINE)));
        activation.admit(D1, Optional.empty());
        registry =
                CompletableFuture.failedFuture(
                        new RegistryUnavailableException("closed", new IllegalStateException()));
        activation.admit(D1, Optional.empty());

        assertThat(counted).containsExactly("refused CHANGED", "refused UNAVAILABLE");
    }
}
