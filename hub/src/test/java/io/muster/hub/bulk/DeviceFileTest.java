package io.muster.hub.bulk;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.devices.Secret;
import io.muster.devices.details.NewDevice;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceFileTest {

    private static final ObjectMapper EXACT =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private static DeviceFile read(DeviceFormat format, String text) {
        return read(format, text.getBytes(StandardCharsets.UTF_8));
    }

    private static DeviceFile read(DeviceFormat format, byte[] bytes) {
        try {
            return DeviceFile.read(new ByteArrayInputStream(bytes), format, 3);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void readsCsvWithAndWithoutSecrets() {
        DeviceFile file =
                read(
                        DeviceFormat.CSV,
                        "\uFEFFdeviceKey,deviceSecret\r\na:1,secret-1\r\n\r\n\"b\",\"secret,'2\"\nc,");

        assertThat(file.badLines()).isEmpty();
        assertThat(file.devices())
                .extracting(NewDevice::deviceKey)
                .containsExactly("a:1", "b", "c");
        assertThat(file.devices())
                .startsWith(
                        NewDevice.of("a:1", Secret.of("secret-1")),
                        NewDevice.of("b", Secret.of("secret,'2")));
        assertThat(file.devices().get(2).secret().reveal()).matches("[A-Za-z0-9]{20}");
        assertThat(file.lineOf("c")).isEqualTo(5);
        assertThat(read(DeviceFormat.CSV, "deviceKey\na\nb").devices()).hasSize(2);
    }

    @Test
    void readsJsonLines() {
        DeviceFile file =
                read(
                        DeviceFormat.JSON_LINES,
                        "{\"deviceKey\":\"a\"}\n{\"deviceSecret\":\"secret-2\",\"deviceKey\":\"b\"}\n");

        assertThat(file.badLines()).isEmpty();
        assertThat(file.devices()).hasSize(2).endsWith(NewDevice.of("b", Secret.of("secret-2")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a/b,hush           | deviceKey 'a/b' is not 1 to 64 letters",
                "a,hush,x           | more fields than columns, of which there are 2",
                "a,hu\"sh           | a quotation mark within a field without them",
                "a,\"hush           | a field in quotation marks does not end",
                "a,\"hush\"x        | a field in quotation marks does not end",
                ",hush              | deviceKey '' is not 1 to 64 letters",
            })
    void saysWhatIsWrongWithALineOfCsvAndShowsNoSecret(String line, String problem) {
        assertThat(read(DeviceFormat.CSV, "deviceKey,deviceSecret\nok\n" + line).badLines())
                .singleElement()
                .satisfies(
                        bad -> {
                            assertThat(bad.line()).isEqualTo(3);
                            assertThat(bad.problem()).startsWith(problem).doesNotContain("hu");
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"deviceKey\":\"a\",\"secret\":\"hush\"}              | an unknown field; allowed are deviceKey, deviceSecret, name, tags, attributes, state",
                "{\"deviceKey\":\"a\",\"deviceSecret\":5}               | the field 'deviceSecret' must be a text",
                "{\"deviceSecret\":\"hush\"}                            | the field 'deviceKey' is missing",
                "{\"deviceKey\":\"a\",\"deviceSecret\":\"hush           | not a JSON object",
                "{\"deviceKey\":\"a\",\"deviceKey\":\"b\"}              | not a JSON object, or a field is there twice",
                "{\"deviceKey\":\"a\"} {}                               | not a JSON object",
                "[]                                                     | not a JSON object",
                "{\"deviceKey\":\"a\",\"deviceSecret\":\"hush\\nhush\"} | a secret that is chosen has printable characters of ASCII only, without \" and \\",
                "{\"deviceKey\":\"a\",\"name\":\"N\\ud800\"}                 | name holds half of a surrogate pair",
                "{\"deviceKey\":\"a\",\"tags\":{\"b\":\"\\udc00\"}}           | tag holds half of a surrogate pair",
                "{\"deviceKey\":\"a\",\"deviceSecret\":\"\"}            | a secret that is chosen has 8 to 64 characters, and this one has 0",
                "{\"deviceKey\":\"a\",\"deviceSecret\":\"1234567\"}     | a secret that is chosen has 8 to 64 characters, and this one has 7",
            })
    void saysWhatIsWrongWithALineOfJsonAndShowsNoSecret(String line, String problem) {
        assertThat(read(DeviceFormat.JSON_LINES, "{\"deviceKey\":\"ok\"}\n" + line).badLines())
                .singleElement()
                .satisfies(
                        bad -> {
                            assertThat(bad.line()).isEqualTo(2);
                            assertThat(bad.problem()).startsWith(problem).doesNotContain("hu");
                        });
    }

    @Test
    void refusesAnotherHeaderAndReadsNoFurther() {
        assertThat(read(DeviceFormat.CSV, "a,b\nc/d\n").badLines())
                .containsExactly(
                        new BadLine(
                                1,
                                "the first line must be 'deviceKey', with deviceSecret, name, tags,"
                                        + " attributes and state if you like, each once and with"
                                        + " commas between"));
    }

    @Test
    void refusesADeviceThatIsThereTwice() {
        assertThat(read(DeviceFormat.CSV, "deviceKey\na\nb\na\n").badLines())
                .containsExactly(new BadLine(4, "deviceKey 'a' is in line 2 already"));
    }

    @Test
    void refusesWhatIsNotUtf8AndALineThatIsTooLong() {
        byte[] latin = "deviceKey\nä\n".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(read(DeviceFormat.CSV, latin).badLines())
                .containsExactly(new BadLine(2, "not UTF-8"));
        assertThat(
                        read(
                                        DeviceFormat.CSV,
                                        "deviceKey\n" + "x".repeat(DeviceFile.LINE_BYTES_MAX + 1))
                                .badLines())
                .containsExactly(new BadLine(2, "longer than 8388608 bytes"));
    }

    @Test
    void stopsWhereThereAreTooManyDevicesOrBytes() {
        assertThat(read(DeviceFormat.CSV, "deviceKey\na\nb\nc\nd\n/\n").badLines())
                .containsExactly(
                        new BadLine(5, "more than 3 devices; import them in several files"));
        byte[] blank = new byte[DeviceFile.BYTES_MAX + 10];
        Arrays.fill(blank, (byte) '\n');
        assertThat(read(DeviceFormat.CSV, blank).badLines())
                .singleElement()
                .extracting(BadLine::problem)
                .isEqualTo("the file is longer than 33554432 bytes");
    }

    @Test
    void describesAHundredBadLinesAndCountsTheOthers() {
        DeviceFile file = read(DeviceFormat.CSV, "deviceKey\n" + "/\n".repeat(1_000));

        assertThat(file.badLines()).hasSize(100);
        assertThat(file.badLineCount()).isEqualTo(1_000);
    }

    /** What is behind them, a mark that is not allowed, would be told of first. */
    @Test
    void readsNoMoreFieldsColumnsAndTagsThanThereCanBe() {
        assertThat(read(DeviceFormat.CSV, "deviceKey\na,b,c\"").badLines())
                .containsExactly(new BadLine(2, "more fields than columns, of which there are 1"));
        assertThat(read(DeviceFormat.CSV, "deviceKey" + ",tags".repeat(13) + ",c\"").badLines())
                .singleElement()
                .satisfies(bad -> assertThat(bad.problem()).startsWith("the first line must be"));
        String tags = IntStream.range(0, 200).mapToObj(i -> "t" + i + "=").collect(joining(";"));
        assertThat(read(DeviceFormat.CSV, "deviceKey,tags\na," + tags).badLines()).isEmpty();
        assertThat(read(DeviceFormat.CSV, "deviceKey,tags\na," + tags + ";%").badLines())
                .containsExactly(new BadLine(2, "more than 200 tags"));
    }

    @Test
    void stopsWhereThereAreTooManyTagsAndAttributes() throws IOException {
        String tags = IntStream.range(0, 200).mapToObj(i -> i + "=").collect(joining(";"));
        StringBuilder text = new StringBuilder("deviceKey,tags\n");
        for (int i = 0; i < 5_001; i++) {
            text.append(i).append(',').append(tags).append('\n');
        }

        DeviceFile file =
                DeviceFile.read(
                        new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)),
                        DeviceFormat.CSV,
                        10_000);

        assertThat(file.badLines())
                .containsExactly(
                        new BadLine(
                                5_002,
                                "more than 1000000 tags and attributes; import them in several"
                                        + " files"));
    }

    @Test
    void readsNamesAndTagsInColumnsOfAnyOrder() {
        DeviceFile file =
                read(
                        DeviceFormat.CSV,
                        "tags,name,deviceKey\n"
                                + "hall=3;note=a%3Bb%25 + c,Pump,a\n"
                                + ",,b\n"
                                + "\"x=1,2\",\"P, \"\"Q\"\"\",c\n");

        assertThat(file.badLines()).isEmpty();
        assertThat(file.devices())
                .extracting(NewDevice::name)
                .containsExactly(Optional.of("Pump"), Optional.empty(), Optional.of("P, \"Q\""));
        assertThat(file.devices())
                .extracting(NewDevice::tags)
                .containsExactly(
                        Map.of("hall", "3", "note", "a;b% + c"), Map.of(), Map.of("x", "1,2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a,N,hall      | tags are not written as name=value",
                "a,N,=3        | tags are not written as name=value",
                "a,N,b=%4      | tags have a '%' that no two hexadecimal digits",
                "a,N,b=1;b=2   | a tag is there twice",
                "a,N,b=%00     | tag 'b' holds the character U+0000",
                "a,N\u0007,b=1 | name is not 1 to 100 characters",
            })
    void saysWhatIsWrongWithNamesAndTags(String line, String problem) {
        assertThat(read(DeviceFormat.CSV, "deviceKey,name,tags\n" + line).badLines())
                .singleElement()
                .satisfies(bad -> assertThat(bad.problem()).startsWith(problem));
    }

    @ParameterizedTest
    @EnumSource(DeviceFormat.class)
    void readsWhatItWrites(DeviceFormat format) throws JsonProcessingException {
        List<String> columns = Column.written(true, true);
        StringBuilder text = new StringBuilder();
        format.header(columns).ifPresent(line -> text.append(line).append('\n'));
        String first =
                """
                {"productKey":"p","deviceKey":"a","deviceSecret":" s,'xyz' ","name":"Ä, \\"B\\"",
                 "state":"ONLINE","revision":3,"client":{"protocolLevel":4},
                 "tags":{"a=b;c":"1%\\n2","d":""},
                 "attributes":{"size":{"w":1.10,"n":"\\"a, b\\""},"none":null,"x":1e400}}
                """;
        String second =
                "{\"deviceKey\":\"b\",\"deviceSecret\":\"plain-text\",\"state\":\"DISABLED\","
                        + "\"tags\":{},\"attributes\":{}}";
        for (String device : List.of(first, second)) {
            text.append(format.line(columns, EXACT.readTree(device))).append('\n');
        }

        DeviceFile file = read(format, text.toString());

        assertThat(file.badLines()).isEmpty();
        assertThat(file.devices())
                .containsExactly(
                        new NewDevice(
                                "a",
                                Secret.of(" s,'xyz' "),
                                Optional.of("Ä, \"B\""),
                                Map.of("a=b;c", "1%\n2", "d", ""),
                                Map.of(
                                        "size",
                                        "{\"w\":1.10,\"n\":\"\\\"a, b\\\"\"}",
                                        "none",
                                        "null",
                                        "x",
                                        "1E+400"),
                                false),
                        new NewDevice(
                                "b",
                                Secret.of("plain-text"),
                                Optional.empty(),
                                Map.of(),
                                Map.of(),
                                true));
    }

    @ParameterizedTest
    @CsvSource({
        "DISABLED, true",
        "INACTIVE, false",
        "ONLINE, false",
        "OFFLINE, false",
        "'', false"
    })
    void aDeviceThatWasDisabledIsDisabledAndEveryOtherIsNew(String state, boolean isDisabled) {
        assertThat(read(DeviceFormat.CSV, "deviceKey,state\na," + state).devices())
                .singleElement()
                .extracting(NewDevice::isDisabled)
                .isEqualTo(isDisabled);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a,disabled,         | state 'disabled' is not one of [INACTIVE, ONLINE, OFFLINE, DISABLED]",
                "a,,[1]              | attributes are not a JSON object, or one is there twice",
                "a,,{x               | attributes are not a JSON object",
                "a,,\"{\"\"\"\":1}\" | attribute '' is not named by 1 to 128 characters",
            })
    void saysWhatIsWrongWithStatesAndAttributes(String line, String problem) {
        assertThat(read(DeviceFormat.CSV, "deviceKey,state,attributes\n" + line).badLines())
                .singleElement()
                .satisfies(bad -> assertThat(bad.problem()).startsWith(problem));
    }

    /** As deep as the management API takes it, and no deeper. */
    @Test
    void anAttributeIsNoDeeperThanItMayBeOtherwise() {
        for (int depth : new int[] {49, 50}) {
            String value = "[".repeat(depth) + "]".repeat(depth);
            String line = "{\"deviceKey\":\"a\",\"attributes\":{\"x\":" + value + "}}";
            String fields = "deviceKey,attributes\na,\"{\"\"x\"\":" + value + "}\"";
            assertThat(read(DeviceFormat.JSON_LINES, line).badLines()).hasSize(depth - 49);
            assertThat(read(DeviceFormat.CSV, fields).badLines()).hasSize(depth - 49);
        }
    }

    @Test
    void takesADeviceWithAllThatItMayHave() {
        String nest = "[".repeat(48) + "]".repeat(48) + ",";
        String value = "[" + nest.repeat(42) + "[]]";
        StringBuilder line = new StringBuilder("{\"deviceKey\":\"a\",\"tags\":{");
        for (int i = 0; i < 200; i++) {
            line.append(i == 0 ? "" : ",").append("\"%d\":\"\"".formatted(i));
        }
        line.append("},\"attributes\":{");
        for (int i = 0; i < 200; i++) {
            line.append(i == 0 ? "" : ",").append("\"%d\":%s".formatted(i, value));
        }

        assertThat(value).hasSizeBetween(4070, 4096);
        assertThat(read(DeviceFormat.JSON_LINES, line + "}}").badLines()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(DeviceFormat.class)
    void refusesJsonOfMoreThanADeviceMayHaveBeforeItIsRead(DeviceFormat format) {
        String value = "[" + "{},".repeat(1_000_000) + "0]";
        String text =
                format == DeviceFormat.CSV
                        ? "deviceKey,attributes\na,\"{\"\"x\"\":" + value + "}\""
                        : "{\"deviceKey\":\"a\",\"attributes\":{\"x\":" + value + "}}";

        assertThat(read(format, text).badLines())
                .singleElement()
                .extracting(BadLine::problem)
                .isEqualTo(
                        "JSON with an attribute of more than 49 levels, with more than 820000"
                                + " tokens, or with a name or a number that is too long");
    }
}
