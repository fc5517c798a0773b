package io.muster.devices.registry;

import io.muster.devices.AlreadyExistsException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Makes keys for products and devices whose creator gave none. */
public final class GeneratedKey {

    /** No letter or digit that is easily taken for another: no I, O, l, 0 and 1. */
    private static final String ALPHABET =
            "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    private static final SecureRandom RANDOM = new SecureRandom();

    /** Two equal keys in a row are a broken generator, not chance. */
    private static final int ATTEMPTS_MAX = 3;

    private GeneratedKey() {}

    /**
     * Inserts under the given key, or under generated ones until one is free.
     *
     * @param insert makes what has this key; empty if the key is taken
     * @param complaint says that a key is taken
     * @throws AlreadyExistsException if no key was free
     */
    static <T> T create(
            Optional<String> given,
            int generatedLength,
            Function<String, Optional<T>> insert,
            UnaryOperator<String> complaint) {
        String key = given.orElse("");
        for (int attempt = 0; attempt < (given.isPresent() ? 1 : ATTEMPTS_MAX); attempt++) {
            key = given.orElseGet(() -> ofLength(generatedLength));
            Optional<T> created = insert.apply(key);
            if (created.isPresent()) {
                return created.get();
            }
        }
        throw new AlreadyExistsException(complaint.apply(key));
    }

    /** A new one of so many letters and digits. */
    public static String ofLength(int length) {
        return RANDOM.ints(length, 0, ALPHABET.length())
                .collect(
                        StringBuilder::new,
                        (key, index) -> key.append(ALPHABET.charAt(index)),
                        StringBuilder::append)
                .toString();
    }
}
