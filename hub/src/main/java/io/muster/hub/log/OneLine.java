package io.muster.hub.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;
import java.util.regex.Pattern;

/**
 * The word {@code oneline} of a log pattern: makes one line of what stands in its parentheses, so
 * that one event is one line and no client can forge another. A line end and the blanks around it
 * become {@code " | "}; one at the end goes.
 */
public final class OneLine extends CompositeConverter<ILoggingEvent> {

    private static final Pattern LINE_ENDS = Pattern.compile("\\s*[\\r\\n]+\\s*");

    @Override
    protected String transform(ILoggingEvent event, String text) {
        String line = text.stripTrailing();
        return hasLineEnd(line) ? LINE_ENDS.matcher(line).replaceAll(" | ") : line;
    }

    /** Most events have none, and a pattern that looks for one costs more than the rest of them. */
    private static boolean hasLineEnd(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }
}
