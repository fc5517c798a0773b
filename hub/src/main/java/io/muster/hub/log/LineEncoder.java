package io.muster.hub.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/**
 * Makes one line of an event: the time in UTC, the level, the class, the message and, if there is
 * one, the exception. So that no client can forge a line, a line end within becomes {@code " | "}.
 *
 * <p>Shared. Each client that comes and goes is two lines, so no pattern is interpreted, and of the
 * time only the milliseconds are made anew.
 */
final class LineEncoder extends EncoderBase<ILoggingEvent> {

    private static final Pattern LINE_ENDS = Pattern.compile("\\s*[\\r\\n]+\\s*");
    private static final int LINE_CHARS = 160;
    private static final int LEVEL_CHARS = 5;
    private static final int MILLIS = 1_000;
    private static final int MILLIS_DIGITS = 3;
    private static final byte[] NOTHING = {};

    private volatile Second second = Second.of(0);

    /**
     * A second of the log.
     *
     * @param epochSecond since 1970
     * @param text such as {@code 2026-01-02T03:04:05}
     */
    private record Second(long epochSecond, String text) {

        private static Second of(long epochSecond) {
            String instant =
                    DateTimeFormatter.ISO_INSTANT.format(Instant.ofEpochSecond(epochSecond));
            return new Second(epochSecond, instant.substring(0, instant.length() - 1));
        }
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(LINE_CHARS);
        appendTime(line, event.getTimeStamp());
        line.append(' ');
        appendPadded(line, event.getLevel().toString());
        String logger = event.getLoggerName();
        line.append(' ').append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(' ');
        line.append(oneLine(text(event))).append(System.lineSeparator());
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void appendTime(StringBuilder line, long millis) {
        long epochSecond = Math.floorDiv(millis, MILLIS);
        Second now = second;
        if (now.epochSecond != epochSecond) {
            now = Second.of(epochSecond);
            second = now;
        }
        String fraction = Integer.toString(Math.floorMod(millis, MILLIS));
        line.append(now.text).append('.');
        line.append("0".repeat(MILLIS_DIGITS - fraction.length())).append(fraction).append('Z');
    }

    private static void appendPadded(StringBuilder line, String level) {
        line.append(level).append(" ".repeat(Math.max(0, LEVEL_CHARS - level.length())));
    }

    private static String text(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        String message = String.valueOf(event.getFormattedMessage());
        return thrown == null ? message : message + '\n' + ThrowableProxyUtil.asString(thrown);
    }

    /** Most texts have no line end, and a pattern that looks for one costs more than the rest. */
    private static String oneLine(String text) {
        String line = text.stripTrailing();
        return line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0
                ? LINE_ENDS.matcher(line).replaceAll(" | ")
                : line;
    }
}
