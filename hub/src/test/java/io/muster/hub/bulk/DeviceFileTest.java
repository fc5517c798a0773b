package io.muster.hub.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceFileTest {

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
                        "\uFEFFdeviceKey,deviceSecret\r\na:1,s1\r\n\r\n\"b\",\"s,\"\"2\"\nc,");

        assertThat(file.badLines()).isEmpty();
        assertThat(file.secrets().keySet()).containsExactly("a:1", "b", "c");
        assertThat(file.secrets())
                .containsEntry("a:1", Secret.of("s1"))
                .containsEntry("b", Secret.of("s,\"2"));
        assertThat(file.secrets().values().stream().skip(2).findFirst().orElseThrow().reveal())
                .matches("[A-Za-z0-9]{20}");
        assertThat(file.lineOf("c")).isEqualTo(5);
        assertThat(read(DeviceFormat.CSV, "deviceKey\na\nb").secrets()).hasSize(2);
    }

    @Test
    void readsJsonLines() {
        DeviceFile file =
                read(
                        DeviceFormat.JSON_LINES,
                        "{\"deviceKey\":\"a\"}\n{\"deviceSecret\":\"ä\",\"deviceKey\":\"b\"}\n");

        assertThat(file.badLines()).isEmpty();
        assertThat(file.secrets()).hasSize(2).containsEntry("b", Secret.of("ä"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a/b,hush           | deviceKey 'a/b' is not 1 to 64 letters",
                "a,hush,x           | 3 fields; deviceKey and deviceSecret are allowed",
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
                "{\"deviceKey\":\"a\",\"secret\":\"hush\"}              | an unknown field; allowed are deviceKey and",
                "{\"deviceKey\":\"a\",\"deviceSecret\":5}               | the field 'deviceSecret' must be a text",
                "{\"deviceSecret\":\"hush\"}                            | the field 'deviceKey' is missing",
                "{\"deviceKey\":\"a\",\"deviceSecret\":\"hush           | not a JSON object",
                "{\"deviceKey\":\"a\",\"deviceKey\":\"b\"}              | not a JSON object, or a field is there twice",
                "{\"deviceKey\":\"a\"} {}                               | not a JSON object",
                "[]                                                     | not a JSON object",
                "{\"deviceKey\":\"a\",\"deviceSecret\":\"hu\\nsh\"}     | deviceSecret has control characters",
                "{\"deviceKey\":\"a\",\"deviceSecret\":\"\"}            | a secret has 1 to 64 characters",
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
                                "the first line must be 'deviceKey' or 'deviceKey,deviceSecret'"));
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
        assertThat(read(DeviceFormat.CSV, "deviceKey\n" + "x".repeat(1_001)).badLines())
                .containsExactly(new BadLine(2, "longer than 1000 bytes"));
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

    @ParameterizedTest
    @EnumSource(DeviceFormat.class)
    void readsWhatItWrites(DeviceFormat format) {
        StringBuilder text = new StringBuilder();
        format.header(true).ifPresent(line -> text.append(line).append('\n'));
        text.append(format.line("a", Optional.of(" s,\"x\" "))).append('\n');
        text.append(format.line("b", Optional.of("plain"))).append('\n');

        DeviceFile file = read(format, text.toString());

        assertThat(file.badLines()).isEmpty();
        assertThat(file.secrets())
                .containsEntry("a", Secret.of(" s,\"x\" "))
                .containsEntry("b", Secret.of("plain"));
    }
}
