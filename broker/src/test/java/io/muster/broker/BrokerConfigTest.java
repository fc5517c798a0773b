package io.muster.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BrokerConfigTest {

    private final BrokerConfig config =
            BrokerConfig.of(List.of(new ListenerConfig("tcp", "127.0.0.1", 0)));

    /** A subscriber that reads a moment late must not lose what many send at once. */
    @Test
    void aQueueHoldsABurstOfAThousandPublishersWithSeveralMessagesEach() {
        int publishers = 1_000;
        int messagesEach = 10;
        assertThat(config.sessions().queueMessagesMax())
                .isGreaterThanOrEqualTo(publishers * messagesEach);
    }

    /** Identifier, will topic, will payload, user name and password, each as long as can be. */
    @Test
    void aConnectMayHaveTheLongestFieldsThatThereCanBe() {
        String longest = "x".repeat(65_535);
        byte[] connect =
                Packets.connect(5, longest)
                        .will(longest, longest, 1, Packets.NO_PROPERTIES)
                        .credentials(longest, longest)
                        .bytes();
        assertThat(connect.length).isGreaterThan(5 * 65_535);
        assertThat(config.limits().connectBytesMax()).isGreaterThan(connect.length);
    }
}
