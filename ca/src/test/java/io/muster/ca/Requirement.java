package io.muster.ca;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What a machine must have for some tests. Where it is missing they are skipped and say so; where
 * {@code TESTS_REQUIRE_} and its name is 1 in the environment, they fail.
 */
public enum Requirement {
    /** The command {@code openssl}. */
    OPENSSL,
    /** SoftHSM, a token for PKCS#11 without hardware, with {@code softhsm2-util}. */
    SOFTHSM;

    /** Goes on if it is there. */
    public void check(boolean there, String what) {
        if ("1".equals(System.getenv("TESTS_REQUIRE_" + name())) && !there) {
            throw new AssertionError(what + ", but TESTS_REQUIRE_" + name() + " is 1");
        }
        assumeTrue(there, what);
    }
}
