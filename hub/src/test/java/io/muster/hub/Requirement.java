package io.muster.hub;

import org.junit.jupiter.api.Assumptions;

/**
 * What some tests need of the machine besides a JDK. Where it is missing they are skipped and say
 * so; where {@code TESTS_REQUIRE_} and its name is 1 in the environment, they fail.
 */
public enum Requirement {
    /** PostgreSQL, which does not run as every user. */
    POSTGRES,
    /** The MQTT client for Python. */
    PAHO,
    /** The program that limits a process. */
    PRLIMIT,
    /** The command {@code openssl}. */
    OPENSSL,
    /** A port that is free. */
    PORT_11883,
    /** The command {@code curl}. */
    CURL,
    /** SoftHSM, with {@code softhsm2-util}. */
    SOFTHSM;

    /** Whether nobody may do without it here. */
    public boolean isDemanded() {
        return "1".equals(System.getenv("TESTS_REQUIRE_" + name()));
    }

    /**
     * To be thrown, ends the test that needs it.
     *
     * @param why it is missing
     */
    public RuntimeException missing(String why) {
        if (isDemanded()) {
            throw new AssertionError("required here: " + why);
        }
        return Assumptions.abort(why);
    }
}
