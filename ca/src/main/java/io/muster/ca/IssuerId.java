package io.muster.ca;

import java.util.regex.Pattern;

/**
 * Which issuer it is, of all generations: a new key is another issuer with another name, as two
 * keys under one name break the look-up of revocation lists. It is part of file names and
 * addresses.
 *
 * @param authority what it is called through its generations: 1 to 32 lower-case letters, digits
 *     and {@code -}, first a letter
 * @param generation 1 to 9999, one more for each new key
 */
public record IssuerId(String authority, int generation) {

    private static final Pattern AUTHORITY = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern TEXT =
            Pattern.compile("([a-z][a-z0-9-]{0,31})-g([1-9][0-9]{0,3})");

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException saying what is allowed
     */
    public IssuerId {
        if (!AUTHORITY.matcher(authority).matches()) {
            throw new IllegalArgumentException(
                    "authority '"
                            + authority
                            + "' is not 1 to 32 lower-case letters, digits and -");
        }
        if (generation < 1 || generation > 9999) {
            throw new IllegalArgumentException(
                    "generation " + generation + " is not from 1 to 9999");
        }
    }

    /**
     * The one with this text.
     *
     * @throws IllegalArgumentException if {@link #toString} does not write it
     */
    public static IssuerId parse(String text) {
        var matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + text
                            + "' is not the name of an issuer with its generation, device-ec-g1");
        }
        return new IssuerId(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }

    /** The one that may follow it. */
    public IssuerId next() {
        return new IssuerId(authority, generation + 1);
    }

    /** As {@code device-ec-g1}. */
    @Override
    public String toString() {
        return authority + "-g" + generation;
    }
}
