package io.muster.auth.guard;

import java.util.Comparator;
import java.util.Optional;

/**
 * Somebody at an address says that he has a name. Immutable.
 *
 * @param name as sent, cut at 256 characters; whether anybody has it is not known here. Empty if
 *     none was sent
 * @param address where it comes from
 */
record Claim(String name, AddressBlock address) implements Comparable<Claim> {

    /** No name of a device is longer. */
    private static final int NAME_LENGTH_MAX = 256;

    private static final Comparator<Claim> ORDER =
            Comparator.comparing(Claim::name).thenComparing(Claim::address);

    Claim {
        if (name.length() > NAME_LENGTH_MAX) {
            boolean splitsPair = Character.isHighSurrogate(name.charAt(NAME_LENGTH_MAX - 1));
            name = name.substring(0, splitsPair ? NAME_LENGTH_MAX - 1 : NAME_LENGTH_MAX);
        }
    }

    static Claim of(Optional<String> name, AddressBlock address) {
        return new Claim(name.orElse(""), address);
    }

    boolean isNamed() {
        return !name.isEmpty();
    }

    /** Keeps a table fast whose keys were chosen to collide. */
    @Override
    public int compareTo(Claim other) {
        return ORDER.compare(this, other);
    }
}
