package io.muster.hub.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneLineTest {

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
    void leavesNoLineEnd(String text, String line) {
        assertThat(new OneLine().transform(new LoggingEvent(), text)).isEqualTo(line);
    }
}
