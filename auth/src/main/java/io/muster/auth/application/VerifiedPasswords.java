package io.muster.auth.application;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers which password was found right for which stored hash, so that a reconnect costs no
 * password hashing; shared by all threads.
 *
 * <p>It holds no password, only an HMAC under a key that is drawn at start and never leaves the
 * process. A changed stored hash makes the memory of the old one worthless. Bounded: who has not
 * signed in for longest is forgotten.
 */
final class VerifiedPasswords {

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final Map<String, Verified> byUsername;

    VerifiedPasswords(int capacity) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.key = new SecretKeySpec(random, ALGORITHM);
        this.byUsername = new LeastRecentlyUsed<>(capacity);
    }

    /** Whether this password was found right for this very hash before. */
    boolean contains(String username, byte[] password, String storedHash) {
        byte[] digest = digest(username, password);
        Verified verified;
        synchronized (byUsername) {
            verified = byUsername.get(username);
        }
        return verified != null
                && verified.storedHash.equals(storedHash)
                && MessageDigest.isEqual(verified.digest, digest);
    }

    void add(String username, byte[] password, String storedHash) {
        Verified verified = new Verified(storedHash, digest(username, password));
        synchronized (byUsername) {
            byUsername.put(username, verified);
        }
    }

    /** A text that only the same password of the same user and hash has; tells nothing of it. */
    String fingerprint(String username, byte[] password, String storedHash) {
        return HexFormat.of().formatHex(digest(username, password)) + storedHash;
    }

    private byte[] digest(String username, byte[] password) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(username.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return mac.doFinal(password);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
        }
    }

    private static final class Verified {

        private final String storedHash;
        private final byte[] digest;

        Verified(String storedHash, byte[] digest) {
            this.storedHash = storedHash;
            this.digest = digest;
        }
    }
}
