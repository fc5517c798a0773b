package io.muster.hub.api.enos;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnosSignatureTest {

    private static final Secret SECRET = Secret.of("sk1");
    private static final String TIME = "1700000000000";

    @Test
    void theProofForATokenIsThatOfTheReference() {
        assertThat(EnosSignature.encryption("ak1", TIME, SECRET))
                .isEqualTo("2dc28bfa5f6db98e65588b526d1fe0ba1faea875ce1bab50aca44da40f902168");
    }

    @Test
    void theSignatureOfACallIsThatOfTheReferenceWhateverTheOrderOfItsParameters() {
        Map<String, List<String>> query =
                Map.of(
                        "productKey", List.of("pk1"),
                        "action", List.of("list"),
                        "deviceKey", List.of("dev1"),
                        "orgId", List.of("o1"));

        assertThat(EnosSignature.call("tok1", query, new byte[0], TIME, SECRET))
                .isEqualTo("0e00dd228b3da843fb6a3a92417e084602881cfde3818f6a292264c61a2fcb23");
        assertThat(
                        EnosSignature.call(
                                "tok1", query, "{}".getBytes(StandardCharsets.UTF_8), TIME, SECRET))
                .isNotEqualTo("0e00dd228b3da843fb6a3a92417e084602881cfde3818f6a292264c61a2fcb23");
    }
}
