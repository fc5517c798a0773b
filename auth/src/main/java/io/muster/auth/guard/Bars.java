package io.muster.auth.guard;

import java.util.List;

/**
 * Who is barred at present. Shared by all threads. A question about bars walks through everything
 * that the guard remembers, which takes some 50 ms when its tables are full: not for event loops.
 */
public interface Bars {

    /** Where there is no guard, nobody is barred. */
    static Bars none() {
        return NoBars.INSTANCE;
    }

    /**
     * Those who are barred, in the order of their identifiers.
     *
     * @param after only greater ones; empty to begin
     * @param limit at most so many
     */
    List<Bar> list(String after, int limit);

    /**
     * Ends a bar, and forgets the failures that led to it.
     *
     * @param id see {@link Bar#id}
     * @return whether there was such a bar
     */
    boolean lift(String id);

    /** Lets a user name in again at all addresses, for example when a device is enabled. */
    void forgive(String username);

    /** How many are barred by this guard. */
    long count(Bar.Guard guard);

    /** How many sign-ins this guard has refused so far. */
    long refusals(Bar.Guard guard);
}
