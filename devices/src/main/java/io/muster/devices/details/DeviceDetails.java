package io.muster.devices.details;

import io.muster.devices.text.Characters;
import java.util.Optional;

/**
 * What the registry knows of a device besides its secrets and its state.
 *
 * @param name for people; empty if it was given none
 * @param revision 1 at first; one more with each change of its name, its tags or its secret, and
 *     when it is disabled or enabled. States do not change it
 * @param lastClient by which it last signed in, if it ever did
 */
public record DeviceDetails(Optional<String> name, long revision, Optional<LastClient> lastClient) {

    /** The longest name, in characters. */
    public static final int NAME_LENGTH_MAX = 100;

    /**
     * Returns {@code name} if it is one.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is not
     */
    public static String requireName(String name) {
        if (name.isBlank()
                || name.length() > NAME_LENGTH_MAX
                || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "name is not 1 to %d characters without control characters"
                            .formatted(NAME_LENGTH_MAX));
        }
        return Characters.requireWhole("name", name);
    }
}
