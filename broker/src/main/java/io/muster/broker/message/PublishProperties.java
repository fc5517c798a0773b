package io.muster.broker.message;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
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

    /** The text itself is not wanted, so little of it is held. */
    private static final int CHARS_AT_ONCE = 256;

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
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.wrap(payload.bytes());
        CharBuffer chars = CharBuffer.allocate(CHARS_AT_ONCE);
        CoderResult result;
        do {
            chars.clear();
            result = decoder.decode(bytes, chars, true);
        } while (result.isOverflow());
        return result.isUnderflow();
    }
}
