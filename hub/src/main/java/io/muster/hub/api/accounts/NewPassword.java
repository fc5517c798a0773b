package io.muster.hub.api.accounts;

import io.muster.auth.application.PasswordHash;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Problems;

/**
 * Hashes passwords that accounts get, one at a time in the whole hub: each takes some 20 MB while
 * it runs, and whoever changes accounts is in no hurry. Blocks for a tenth of a second.
 */
final class NewPassword {

    private static final int LENGTH_MIN = 8;
    private static final int LENGTH_MAX = 128;

    private NewPassword() {}

    /**
     * The hash of a password that may be one.
     *
     * @throws ApiProblem (400) saying what is allowed
     */
    static synchronized String hash(String password) {
        int length = password.codePointCount(0, password.length());
        if (length < LENGTH_MIN || length > LENGTH_MAX) {
            throw ApiProblem.badRequest(
                    "the field 'password' has %d characters, but must have %d to %d"
                            .formatted(length, LENGTH_MIN, LENGTH_MAX));
        }
        return Problems.unlessInvalid(() -> PasswordHash.hash(password));
    }
}
