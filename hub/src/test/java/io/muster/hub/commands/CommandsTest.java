package io.muster.hub.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.devices.DeviceId;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.ServiceListener;
import io.muster.hub.protocol.ServiceListener.Outcome;
import io.muster.hub.protocol.ServiceTopic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands to devices, with devices and a clock that the test plays. */
class CommandsTest {

    private static final Clock CLOCK =
            Clock.fixed(Instant.ofEpochMilli(1_700_000_000_000L), ZoneOffset.UTC);
    private static final DeviceId DEVICE = new DeviceId("pump", "d1");
    private static final JsonNode NOTHING = Envelope.object();

    private final List<Message> sent = new ArrayList<>();
    private final List<String> receivers = new ArrayList<>();
    private final List<Runnable> timeouts = new ArrayList<>();
    private final List<String> outcomes = new ArrayList<>();
    private boolean connected = true;
    private final Commands commands =
            new Commands(
                    (client, message) -> {
                        receivers.add(client);
                        sent.add(message);
                        return CompletableFuture.completedFuture(connected);
                    },
                    (task, delayMillis) -> timeouts.add(task),
                    CLOCK,
                    new ServiceListener() {
                        @Override
                        public void served(String method, int code) {}

                        @Override
                        public void commanded(Outcome outcome) {
                            outcomes.add(outcome.name());
                        }
                    });

    private CompletableFuture<CommandAnswer> send(String method) {
        return commands.send(DEVICE, new Command(method, NOTHING, Duration.ofSeconds(10)))
                .toCompletableFuture();
    }

    private static String text(Message message) {
        return new String(message.payload().bytes(), StandardCharsets.UTF_8);
    }

    private static String id(Message message) throws IOException {
        return JsonMapper.builder().build().readTree(text(message)).path("id").asText();
    }

    private void answer(String device, String rest, String payload) {
        ServiceTopic topic =
                ServiceTopic.of(
                        new Message(
                                "/sys/" + device + "/" + rest,
                                Payload.EMPTY,
                                Qos.AT_MOST_ONCE,
                                false,
                                device,
                                Message.NEVER,
                                PublishProperties.NONE),
                        ServiceTopic.Speakers.NONE);
        commands.answered(
                Objects.requireNonNull(topic),
                Payload.of(payload.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({
        "thing.service.reboot, thing/service/reboot",
        "thing.service.measurepoint.set, thing/service/measurepoint/set",
        "thing.service.measurepoint.get, thing/service/measurepoint/get",
        "ota.device.upgrade, ota/device/upgrade",
        "traffic.control, traffic/control"
    })
    void asksOnTheTopicOfTheMethodAndTakesTheAnswerFromItsReplies(String method, String rest)
            throws Exception {
        CompletableFuture<CommandAnswer> answer = send(method);

        Message command = sent.get(0);
        assertThat(receivers).containsExactly("pump/d1");
        assertThat(command.topic()).isEqualTo("/sys/pump/d1/" + rest);
        assertThat(text(command))
                .isEqualTo(
                        "{\"id\":\"%s\",\"version\":\"1.0\",\"method\":\"%s\",\"params\":{}}"
                                .formatted(id(command), method));
        assertThat(command.expiresAtMillis()).isEqualTo(1_700_000_010_000L);
        answer(
                "pump/d1",
                rest + "_reply",
                "{\"id\":\"%s\",\"code\":200,\"data\":{\"x\":1}}".formatted(id(command)));

        assertThat(answer).isCompleted();
        assertThat(answer.join().code()).isEqualTo(200);
        assertThat(answer.join().message()).isEmpty();
        assertThat(answer.join().data().path("x").asInt()).isEqualTo(1);
        assertThat(outcomes).containsExactly("ANSWERED");
    }

    @Test
    void numbersCommandsFarFromTheRequestsOfDevices() throws Exception {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            send("thing.service.reboot");
            ids.add(id(sent.get(i)));
        }

        assertThat(ids).hasSize(100).allMatch(id -> id.matches("1\\d{9}"));
    }

    @Test
    void believesADeviceOfItselfOnly() throws Exception {
        CompletableFuture<CommandAnswer> answer = send("thing.service.reboot");
        String id = id(sent.get(0));

        answer("pump/d2", "thing/service/reboot_reply", "{\"id\":\"%s\"}".formatted(id));
        answer("pump/d1", "thing/service/stop_reply", "{\"id\":\"%s\"}".formatted(id));
        answer("pump/d1", "thing/service/reboot_reply", "{\"id\":\"1\"}");
        answer("pump/d1", "thing/service/reboot_reply", "not JSON");

        assertThat(answer).isNotDone();
        answer("pump/d1", "thing/service/reboot_reply", "{\"id\":%s,\"code\":1101}".formatted(id));
        assertThat(answer.join().code()).isEqualTo(1101);
    }

    private static void assertFailed(CompletableFuture<CommandAnswer> answer, Outcome outcome) {
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        UnansweredException.class,
                        failed -> assertThat(failed.outcome()).isEqualTo(outcome));
    }

    @Test
    void givesUpWhenTimeIsUp() throws Exception {
        CompletableFuture<CommandAnswer> answer = send("thing.service.reboot");

        timeouts.forEach(Runnable::run);

        assertFailed(answer, Outcome.TIMED_OUT);
        answer(
                "pump/d1",
                "thing/service/reboot_reply",
                "{\"id\":\"%s\",\"code\":200}".formatted(id(sent.get(0))));
        assertThat(outcomes).containsExactly("TIMED_OUT");
    }

    @Test
    void doesNotWaitForADeviceThatIsNotConnected() {
        connected = false;

        assertFailed(send("thing.service.reboot"), Outcome.NOT_CONNECTED);

        timeouts.forEach(Runnable::run);
        assertThat(outcomes).containsExactly("NOT_CONNECTED");
    }

    @Test
    void keepsAHundredUnderWayToADevice() {
        for (int i = 0; i < 100; i++) {
            assertThat(send("thing.service.reboot")).isNotDone();
        }

        assertFailed(send("thing.service.reboot"), Outcome.TOO_MANY);
        assertThat(sendTo(new DeviceId("pump", "d2"))).isNotDone();

        timeouts.get(0).run();
        assertThat(send("thing.service.reboot")).isNotDone();
        assertThat(sent).hasSize(102);
    }

    private CompletableFuture<CommandAnswer> sendTo(DeviceId device) {
        return commands.send(
                        device,
                        new Command("thing.service.reboot", NOTHING, Duration.ofSeconds(10)))
                .toCompletableFuture();
    }

    @Test
    void keepsTenThousandUnderWayToAllDevices() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(sendTo(new DeviceId("pump", "d" + i % 200))).isNotDone();
        }

        assertFailed(sendTo(new DeviceId("pump", "d200")), Outcome.TOO_MANY);
    }

    @Test
    void tellsThoseWhoWaitThatTheHubStops() {
        CompletableFuture<CommandAnswer> answer = send("thing.service.reboot");

        commands.close();

        assertFailed(answer, Outcome.STOPPED);
    }

    @Test
    void asksOnceOnly() {
        var unused = send("thing.service.reboot");

        assertThat(sent.get(0).qos()).isEqualTo(Qos.AT_MOST_ONCE);
    }

    @Test
    void sendsBytesAsTheyAre() {
        assertThat(commands.sendRaw(DEVICE, new byte[] {0, -1}).toCompletableFuture().join())
                .isTrue();

        assertThat(sent.get(0).topic()).isEqualTo("/sys/pump/d1/thing/model/down_raw");
        assertThat(sent.get(0).payload().bytes()).containsExactly(0, -1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "reboot",
                "thing.service.",
                "thing.service.a.b",
                "thing.service.+",
                "thing.service.a/b",
                "thing.activate.info"
            })
    void saysWhichMethodsThereAre(String method) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Command(method, NOTHING, Duration.ofSeconds(10)))
                .withMessage(
                        "method '%s' is not thing.service.{name}, ota.device.upgrade,"
                                + " thing.service.measurepoint.get, thing.service.measurepoint.set,"
                                + " traffic.control",
                        method);
    }

    @Test
    void saysWhatParametersAndTimesMayBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Command(
                                        "thing.service.a",
                                        Envelope.parse("7"),
                                        Duration.ofSeconds(10)))
                .withMessage("params is not an object or an array");
        for (int seconds : new int[] {0, 61}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    new Command(
                                            "thing.service.a",
                                            NOTHING,
                                            Duration.ofSeconds(seconds)))
                    .withMessage("timeout is not 1 to 60 seconds");
        }
    }
}
