package io.muster.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "sport/#", "a/+/b", "sport+", "a#b"})
    void findsWildcardCharacters(String topic) {
        assertThat(TopicName.hasWildcard(topic)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "a", "sport/tennis/player1", "Accounts payable", "$SYS/a"})
    void findsNoneInOtherNames(String topic) {
        assertThat(TopicName.hasWildcard(topic)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$SYS", "$SYS/", "$SYS/broker/uptime", "$SYS//"})
    void keepsTheSystemTopicsForTheBroker(String topic) {
        assertThat(TopicName.isReserved(topic)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"$SYSTEM", "$sys/a", "$", "/$SYS/a", "SYS/a", "a/$SYS", "$SY", "$muster/x"})
    void leavesOtherTopicsToTheClients(String topic) {
        assertThat(TopicName.isReserved(topic)).isFalse();
    }
}
