package io.muster.devices;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A secret text. It prints as stars, and compares in constant time; {@link #reveal} is the one way
 * to its characters.
 */
public final class Secret {

    private static final String ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Length of a generated secret: 20 of 62 characters are 119 bits. */
    static final int GENERATED_LENGTH = 20;

    /** The shortest secret that somebody may choose. */
    private static final int CHOSEN_MIN = 8;

    /** The longest secret that the device SDKs have room for. */
    static final int MAX_LENGTH = 64;

    private static final String MAC = "HmacSHA256";
    private static final SecretKeySpec MARKING = new SecretKeySpec(RANDOM.generateSeed(32), MAC);
    private static final int MARK_BYTES = 6;

    private final String characters;

    private Secret(String characters) {
        this.characters = characters;
    }

    /**
     * A given secret.
     *
     * @throws IllegalArgumentException if it is empty or longer than 64 characters
     */
    public static Secret of(String characters) {
        if (characters.isEmpty() || characters.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a secret has 1 to " + MAX_LENGTH + " characters");
        }
        return new Secret(characters);
    }

    /**
     * A secret that somebody chose, such as one that is burned into a device. A shorter one could
     * be found by trying. The C SDK reads the secret that it is told to the next quotation mark,
     * and knows no escapes: so a device is told what it can read.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is not 8 to 64 printable
     *     characters of ASCII without {@code "} and {@code \}; it does not show the secret
     */
    public static Secret chosen(String characters) {
        if (characters.length() < CHOSEN_MIN || characters.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a secret that is chosen has %d to %d characters, and this one has %d"
                            .formatted(CHOSEN_MIN, MAX_LENGTH, characters.length()));
        }
        if (!characters.chars().allMatch(Secret::mayBeChosen)) {
            throw new IllegalArgumentException(
                    "a secret that is chosen has printable characters of ASCII only, without \" and"
                            + " \\");
        }
        return new Secret(characters);
    }

    private static boolean mayBeChosen(int character) {
        return character >= ' ' && character <= '~' && character != '"' && character != '\\';
    }

    /**
     * A new secret of 20 letters and digits from the system's cryptographically strong generator.
     */
    public static Secret generate() {
        StringBuilder characters = new StringBuilder(GENERATED_LENGTH);
        for (int i = 0; i < GENERATED_LENGTH; i++) {
            characters.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return new Secret(characters.toString());
    }

    /** The characters. Never for a log. */
    public String reveal() {
        return characters;
    }

    /**
     * Tells this secret from others: 8 characters that nobody can trace back to it. They hold
     * within this process only, as the key behind them is made anew by each.
     */
    public String mark() {
        return markOf(characters);
    }

    /** The mark of a text that is secret. */
    public static String markOf(String characters) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(MARKING);
            byte[] whole = mac.doFinal(characters.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(Arrays.copyOf(whole, MARK_BYTES));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no " + MAC, missing);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that
                && MessageDigest.isEqual(
                        characters.getBytes(StandardCharsets.UTF_8),
                        that.characters.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return characters.hashCode();
    }

    @Override
    public String toString() {
        return "******";
    }
}
