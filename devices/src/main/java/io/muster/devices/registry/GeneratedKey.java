package io.muster.devices.registry;

import java.security.SecureRandom;

/** Makes keys for products and devices whose creator gave none. */
final class GeneratedKey {

    /** No letter or digit that is easily taken for another: no I, O, l, 0 and 1. */
    private static final String ALPHABET =
            "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    private static final SecureRandom RANDOM = new SecureRandom();

    private GeneratedKey() {}

    static String ofLength(int length) {
        return RANDOM.ints(length, 0, ALPHABET.length())
                .collect(
                        StringBuilder::new,
                        (key, index) -> key.append(ALPHABET.charAt(index)),
                        StringBuilder::append)
                .toString();
    }
}
