package io.muster.auth.application;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Checks passwords of a kind of account that is no application; shared by all threads. Blocks while
 * it hashes and while others do: few passwords are hashed at once, whoever finds no turn in time is
 * told so, and a password that was right or wrong before is recognized without hashing.
 */
public final class PasswordCheck {

    /** Each takes 19 MiB and a processor while it runs. */
    private static final int AT_ONCE = 2;

    private static final int WAIT_SECONDS = 3;
    private static final int REMEMBERED = 256;
    private static final int REFUSED_REMEMBERED = 1_024;

    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final VerifiedPasswords verified = new VerifiedPasswords(REMEMBERED);
    private final RefusedPasswords refused = new RefusedPasswords(REFUSED_REMEMBERED);

    /** What was found. */
    public enum Verdict {
        /** It is the password. */
        RIGHT,
        /** It is not, or there is no such account. */
        WRONG,
        /** Too many are being checked; nothing was found. */
        BUSY
    }

    /**
     * Whether {@code password} is that of the account. One that there is not costs the same time as
     * a wrong password.
     *
     * @param storedHash made by {@link PasswordHash}; empty if there is no such account
     * @throws IllegalArgumentException if the stored hash cannot be read
     */
    public Verdict check(String username, byte[] password, Optional<String> storedHash) {
        String hash = storedHash.orElse(ApplicationAuthenticator.UNKNOWN_HASH);
        if (storedHash.isPresent() && verified.contains(username, password, hash)) {
            return Verdict.RIGHT;
        }
        String attempt = verified.fingerprint(username, password, hash);
        if (refused.contains(attempt)) {
            return Verdict.WRONG;
        }
        if (!isTurn()) {
            return Verdict.BUSY;
        }
        boolean matches;
        try {
            matches = PasswordHash.verify(password, hash);
        } finally {
            turns.release();
        }
        if (!matches || storedHash.isEmpty()) {
            refused.add(attempt);
            return Verdict.WRONG;
        }
        verified.add(username, password, hash);
        return Verdict.RIGHT;
    }

    private boolean isTurn() {
        try {
            return turns.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
