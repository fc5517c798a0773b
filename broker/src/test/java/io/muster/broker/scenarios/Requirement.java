package io.muster.broker.scenarios;

import org.junit.jupiter.api.Assumptions;

/**
 * Clients that some scenarios need. Where one is missing they are skipped and say so; where {@code
 * TESTS_REQUIRE_} and its name is 1 in the environment, they fail.
 */
enum Requirement {
    MOSQUITTO,
    MQTT_JS;

    void mustBeThere(boolean isThere) {
        if (isThere) {
            return;
        }
        String missing = this + " is not installed here";
        if ("1".equals(System.getenv("TESTS_REQUIRE_" + name()))) {
            throw new AssertionError(missing);
        }
        Assumptions.abort(missing);
    }
}
