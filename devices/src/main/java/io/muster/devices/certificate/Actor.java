package io.muster.devices.certificate;

import io.muster.devices.text.Characters;

/** Checks who is said to have done something. */
final class Actor {

    private static final int LENGTH_MAX = 80;

    private Actor() {}

    static String require(String actor) {
        Characters.requireWhole("actor", actor);
        if (actor.isEmpty()
                || actor.codePointCount(0, actor.length()) > LENGTH_MAX
                || actor.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "actor is not 1 to 80 characters, none of them a control character");
        }
        return actor;
    }
}
