package io.muster.broker.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SubscriptionIdentifiersTest {

    private static final SubscriptionIdentifiers SEVEN = SubscriptionIdentifiers.of(7);

    @Test
    void areOneSharedConstantWhereThereIsNone() {
        SubscriptionIdentifiers none = SubscriptionIdentifiers.of(0);

        assertThat(none).isSameAs(SubscriptionIdentifiers.NONE);
        assertThat(none.isEmpty()).isTrue();
        assertThat(none.with(none)).isSameAs(none);
    }

    @Test
    void holdTheLargestIdentifierThatThereIs() {
        SubscriptionIdentifiers largest = SubscriptionIdentifiers.of(268_435_455);

        assertThat(largest.isEmpty()).isFalse();
        assertThat(largest.size()).isEqualTo(1);
        assertThat(largest.get(0)).isEqualTo(268_435_455);
    }

    @Test
    void keepAllOfBothAndTheSameOneTwice() {
        // [MQTT5 3.3.2.3.8]: "the PUBLISH packet will carry multiple identical identifiers".
        SubscriptionIdentifiers all =
                SEVEN.with(SubscriptionIdentifiers.of(9)).with(SubscriptionIdentifiers.of(7));

        assertThat(all).hasToString("[7, 9, 7]");
        assertThat(SEVEN).as("unchanged").hasToString("[7]");
    }

    @Test
    void areNotCopiedWhereNothingIsAdded() {
        assertThat(SEVEN.with(SubscriptionIdentifiers.NONE)).isSameAs(SEVEN);
        assertThat(SubscriptionIdentifiers.NONE.with(SEVEN)).isSameAs(SEVEN);
    }

    @Test
    void areEqualByTheirNumbers() {
        assertThat(SEVEN)
                .isEqualTo(SubscriptionIdentifiers.of(7))
                .hasSameHashCodeAs(SubscriptionIdentifiers.of(7))
                .isNotEqualTo(SubscriptionIdentifiers.of(8))
                .isNotEqualTo(SubscriptionIdentifiers.NONE)
                .isNotEqualTo("[7]");
    }
}
