package io.muster.hub.devices;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class DeviceStatePublisherTest {

    private final List<Message> published = new CopyOnWriteArrayList<>();
    private final DeviceStatePublisher publisher = new DeviceStatePublisher();

    private CompletionStage<Void> publish(Message message) {
        published.add(message);
        return CompletableFuture.completedFuture(null);
    }

    private static Device device(String deviceKey, DeviceStatus status, long version) {
        Instant since = Instant.ofEpochMilli(1_700_000_000_000L + version);
        return new Device(
                new DeviceId("pump", deviceKey),
                RotatingSecret.of(Secret.of("the-secret")),
                new DeviceState(status, version, since),
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static String text(Message message) {
        return new String(message.payload().bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void publishesAChangeAsARetainedMessageOfTheDevicesTopic() {
        publisher.publishTo(this::publish);

        publisher.changed(device("d:1", DeviceStatus.ONLINE, 7), DeviceStatus.INACTIVE);

        Message message = published.get(0);
        assertThat(message.topic()).isEqualTo("$muster/devices/pump/d:1/state");
        assertThat(message.retain()).isTrue();
        assertThat(message.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        assertThat(message.publisher()).isEmpty();
        assertThat(text(message))
                .isEqualTo(
                        "{\"productKey\":\"pump\",\"deviceKey\":\"d:1\",\"state\":\"ONLINE\","
                                + "\"version\":7,\"since\":1700000000007}");
    }

    @Test
    void keepsChangesUntilThereIsABrokerAndThenTheirOrder() {
        publisher.changed(device("a", DeviceStatus.ONLINE, 1), DeviceStatus.INACTIVE);
        publisher.changed(device("a", DeviceStatus.OFFLINE, 2), DeviceStatus.ONLINE);

        publisher.publishTo(this::publish);
        publisher.changed(device("a", DeviceStatus.ONLINE, 3), DeviceStatus.OFFLINE);

        assertThat(published)
                .extracting(DeviceStatePublisherTest::text)
                .satisfiesExactly(
                        first -> assertThat(first).contains("\"version\":1"),
                        second -> assertThat(second).contains("\"version\":2"),
                        third -> assertThat(third).contains("\"version\":3"));
    }

    @Test
    void goesOnAfterAChangeThatCouldNotBePublished() {
        publisher.publishTo(
                message -> {
                    if (message.topic().contains("/bad/")) {
                        throw new IllegalStateException("refused");
                    }
                    return publish(message);
                });

        publisher.changed(device("bad", DeviceStatus.ONLINE, 1), DeviceStatus.INACTIVE);
        publisher.changed(device("good", DeviceStatus.ONLINE, 1), DeviceStatus.INACTIVE);

        assertThat(published).hasSize(1);
    }

    @Test
    void waitsWhileAThousandChangesAreWithTheBroker() {
        List<CompletableFuture<Void>> open = new CopyOnWriteArrayList<>();
        publisher.publishTo(
                message -> {
                    CompletableFuture<Void> stage = new CompletableFuture<>();
                    open.add(stage);
                    return stage;
                });
        for (int i = 0; i < 1_000; i++) {
            publisher.changed(device("d" + i, DeviceStatus.ONLINE, 1), DeviceStatus.INACTIVE);
        }

        CompletableFuture<Void> oneMore =
                CompletableFuture.runAsync(
                        () ->
                                publisher.changed(
                                        device("last", DeviceStatus.ONLINE, 1),
                                        DeviceStatus.INACTIVE));

        Awaitility.await()
                .during(Duration.ofMillis(100))
                .until(() -> open.size() == 1_000 && !oneMore.isDone());
        open.get(0).complete(null);
        Awaitility.await().until(() -> open.size() == 1_001 && oneMore.isDone());
    }

    @Test
    void publishesAPresentStateOnlyIfNoneAsNewWasPublished() {
        publisher.publishTo(this::publish);
        publisher.changed(device("a", DeviceStatus.ONLINE, 3), DeviceStatus.OFFLINE);
        published.clear();

        assertThat(present("a", 2)).isEqualTo(DeviceStatePublisher.Presented.KNOWN);
        assertThat(present("a", 3)).isEqualTo(DeviceStatePublisher.Presented.KNOWN);
        assertThat(published).isEmpty();
        assertThat(present("a", 4)).isEqualTo(DeviceStatePublisher.Presented.PUBLISHED);
        assertThat(present("b", 0)).isEqualTo(DeviceStatePublisher.Presented.PUBLISHED);
        assertThat(published)
                .extracting(Message::topic)
                .containsExactly("$muster/devices/pump/a/state", "$muster/devices/pump/b/state");
        assertThat(published).allMatch(Message::retain);

        publisher.presentedAll();
        assertThat(present("c", 1)).isEqualTo(DeviceStatePublisher.Presented.KNOWN);
    }

    private DeviceStatePublisher.Presented present(String deviceKey, long version) {
        Device device = device(deviceKey, DeviceStatus.OFFLINE, version);
        return publisher.present(device.id(), device.state(), message -> true);
    }

    @Test
    void publishesNoPresentStateThatCannotBeRetained() {
        publisher.publishTo(this::publish);
        Device device = device("a", DeviceStatus.OFFLINE, 1);

        assertThat(publisher.present(device.id(), device.state(), message -> false))
                .isEqualTo(DeviceStatePublisher.Presented.NO_ROOM);
        assertThat(published).isEmpty();
    }

    @Test
    void publishesNothingOnceItIsClosed() {
        publisher.publishTo(this::publish);
        publisher.close();

        publisher.changed(device("a", DeviceStatus.OFFLINE, 2), DeviceStatus.ONLINE);

        assertThat(published).isEmpty();
    }

    @Test
    void closingLetsGoWhoeverWaitsForAPlace() {
        publisher.publishTo(
                message -> {
                    published.add(message);
                    return new CompletableFuture<>();
                });
        CompletableFuture<Void> changing =
                CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < 1_010; i++) {
                                publisher.changed(
                                        device("d" + i, DeviceStatus.ONLINE, 1),
                                        DeviceStatus.INACTIVE);
                            }
                        });
        Awaitility.await().until(() -> published.size() == 1_000);

        publisher.close();

        assertThat(changing).succeedsWithin(Duration.ofSeconds(20));
        assertThat(published).hasSize(1_000);
    }

    @Test
    void clearsTheTopicOfADeletedDeviceInItsPlace() {
        publisher.changed(device("a", DeviceStatus.ONLINE, 1), DeviceStatus.INACTIVE);
        publisher.deleted(new DeviceId("pump", "a"));
        publisher.publishTo(this::publish);
        publisher.changed(device("a", DeviceStatus.ONLINE, 9), DeviceStatus.INACTIVE);

        assertThat(published)
                .extracting(Message::topic)
                .containsOnly("$muster/devices/pump/a/state")
                .hasSize(3);
        Message cleared = published.get(1);
        assertThat(cleared.payload().size()).isZero();
        assertThat(cleared.retain()).isTrue();
        assertThat(cleared.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
    }

    @Test
    void aDeviceThatIsDeletedAfterItsPageWasReadIsNotPublishedAgain() {
        publisher.publishTo(this::publish);
        Device device = device("a", DeviceStatus.OFFLINE, 5);

        publisher.deleted(device.id());

        assertThat(publisher.present(device.id(), device.state(), message -> true))
                .isEqualTo(DeviceStatePublisher.Presented.KNOWN);
        assertThat(published).hasSize(1);
    }
}
