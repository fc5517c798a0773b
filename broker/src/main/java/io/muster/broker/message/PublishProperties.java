package io.muster.broker.message;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a PUBLISH that travel with the message unaltered from publisher to subscriber
 * [MQTT5 3.3.2.3]. Immutable.
 */
public final class PublishProperties {

    private static final int TEXT = 1;

    /** The heap that a user property takes beside its contents, about. */
    private static final int BYTES_PER_USER_PROPERTY = 120;

    /** The text itself is not wanted, so little of it is held. */
    private static final int CHARS_AT_ONCE = 256;

    /** A message without properties. */
    public static final PublishProperties NONE =
            new PublishProperties(-1, null, null, null, List.of());

    private final int payloadFormatIndicator;
    private final @Nullable String contentType;
    private final @Nullable String responseTopic;
    private final @Nullable Payload correlationData;
    private final List<UserProperty> userProperties;
    private final long bytes;

    /**
     * The properties that were sent. Copies the list.
     *
     * @param payloadFormatIndicator 0 unspecified bytes, 1 UTF-8 text; -1 not sent
     * @param contentType describes the payload, if sent
     * @param responseTopic where an answer goes, if sent
     * @param correlationData identifies the request, if sent
     * @param userProperties in the order sent
     */
    public PublishProperties(
            int payloadFormatIndicator,
            @Nullable String contentType,
            @Nullable String responseTopic,
            @Nullable Payload correlationData,
            List<UserProperty> userProperties) {
        this.payloadFormatIndicator = payloadFormatIndicator;
        this.contentType = contentType;
        this.responseTopic = responseTopic;
        this.correlationData = correlationData;
        this.userProperties = List.copyOf(userProperties);
        this.bytes = count();
    }

    private long count() {
        long counted = correlationData == null ? 0 : correlationData.size();
        counted += lengthOf(contentType) + lengthOf(responseTopic);
        for (UserProperty each : userProperties) {
            counted += BYTES_PER_USER_PROPERTY + each.name().length() + each.value().length();
        }
        return counted;
    }

    private static int lengthOf(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /** 0 unspecified bytes, 1 UTF-8 text; -1 not sent. */
    public int payloadFormatIndicator() {
        return payloadFormatIndicator;
    }

    /** Describes the payload, if sent. */
    public @Nullable String contentType() {
        return contentType;
    }

    /** Where an answer goes, if sent. */
    public @Nullable String responseTopic() {
        return responseTopic;
    }

    /** Identifies the request, if sent. */
    public @Nullable Payload correlationData() {
        return correlationData;
    }

    /** In the order sent. */
    public List<UserProperty> userProperties() {
        return userProperties;
    }

    /**
     * The bytes of heap that they take, estimated: contents, and a fixed amount for each user
     * property, so that many tiny ones count for what they cost. Counted once.
     */
    public long bytes() {
        return bytes;
    }

    /** Whether there are none, so that nothing of them need be written. */
    public boolean isEmpty() {
        return payloadFormatIndicator < 0
                && contentType == null
                && responseTopic == null
                && correlationData == null
                && userProperties.isEmpty();
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

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PublishProperties those
                && payloadFormatIndicator == those.payloadFormatIndicator
                && Objects.equals(contentType, those.contentType)
                && Objects.equals(responseTopic, those.responseTopic)
                && Objects.equals(correlationData, those.correlationData)
                && userProperties.equals(those.userProperties);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                payloadFormatIndicator,
                contentType,
                responseTopic,
                correlationData,
                userProperties);
    }
}
