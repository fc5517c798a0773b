package io.muster.loadtest.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TemplateTest {

    private static final Stamp STAMP = new Stamp(1, 2, 12_345, 0);

    private static String fill(String template) {
        return new Template(template)
                .payloadOf("dev\u00fc")
                .of(STAMP)
                .toString(StandardCharsets.UTF_8);
    }

    @Test
    void fillsItsVariables() {
        assertThat(fill("{\"d\":\"${device}\",\"n\":${sequence}}$"))
                .isEqualTo("{\"d\":\"dev\u00fc\",\"n\":12345}$");
        assertThat(Long.parseLong(fill("${timestamp}"))).isGreaterThan(1_700_000_000_000L);
        assertThat(Integer.parseInt(fill("${random}"))).isBetween(0, 999_999);
        assertThat(fill("no variables")).isEqualTo("no variables");
    }

    @Test
    void carriesAStampThatReceiversFind() {
        Template template = new Template("a${stamp}b");
        assertThat(template.stamped()).isTrue();
        assertThat(Stamp.read(template.payloadOf("d").of(STAMP))).isEqualTo(STAMP);
        assertThat(new Template("a").stamped()).isFalse();
    }

    @Test
    void makesOnePayloadAfterTheOther() {
        Payload payload = new Template("${sequence}").payloadOf("d");
        assertThat(payload.of(STAMP).toString(StandardCharsets.UTF_8)).isEqualTo("12345");
        assertThat(payload.of(new Stamp(1, 2, 0, 0)).toString(StandardCharsets.UTF_8))
                .isEqualTo("0");
    }

    @Test
    void namesAVariableThatThereIsNot() {
        assertThatThrownBy(() -> new Template("${secret}"))
                .hasMessage(
                        "a payload template has no variable ${secret}; there are ${device}, ${random}, ${sequence}, ${stamp}, ${timestamp}");
    }
}
