package io.muster.hub.services;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.firmware.Firmware;
import io.muster.devices.registry.firmware.FirmwareTable;
import io.muster.devices.registry.firmware.ReportedFirmware;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.commands.Commands;
import io.muster.hub.protocol.GatewayServices;
import io.muster.hub.protocol.ServiceListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each request of a device, its answer, and what applications hear of it. */
class DeviceServicesTest {

    private static final long NOW = 1_700_000_000_123L;
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC);
    private static final String SYS = "/sys/pump/d1/";
    private static final String TOLD = "$muster/devices/pump/d1/";

    private final BlockingQueue<Message> published = new LinkedBlockingQueue<>();
    private final List<String> counted = new CopyOnWriteArrayList<>();

    /** Where it was said that applications would hear of something, and where they did. */
    private final Set<String> announced = new HashSet<>();

    private final Set<String> reported = ConcurrentHashMap.newKeySet();
    private RegistryDatabase database;
    private DeviceServices services;
    private FirmwareTable firmware;

    @BeforeEach
    void openWithADevice(@TempDir Path folder) throws IOException {
        database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofSeconds(5)),
                        SecretCipher.load(folder.resolve("key")));
        DeviceRegistry registry = new DeviceRegistry(database, CLOCK);
        registry.products().create(Optional.of("pump"), settings -> settings);
        registry.createDevice("pump", Optional.of("d1"));
        firmware = new FirmwareTable(database, CLOCK);
        ServiceListener listener =
                new ServiceListener() {
                    @Override
                    public void served(String method, int code) {
                        counted.add(method + " " + code);
                    }

                    @Override
                    public void commanded(Outcome outcome) {
                        counted.add(outcome.name());
                    }
                };
        services =
                new DeviceServices(
                        new ServedRegistry(
                                new DeviceValues(database), firmware, Duration.ofSeconds(5)),
                        GatewayServices.NONE,
                        new Commands(
                                (client, message) -> CompletableFuture.completedFuture(false),
                                (task, delayMillis) -> {},
                                CLOCK,
                                listener),
                        CLOCK,
                        new Outlet(this::published, this::published),
                        listener);
    }

    private void published(Message message) {
        published.add(message);
        if (message.topic().startsWith(TOLD)) {
            reported.add(message.topic());
        }
    }

    @AfterEach
    void close() {
        services.close();
        database.close();
        assertThat(announced).containsAll(reported);
    }

    private void publish(String publisher, String topic, byte[] payload) {
        Message message =
                new Message(
                        topic,
                        Payload.of(payload),
                        Qos.AT_LEAST_ONCE,
                        false,
                        publisher,
                        Message.NEVER,
                        PublishProperties.NONE);
        Optional.ofNullable(services.reportedOn(message)).ifPresent(announced::add);
        services.received(message);
    }

    private void ask(String rest, String payload) {
        publish("pump/d1", SYS + rest, payload.getBytes(StandardCharsets.UTF_8));
    }

    private static String request(String rest, String params) {
        return "{\"id\":\"17\",\"version\":\"1.0\",\"method\":\"%s\",\"params\":%s}"
                .formatted(rest.replace('/', '.'), params);
    }

    private Message next() throws InterruptedException {
        return Objects.requireNonNull(published.poll(10, TimeUnit.SECONDS), "nothing published");
    }

    private static String text(Message message) {
        return new String(message.payload().bytes(), StandardCharsets.UTF_8);
    }

    private static JsonNode json(Message message) throws IOException {
        return JsonMapper.builder().build().readTree(message.payload().bytes());
    }

    private void expectReply(String rest, String payload) throws InterruptedException {
        Message reply = next();
        assertThat(reply.topic()).isEqualTo(SYS + rest + "_reply");
        assertThat(text(reply)).isEqualTo(payload);
    }

    private void expectDone(String rest) throws InterruptedException {
        expectReply(rest, "{\"id\":\"17\",\"code\":200,\"message\":\"success\",\"data\":\"\"}");
    }

    private void expectReport(String end, String payload) throws InterruptedException {
        Message report = next();
        assertThat(report.topic()).isEqualTo(TOLD + end);
        assertThat(report.publisher()).isEmpty();
        assertThat(report.retain()).isFalse();
        assertThat(text(report)).isEqualTo(payload);
    }

    private void expectRefusal(int code, String words) throws InterruptedException, IOException {
        Message reply = next();
        assertThat(reply.topic()).endsWith("_reply");
        assertThat(json(reply).path("code").asInt()).as(text(reply)).isEqualTo(code);
        assertThat(json(reply).path("message").asText()).contains(words);
        assertThat(json(reply).path("data").asText("none")).isEmpty();
        assertThat(published).isEmpty();
    }

    @Test
    void tellsApplicationsOfMeasurePointsAndThenAnswers() throws Exception {
        String rest = "thing/measurepoint/post";

        ask(
                rest,
                request(
                        rest,
                        "{\"measurepoints\":{\"t\":21.50,\"q\":{\"value\":1,\"quality\":9}},\"time\":1699999999999}"));

        expectReport(
                "measurepoints",
                "{\"productKey\":\"pump\",\"deviceKey\":\"d1\",\"kind\":\"measurepoints\","
                        + "\"time\":1699999999999,\"receivedAt\":1700000000123,"
                        + "\"data\":{\"t\":21.50,\"q\":{\"value\":1,\"quality\":9}}}");
        expectDone(rest);
        assertThat(counted).containsExactly("thing.measurepoint.post 200");
    }

    @Test
    void takesTheTimeOfArrivalWhereTheDeviceHasNone() throws Exception {
        String rest = "thing/measurepoint/post";

        ask(rest, request(rest, "{\"measurepoints\":{\"t\":1}}"));

        assertThat(json(next()).path("time").asLong()).isEqualTo(NOW);
        expectDone(rest);
    }

    @Test
    void answersWithAnIdThatIsAText() throws Exception {
        String rest = "thing/measurepoint/post";

        ask(
                rest,
                "{\"id\":17,\"method\":\"thing.measurepoint.post\",\"params\":{\"measurepoints\":{}}}");

        next();
        expectDone(rest);
    }

    @Test
    void tellsLateMeasurePointsApart() throws Exception {
        String rest = "thing/measurepoint/resume";

        ask(rest, request(rest, "{\"measurepoints\":{\"t\":1},\"time\":5}"));

        Message report = next();
        assertThat(report.topic()).isEqualTo(TOLD + "measurepoints/late");
        assertThat(json(report).path("time").asLong()).isEqualTo(5);
        expectDone(rest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"thing/measurepoint/post/batch", "thing/measurepoint/resume/batch"})
    void tellsOfEachTimeOfABatch(String rest) throws Exception {
        ask(
                rest,
                request(
                        rest,
                        "[{\"measurepoints\":{\"t\":1},\"time\":1},"
                                + "{\"productKey\":\"pump\",\"deviceKey\":\"d1\",\"measurepoints\":{\"t\":2},\"time\":2}]"));

        assertThat(json(next()).path("data").path("t").asInt()).isEqualTo(1);
        assertThat(json(next()).path("time").asInt()).isEqualTo(2);
        expectDone(rest);
    }

    @Test
    void takesABatchAsAWholeOrWithoutWhatIsWrong() throws Exception {
        String rest = "thing/measurepoint/post/batch";
        String params = "[{\"measurepoints\":{\"t\":1}},{\"measurepoints\":7}]";

        ask(rest, request(rest, params));
        expectRefusal(460, "params[1].measurepoints is not an object");

        ask(
                rest,
                "{\"id\":\"17\",\"method\":\"thing.measurepoint.post.batch\","
                        + "\"skipInvalidMeasurepoints\":true,\"params\":"
                        + params
                        + "}");
        assertThat(json(next()).path("data").path("t").asInt()).isEqualTo(1);
        expectDone(rest);
    }

    @Test
    void letsNoDeviceSpeakForAnother() throws Exception {
        String rest = "thing/measurepoint/post/batch";

        ask(
                rest,
                request(
                        rest,
                        "[{\"productKey\":\"pump\",\"deviceKey\":\"d2\",\"measurepoints\":{}}]"));

        expectRefusal(1009, "params[0] is about another device");
    }

    @Test
    void tellsOfEventsByTheirNames() throws Exception {
        String rest = "thing/event/too_hot/post";

        ask(rest, request(rest, "{\"events\":{\"t\":99},\"time\":7}"));

        expectReport(
                "events/too_hot",
                "{\"productKey\":\"pump\",\"deviceKey\":\"d1\",\"kind\":\"events\","
                        + "\"name\":\"too_hot\",\"time\":7,\"receivedAt\":1700000000123,"
                        + "\"data\":{\"t\":99}}");
        expectDone(rest);
        assertThat(counted).containsExactly("thing.event.post 200");
    }

    @ParameterizedTest
    @CsvSource({"thing.event.%s.posttoo_hot, 200", "thing.measurepoint.post, 1260"})
    void takesTheMethodOfAnEventAsThePythonSdkMisspellsIt(String method, int code)
            throws Exception {
        ask(
                "thing/event/too_hot/post",
                "{\"id\":\"1\",\"method\":\"%s\",\"params\":{\"events\":{}}}"
                        .replace("%s\",\"p", method + "\",\"p"));

        Message last = next();
        if (code == 200) {
            last = next();
        }
        assertThat(json(last).path("code").asInt()).isEqualTo(code);
    }

    @Test
    void keepsAttributesAndTellsOfTheirChanges() throws Exception {
        ask(
                "thing/attribute/update",
                request(
                        "thing/attribute/update",
                        "{\"attributes\":{\"a\":{\"x\":1.50},\"b\":\"ä\",\"c\":null}}"));
        assertThat(json(next()).path("data").path("b").asText()).isEqualTo("ä");
        expectDone("thing/attribute/update");

        ask(
                "thing/attribute/delete",
                request("thing/attribute/delete", "{\"attributes\":[\"b\",\"none\"]}"));
        Message report = next();
        assertThat(report.topic()).isEqualTo(TOLD + "attributes");
        assertThat(text(report)).contains("\"data\":{\"b\":null,\"none\":null}");
        expectDone("thing/attribute/delete");

        ask("thing/attribute/query", request("thing/attribute/query", "{\"attributes\":[]}"));
        expectReply(
                "thing/attribute/query",
                "{\"id\":\"17\",\"code\":200,\"message\":\"success\",\"data\":{\"a\":{\"x\":1.50},\"c\":null}}");

        ask("thing/attribute/query", request("thing/attribute/query", "{\"attributes\":[\"c\"]}"));
        expectReply(
                "thing/attribute/query",
                "{\"id\":\"17\",\"code\":200,\"message\":\"success\",\"data\":{\"c\":null}}");
    }

    @Test
    void keepsTagsAndTellsOfTheirChanges() throws Exception {
        ask(
                "thing/tag/update",
                request(
                        "thing/tag/update",
                        "[{\"tagKey\":\"hall\",\"tagValue\":\"3\"},{\"tagKey\":\"k\",\"tagValue\":\"v\"}]"));
        assertThat(text(next())).contains("\"kind\":\"tags\"", "\"data\":{\"hall\":\"3\"");
        expectDone("thing/tag/update");
        ask("thing/tag/delete", request("thing/tag/delete", "{\"tags\":[\"k\"]}"));
        next();
        expectDone("thing/tag/delete");

        ask("thing/tag/query", request("thing/tag/query", "{\"tags\":[\"hall\",\"k\"]}"));

        expectReply(
                "thing/tag/query",
                "{\"id\":\"17\",\"code\":200,\"message\":\"success\",\"data\":{\"hall\":\"3\"}}");
    }

    @Test
    void refusesAnAttributeThatIsTooLong() throws Exception {
        ask(
                "thing/attribute/update",
                request(
                        "thing/attribute/update",
                        "{\"attributes\":{\"a\":\"%s\"}}".formatted("x".repeat(5_000))));

        expectRefusal(460, "attribute 'a' is longer than 4096 characters");
    }

    @Test
    void saysThatTheRegistryCannotBeAsked() throws Exception {
        database.close();

        ask("thing/tag/query", request("thing/tag/query", "{\"tags\":[]}"));

        expectRefusal(400, "registry cannot be asked now");
    }

    @Test
    void passesRawBytesOnWithoutAnAnswer() throws Exception {
        publish("pump/d1", SYS + "thing/model/up_raw", new byte[] {0, 1, -1});

        expectReport(
                "raw",
                "{\"productKey\":\"pump\",\"deviceKey\":\"d1\",\"kind\":\"raw\","
                        + "\"time\":1700000000123,\"receivedAt\":1700000000123,\"data\":\"AAH/\"}");
        assertThat(published).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "thing/log/post, log",
        "network/status/report, network",
        "connection/state/post, connection"
    })
    void passesReportsOn(String rest, String end) throws Exception {
        ask(rest, request(rest, "{\"version\":\"1.2\"}"));

        Message report = next();
        assertThat(report.topic()).isEqualTo(TOLD + end);
        assertThat(json(report).path("data").path("version").asText()).isEqualTo("1.2");
        expectDone(rest);
    }

    @Test
    void hasNoModels() throws Exception {
        ask("thing/tsltemplate/get", request("thing/tsltemplate/get", "{}"));
        assertThat(text(next()))
                .contains(
                        "\"data\":{\"tslAttributeMap\":{},\"tslMeasurepointMap\":{},"
                                + "\"tslEventMap\":{},\"tslServiceMap\":{}}");
    }

    @Test
    void tellsWhichFirmwareIsOffered() throws Exception {
        String rest = "ota/device/getversion";
        ask(rest, request(rest, "{}"));
        assertThat(text(next())).contains("\"code\":200", "\"data\":[]");

        firmware.offer("pump", new Firmware("1.3", "https://files.example/1.3", 7, "ab", "md5"));

        ask(rest, request(rest, "{}"));
        assertThat(text(next()))
                .contains(
                        "\"data\":[{\"version\":\"1.3\",\"signMethod\":\"md5\",\"sign\":\"ab\","
                                + "\"fileUrl\":\"https://files.example/1.3\",\"fileSize\":7}]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "inform | {\"version\":\"1.2\"} | version",
                "progress | {\"step\":\"50\",\"desc\":\"half\"} | progress",
                "progress | {\"step\":-2} | progress"
            })
    void keepsWhatADeviceSaysOfItsFirmwareAndPassesItOn(String end, String params, String name)
            throws Exception {
        String rest = "ota/device/" + end;
        ask(rest, request(rest, params));

        Message report = next();
        assertThat(report.topic()).isEqualTo(TOLD + "firmware/" + name);
        assertThat(json(report).path("data"))
                .isEqualTo(JsonMapper.builder().build().readTree(params));
        expectDone(rest);
        ReportedFirmware reported = firmware.reported(new DeviceId("pump", "d1"));
        assertThat(reported.running().isPresent()).isEqualTo(name.equals("version"));
        assertThat(reported.progress().isPresent()).isEqualTo(name.equals("progress"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "inform | {} | params.version is missing",
                "inform | {\"version\":\"\"} | version is not 1 to 64 characters",
                "inform | {\"version\":\"1\\ud800\"} | version holds half of a surrogate pair",
                "progress | {\"step\":\"\\udc00\"} | step holds half of a surrogate pair",
                "progress | {\"step\":1,\"desc\":\"\\ud83d\"} | desc holds half of a surrogate pair",
                "progress | {\"desc\":\"half\"} | params.step is not a text or a number"
            })
    void refusesWhatSaysNothingOfItsFirmware(String end, String params, String words)
            throws Exception {
        ask("ota/device/" + end, request("ota/device/" + end, params));

        expectRefusal(460, words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no name", "ä", "a#b"})
    void refusesAnEventWhoseNameIsNone(String name) throws Exception {
        ask("thing/event/" + name + "/post", "{\"id\":\"1\",\"method\":\"thing.event.x.post\"}");

        expectRefusal(460, "the name of the event is not 1 to 64 letters, digits and _ - .");
        assertThat(counted).containsExactly("thing.event.post 460");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | 1251 | payload is empty",
                "{ | 1220 | not valid JSON",
                "{} {} | 1220 | not valid JSON",
                "` ` | 1220 | payload is blank",
                "[] | 460 | not a JSON object",
                "{} | 460 | id is not a text of 1 to 64 characters",
                "{\"id\":\"1\"} | 1260 | that of 'thing.measurepoint.post'",
                "{\"id\":\"1\",\"method\":\"thing.tag.query\"} | 1260 | that of"
                        + " 'thing.measurepoint.post'",
                "{\"id\":\"1\",\"method\":\"thing.measurepoint.post\"} | 460 | params is missing;"
                        + " it must be an object",
                "{\"id\":\"1\",\"method\":\"thing.measurepoint.post\",\"params\":{\"measurepoints\":{},\"time\":\"x\"}}"
                        + " | 460 | params.time is not a number of milliseconds"
            })
    void saysWhatIsWrongWithARequest(String payload, int code, String words) throws Exception {
        ask("thing/measurepoint/post", payload);

        expectRefusal(code, words);
        assertThat(counted).containsExactly("thing.measurepoint.post " + code);
    }

    @Test
    void refusesWhatIsTooLargeOrTooDeep() throws Exception {
        ask("thing/measurepoint/post", " ".repeat(512 * 1024 + 1));
        expectRefusal(1008, "larger than 524288");

        ask("thing/measurepoint/post", "[".repeat(60) + "]".repeat(60));
        expectRefusal(1220, "not valid JSON");
    }

    @ParameterizedTest
    @CsvSource({
        "pump/d2, /sys/pump/d1/thing/measurepoint/post",
        "pump/d, /sys/pump/d1/thing/measurepoint/post",
        "app, /sys/pump/d1/thing/measurepoint/post",
        "'', /sys/pump/d1/thing/measurepoint/post",
        "pump/d1, /sys/pump/d1/thing/unheard/of",
        "pump/d1, /sys/pump/d1/thing/event//post",
        "pump/d1, /sys/pump/d1/thing/event/a/b/post",
        "pump/d1, /sys/pump/d1/",
        "pump/d1, /sys/pump/d1",
        "pump/d1, /ext/pump/d1/thing/measurepoint/post"
    })
    void leavesAloneWhatIsNoRequestOfADevice(String publisher, String topic) {
        publish(
                publisher,
                topic,
                request("thing/measurepoint/post", "{}").getBytes(StandardCharsets.UTF_8));

        assertThat(published).isEmpty();
        assertThat(counted).isEmpty();
    }

    @Test
    void anAnswerThatNobodyTookIsOldAfterAMinute() throws Exception {
        ask("ota/device/getversion", request("ota/device/getversion", "{}"));

        Message reply = next();
        assertThat(reply.expiresAtMillis()).isEqualTo(NOW + 60_000);
        assertThat(reply.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
    }

    @Test
    void anEventOfALongNameMakesNoLongerTopic() {
        ask("thing/event/" + "x".repeat(129) + "/post", "{}");
        ask("thing/event/" + "x".repeat(65_000) + "/post", "{}");

        assertThat(published).isEmpty();
    }

    @Test
    void cutsTheFractionOfATimeOff() throws Exception {
        String rest = "thing/measurepoint/post";

        ask(rest, request(rest, "{\"measurepoints\":{},\"time\":1700000000000.7196}"));
        assertThat(json(next()).path("time").asText()).isEqualTo("1700000000000");
        expectDone(rest);

        ask(rest, request(rest, "{\"measurepoints\":{},\"time\":1e999999999}"));
        expectRefusal(460, "params.time is not a number of milliseconds");
    }

    @Test
    void looksAtHowManyNamesThereAreBeforeTheWork() throws Exception {
        String names =
                IntStream.range(0, 201)
                        .mapToObj(i -> "\"n" + i + "\"")
                        .collect(Collectors.joining(","));
        String set = names.replace(",", ":1,") + ":1";

        ask(
                "thing/attribute/update",
                request("thing/attribute/update", "{\"attributes\":{" + set + "}}"));
        expectRefusal(460, "201 attributes are set at once; at most 200 can be");

        ask("thing/tag/delete", request("thing/tag/delete", "{\"tags\":[" + names + "]}"));
        expectRefusal(460, "params.tags has 201 entries; at most 200 are allowed");
    }
}
