package io.muster.broker.topic;

import org.jspecify.annotations.Nullable;

/**
 * Names of levels, so that those that many topics have in common are in memory once: devices have a
 * key of their own each, but {@code thing} and {@code +} in all their filters. A name has one
 * place, and stays until another comes there; what that costs is a second copy now and then. Long
 * names are not kept: of those a client could leave many behind.
 *
 * <p>For one thread at a time, as the writers of a tree are.
 */
public final class LevelNames {

    /** A power of two; large enough that names that come once drive out few of the others. */
    private static final int PLACES = 4_096;

    private static final int CHARS_MAX = 64;

    private final @Nullable String[] names = new String[PLACES];

    /** No names yet. */
    public LevelNames() {}

    /** The name of the level {@code from..to} of a text. */
    public String of(String text, int from, int to) {
        if (to - from > CHARS_MAX) {
            return text.substring(from, to);
        }
        int place = placeOf(text, from, to);
        String present = names[place];
        if (present != null && Levels.equal(text, from, to, present, 0, present.length())) {
            return present;
        }
        String name = text.substring(from, to);
        names[place] = name;
        return name;
    }

    private static int placeOf(String text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return (hash ^ (hash >>> 16)) & (PLACES - 1);
    }
}
