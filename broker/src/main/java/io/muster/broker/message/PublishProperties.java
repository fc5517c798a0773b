package io.muster.broker.message;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a PUBLISH that travel with the message unaltered from publisher to subscriber
 * [MQTT5 3.3.2.3].
 *
 * @param payloadFormatIndicator 0 unspecified bytes, 1 UTF-8 text; -1 not sent
 * @param contentType describes the payload, if sent
 * @param responseTopic where an answer goes, if sent
 * @param correlationData identifies the request, if sent
 * @param userProperties in the order sent
 */
public record PublishProperties(
        int payloadFormatIndicator,
        @Nullable String contentType,
        @Nullable String responseTopic,
        @Nullable Payload correlationData,
        List<UserProperty> userProperties) {

    private static final int TEXT = 1;

    /** A message without properties. */
    public static final PublishProperties NONE =
            new PublishProperties(-1, null, null, null, List.of());

    /** Whether there are none, so that nothing of them need be written. */
    public boolean isEmpty() {
        return payloadFormatIndicator < 0
                && contentType == null
                && responseTopic == null
                && correlationData == null
                && userProperties.isEmpty();
    }

    /** Copies the list. */
    public PublishProperties {
        userProperties = List.copyOf(userProperties);
    }

    /** Whether a payload is the UTF-8 text that the format indicator says, if it says so. */
    public boolean describe(Payload payload) {
        if (payloadFormatIndicator != TEXT) {
            return true;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload.bytes()));
            return true;
        } catch (CharacterCodingException broken) {
            return false;
        }
    }
}
