package io.muster.devices;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;

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

    /** The longest secret that the device SDKs have room for. */
    static final int MAX_LENGTH = 64;

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
