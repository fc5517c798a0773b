package io.muster.broker.protocol.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReasonCodeTest {

    private static final int CODES = 33;

    @ParameterizedTest
    @CsvSource({
        "SUCCESS, 0, 0",
        "NO_MATCHING_SUBSCRIBERS, 16, 0",
        "NO_SUBSCRIPTION_EXISTED, 17, 0",
        "UNSPECIFIED_ERROR, 128, 3",
        "CONTINUE_AUTHENTICATION, 24, 0",
        "MALFORMED_PACKET, 129, 3",
        "PROTOCOL_ERROR, 130, 3",
        "UNSUPPORTED_PROTOCOL_VERSION, 132, 1",
        "CLIENT_IDENTIFIER_NOT_VALID, 133, 2",
        "BAD_USER_NAME_OR_PASSWORD, 134, 4",
        "NOT_AUTHORIZED, 135, 5",
        "SERVER_UNAVAILABLE, 136, 3",
        "BANNED, 138, 5",
        "SERVER_SHUTTING_DOWN, 139, 3",
        "BAD_AUTHENTICATION_METHOD, 140, 5",
        "KEEP_ALIVE_TIMEOUT, 141, 3",
        "SESSION_TAKEN_OVER, 142, 3",
        "TOPIC_FILTER_INVALID, 143, 3",
        "TOPIC_NAME_INVALID, 144, 3",
        "PACKET_IDENTIFIER_NOT_FOUND, 146, 3",
        "RECEIVE_MAXIMUM_EXCEEDED, 147, 3",
        "TOPIC_ALIAS_INVALID, 148, 3",
        "PACKET_TOO_LARGE, 149, 3",
        "QUOTA_EXCEEDED, 151, 3",
        "ADMINISTRATIVE_ACTION, 152, 3",
        "PAYLOAD_FORMAT_INVALID, 153, 3",
        "RETAIN_NOT_SUPPORTED, 154, 5",
        "QOS_NOT_SUPPORTED, 155, 5",
        "USE_ANOTHER_SERVER, 156, 3",
        "SERVER_MOVED, 157, 3",
        "SHARED_SUBSCRIPTIONS_NOT_SUPPORTED, 158, 3",
        "CONNECTION_RATE_EXCEEDED, 159, 3",
        "WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED, 162, 3"
    })
    void hasTheValuesOfTheSpecifications(ReasonCode code, int value, int connectReturnCode) {
        assertThat(code.value()).isEqualTo(value);
        assertThat(code.connectReturnCode()).isEqualTo(connectReturnCode);
    }

    @Test
    void theTableAboveIsComplete() {
        assertThat(ReasonCode.values()).hasSize(CODES);
    }

    @Test
    void noFailureIsTakenForSuccessByAnEarlierVersion() {
        assertThat(Arrays.stream(ReasonCode.values()).filter(code -> code.value() >= 0x80))
                .allMatch(code -> code.connectReturnCode() > 0 && code.connectReturnCode() <= 5);
    }
}
