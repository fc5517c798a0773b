package io.muster.hub.bulk;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What files say of devices. */
public final class Column {

    /** The key of a device. */
    public static final String KEY = "deviceKey";

    /** Its secret. */
    public static final String SECRET = "deviceSecret";

    /** Its name for people. */
    public static final String NAME = "name";

    /** What is said of it. */
    public static final String TAGS = "tags";

    /** What it says of itself. */
    public static final String ATTRIBUTES = "attributes";

    /** Its state, of which a new device keeps that it is disabled. */
    public static final String STATE = "state";

    /** Of these a new device is made. */
    static final List<String> READ = List.of(KEY, SECRET, NAME, TAGS, ATTRIBUTES, STATE);

    /** These are written on request, and not read: no new device has them. */
    static final List<String> SHOWN =
            List.of(
                    "stateSince",
                    "createdAt",
                    "activatedAt",
                    "lastOnlineAt",
                    "lastOfflineAt",
                    "lastAddress",
                    "client");

    /** How many there can be in a file: each once. */
    static final int COUNT_MAX = READ.size() + SHOWN.size();

    private Column() {}

    /** Those of a file that is written. */
    public static List<String> written(boolean secrets, boolean details) {
        List<String> columns = new ArrayList<>(READ);
        if (!secrets) {
            columns.remove(SECRET);
        }
        if (details) {
            columns.addAll(SHOWN);
        }
        return List.copyOf(columns);
    }

    /** What is wrong with the names of columns, if anything is. */
    static Optional<String> problem(List<String> names) {
        boolean known =
                names.stream().allMatch(name -> READ.contains(name) || SHOWN.contains(name));
        return known && names.contains(KEY) && Set.copyOf(names).size() == names.size()
                ? Optional.empty()
                : Optional.of(
                        "the first line must be 'deviceKey', with deviceSecret, name, tags,"
                                + " attributes and state if you like, each once and with commas"
                                + " between");
    }
}
