package io.muster.auth.guard;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Somebody is barred for some time. Immutable.
 *
 * @param guard what bars him
 * @param name the user name as sent, or the principal of a device that connects too often; empty
 *     where all names are meant
 * @param address where he is barred; empty is everywhere
 * @param count the failures or connects that led to it
 * @param remaining how long it lasts yet
 */
public record Bar(
        Guard guard,
        Optional<String> name,
        Optional<String> address,
        int count,
        Duration remaining) {

    /** What can bar somebody. */
    public enum Guard {
        /** A name failed too often at an address. */
        NAME,
        /** Too many names failed at an address. */
        ADDRESS,
        /** A device connects too often. */
        RATE;

        /** As it is written in metrics, logs and the management API. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What names this bar: its guard, address and name, with slashes between. */
    public String id() {
        StringBuilder id = new StringBuilder(guard.word());
        address.ifPresent(text -> id.append('/').append(text));
        name.ifPresent(text -> id.append('/').append(text));
        return id.toString();
    }
}
