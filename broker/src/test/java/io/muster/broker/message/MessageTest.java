package io.muster.broker.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTest {

    private static Message message(String topic, int payloadBytes, PublishProperties properties) {
        Payload payload = Payload.of(new byte[payloadBytes]);
        return new Message(topic, payload, Qos.AT_MOST_ONCE, false, "", Message.NEVER, properties);
    }

    private static PublishProperties userProperties(UserProperty... properties) {
        return new PublishProperties(-1, null, null, null, List.of(properties));
    }

    @Test
    void countsTopicAndPayload() {
        assertThat(message("topic", 100, PublishProperties.NONE).bytes()).isEqualTo(105);
    }

    @Test
    void countsAllPropertiesThatHaveALength() {
        PublishProperties properties =
                new PublishProperties(1, "1", "22", Payload.of(new byte[4]), List.of());
        assertThat(message("t", 0, properties).bytes()).isEqualTo(1 + 1 + 2 + 4);
    }

    @Test
    void countsUserPropertiesForWhatTheyCostHoweverShort() {
        long none = message("t", 0, userProperties()).bytes();
        long empty = message("t", 0, userProperties(new UserProperty("", ""))).bytes();
        UserProperty longer = new UserProperty("12345", "67");
        long two = message("t", 0, userProperties(longer, longer)).bytes();

        assertThat(empty - none).isGreaterThan(50);
        assertThat(two - none).isEqualTo(2 * (empty - none) + 2 * 7);
    }

    @Test
    void propertiesAreEqualIfAllOfThemAre() {
        Payload data = Payload.of(new byte[1]);
        List<UserProperty> users = List.of(new UserProperty("n", "v"));
        PublishProperties one = new PublishProperties(0, "a", "b", data, users);
        assertThat(one)
                .isEqualTo(new PublishProperties(0, "a", "b", data, users))
                .hasSameHashCodeAs(new PublishProperties(0, "a", "b", data, users))
                .isNotEqualTo(new PublishProperties(1, "a", "b", data, users))
                .isNotEqualTo(new PublishProperties(0, null, "b", data, users))
                .isNotEqualTo(new PublishProperties(0, "a", "c", data, users))
                .isNotEqualTo(new PublishProperties(0, "a", "b", null, users))
                .isNotEqualTo(new PublishProperties(0, "a", "b", data, List.of()));
    }
}
