package io.muster.auth.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IdentityTest {

    private static final TopicPermissions NOTHING =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return false;
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return false;
                }
            };

    @Test
    void attributesChangedLaterDoNotChangeIt() {
        Map<String, String> attributes = new HashMap<>(Map.of("kind", "device"));
        Identity identity = new Identity("device:a/b", "a/b", NOTHING, attributes);

        attributes.put("kind", "application");

        assertThat(identity.attributes()).containsOnly(Map.entry("kind", "device"));
    }

    @Test
    void refusesAnEmptyPrincipal() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity("", "a/b", NOTHING, Map.of()))
                .withMessage("principal is empty");
    }

    @Test
    void refusesNamesThatForgeALogLine() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity("app:x\ny", "", NOTHING, Map.of()))
                .withMessage("principal has control characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity("app:x", "a\rb", NOTHING, Map.of()))
                .withMessage("clientIdentifier has control characters");
    }
}
