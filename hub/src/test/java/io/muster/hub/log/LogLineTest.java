package io.muster.hub.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator reads, as the hub makes it of an event. */
class LogLineTest {

    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX");
    private static final Instant WHEN = Instant.parse("2026-01-02T03:04:05.678Z");

    private static String line(String message, @Nullable Throwable thrown) {
        return line(WHEN, Level.INFO, message, thrown);
    }

    private static String line(
            Instant when, Level level, String message, @Nullable Throwable thrown) {
        LoggerContext context = new LoggerContext();
        Logger logger = context.getLogger("io.muster.broker.session.SessionRegistry");
        LoggingEvent event = new LoggingEvent("any", logger, level, message, thrown, new Object[0]);
        event.setInstant(when);
        return new String(new LineEncoder().encode(event), UTF_8);
    }

    private static LoggingEvent at(long millis) {
        Logger logger = new LoggerContext().getLogger("any");
        LoggingEvent event = new LoggingEvent("any", logger, Level.INFO, "m", null, new Object[0]);
        event.setInstant(Instant.ofEpochMilli(millis));
        return event;
    }

    @Test
    void hasTheTimeInUtcTheLevelTheClassAndTheMessage() {
        assertThat(line("client connected client=a", null))
                .isEqualTo(
                        "2026-01-02T03:04:05.678Z INFO  SessionRegistry client connected client=a"
                                + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00.000Z, INFO",
        "2026-12-31T23:59:59.009Z, WARN",
        "2027-01-01T00:00:00.080Z, ERROR",
    })
    void showsMillisecondsAndLevelsInColumns(Instant when, String level) {
        assertThat(line(when, Level.toLevel(level), "m", null))
                .isEqualTo(
                        "%s %-5s SessionRegistry m%n"
                                .formatted(MILLISECONDS.format(when.atOffset(UTC)), level));
    }

    @Test
    void tellsTheTimeOfEachEventWhateverCameBefore() {
        LineEncoder encoder = new LineEncoder();

        assertThat(
                        Stream.of(0, 1, 999, 1_000, 999, 61_000)
                                .map(millis -> new String(encoder.encode(at(millis)), UTF_8))
                                .map(line -> line.substring(14, 23)))
                .containsExactly(
                        "00:00.000",
                        "00:00.001",
                        "00:00.999",
                        "00:01.000",
                        "00:00.999",
                        "01:01.000");
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain,plain",
                "'a\nb','a | b'",
                "'a\r\n\tat b\r  c','a | at b | c'",
                "'a\n\n\n',a",
                "'  a\n','  a'",
                "'',''"
            })
    void leavesNoLineEnd(String message, String shown) {
        assertThat(line(message, null))
                .endsWith("SessionRegistry " + shown + System.lineSeparator());
    }

    @Test
    void tellsAnExceptionOnceOnTheSameLine() {
        assertThat(line("broken", new IllegalStateException("why")))
                .containsOnlyOnce("IllegalStateException: why")
                .contains("broken | java.lang.IllegalStateException: why | at ")
                .containsOnlyOnce(System.lineSeparator())
                .endsWith(System.lineSeparator());
    }
}
