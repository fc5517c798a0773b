package io.muster.hub.api.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a change was, in words for the audit log: the names of the fields, each with what it was and
 * is. Shared, without state. Only for what may be read by whoever reads the log: no secrets.
 */
public final class Changed {

    /** They change with each change, or say nothing of it. */
    private static final Set<String> ASIDE =
            Set.of("revision", "createdAt", "updatedAt", "lastUsedAt");

    private static final int VALUE_LENGTH_MAX = 80;
    private static final int LENGTH_MAX = 400;
    private static final String MORE = "…";

    private Changed() {}

    /**
     * Tells the audit log.
     *
     * @param before as it was shown; without fields if there was none
     * @param after as it is shown now
     * @param secrets names of what was changed besides, and is not told
     */
    public static void tell(Context ctx, ObjectNode before, ObjectNode after, String... secrets) {
        Set<String> names = new LinkedHashSet<>();
        before.fieldNames().forEachRemaining(names::add);
        after.fieldNames().forEachRemaining(names::add);
        names.removeAll(ASIDE);
        List<String> words = new ArrayList<>();
        for (String name : names) {
            if (!before.path(name).equals(after.path(name))) {
                String old = before.has(name) ? text(before.get(name)) + " → " : "";
                words.add(name + ": " + old + text(after.path(name)));
            }
        }
        words.addAll(List.of(secrets));
        Acts.detail(ctx, words.isEmpty() ? "nothing" : cut(String.join(", ", words), LENGTH_MAX));
    }

    /** Tells the names only, of values that may be anything. */
    public static void tellNames(Context ctx, Collection<String> set, Collection<String> removed) {
        List<String> words = new ArrayList<>();
        if (!set.isEmpty()) {
            words.add("set " + String.join(", ", set));
        }
        if (!removed.isEmpty()) {
            words.add("removed " + String.join(", ", removed));
        }
        Acts.detail(ctx, cut(String.join("; ", words), LENGTH_MAX));
    }

    private static String text(JsonNode value) {
        if (value.isMissingNode()) {
            return "none";
        }
        return cut(value.isTextual() ? value.textValue() : value.toString(), VALUE_LENGTH_MAX);
    }

    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end) + MORE;
    }
}
