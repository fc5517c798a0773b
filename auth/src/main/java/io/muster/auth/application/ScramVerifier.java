package io.muster.auth.application;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the server keeps of a password to check SCRAM-SHA-256 (RFC 5802, section 3; RFC 7677): salt,
 * number of iterations, StoredKey and ServerKey. Immutable.
 *
 * <p>Encoded as RFC 5803 has it: {@code SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey}, each in
 * Base64. Who has it can try passwords, and can pose as the server.
 */
final class ScramVerifier {

    static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_256;

    /** The size of a key, and of a proof. */
    static final int KEY_BYTES = 32;

    private static final Pattern ENCODED =
            Pattern.compile(
                    "SCRAM-SHA-256\\$([1-9][0-9]{0,8}):([A-Za-z0-9+/]{8,64}={0,2})\\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)");

    private final int iterations;
    private final byte[] salt;
    private final byte[] storedKey;
    private final byte[] serverKey;

    private ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
        this.iterations = iterations;
        this.salt = salt;
        this.storedKey = storedKey;
        this.serverKey = serverKey;
    }

    /**
     * Makes the verifier of a password. Takes some milliseconds of a core, so it is not for event
     * loops.
     *
     * @return empty if the password has characters that SCRAM cannot carry (SASLprep, RFC 4013)
     */
    static Optional<ScramVerifier> of(String password, byte[] salt, int iterations) {
        char[] characters = password.toCharArray();
        if (!isPossible(characters)) {
            return Optional.empty();
        }
        byte[] salted =
                ScramFunctions.saltedPassword(
                        MECHANISM,
                        StringPreparation.SASL_PREPARATION,
                        characters,
                        salt,
                        iterations);
        byte[] storedKey =
                ScramFunctions.storedKey(MECHANISM, ScramFunctions.clientKey(MECHANISM, salted));
        byte[] serverKey = ScramFunctions.serverKey(MECHANISM, salted);
        return Optional.of(new ScramVerifier(iterations, salt.clone(), storedKey, serverKey));
    }

    private static boolean isPossible(char[] password) {
        try {
            return StringPreparation.SASL_PREPARATION.normalize(password).length > 0;
        } catch (IllegalArgumentException prohibited) {
            return false;
        }
    }

    /** One that no password has, for a name that nobody has. */
    static ScramVerifier mock(int iterations, byte[] salt, byte[] key) {
        return new ScramVerifier(iterations, salt, key, key);
    }

    /**
     * Reads what {@link #encoded} gave.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    static ScramVerifier parse(String encoded) {
        Matcher parts = ENCODED.matcher(encoded);
        if (!parts.matches()) {
            throw new IllegalArgumentException("the stored SCRAM verifier cannot be read");
        }
        Base64.Decoder base64 = Base64.getDecoder();
        return new ScramVerifier(
                Integer.parseInt(parts.group(1)),
                base64.decode(parts.group(2)),
                base64.decode(parts.group(3)),
                base64.decode(parts.group(4)));
    }

    /** The iterations of an encoded verifier; 0 if it is none. */
    static int iterationsOf(String encoded) {
        Matcher parts = ENCODED.matcher(encoded);
        return parts.matches() ? Integer.parseInt(parts.group(1)) : 0;
    }

    String encoded() {
        return "SCRAM-SHA-256$%d:%s$%s:%s"
                .formatted(iterations, saltText(), base64(storedKey), base64(serverKey));
    }

    int iterations() {
        return iterations;
    }

    /** The salt in Base64, as the client is sent it. */
    String saltText() {
        return base64(salt);
    }

    /**
     * Whether the client knows the password; compared in constant time.
     *
     * @param proof the client's proof, of {@link #KEY_BYTES} bytes
     */
    boolean accepts(byte[] proof, String authMessage) {
        return ScramFunctions.verifyClientProof(MECHANISM, proof, storedKey, authMessage);
    }

    /** What shows the client that the server knows its password too. */
    byte[] serverSignature(String authMessage) {
        return ScramFunctions.serverSignature(MECHANISM, serverKey, authMessage);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
