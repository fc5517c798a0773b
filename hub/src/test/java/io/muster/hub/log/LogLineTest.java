package io.muster.hub.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an operator reads, as the hub makes it of an event. */
class LogLineTest {

    private static final Instant WHEN = Instant.parse("2026-01-02T03:04:05.678Z");

    private static String line(String message, @Nullable Throwable thrown) {
        LoggerContext context = new LoggerContext();
        Logger logger = context.getLogger("io.muster.broker.session.SessionRegistry");
        LoggingEvent event =
                new LoggingEvent("any", logger, Level.INFO, message, thrown, new Object[0]);
        event.setInstant(WHEN);
        return new String(
                LogConfigurator.textEncoder(context).encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void hasTheTimeInUtcTheLevelTheClassAndTheMessage() {
        assertThat(line("client connected client=a", null))
                .isEqualTo(
                        "2026-01-02T03:04:05.678Z INFO  SessionRegistry client connected client=a"
                                + System.lineSeparator());
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
