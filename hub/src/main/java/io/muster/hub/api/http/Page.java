package io.muster.hub.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which part of a list is asked for: the entries behind a key. Keys, not offsets, so that entries
 * that come and go between two pages shift nothing.
 *
 * @param after only entries with a greater key; empty to begin
 * @param limit at most so many, 1 to 1000
 */
public record Page(String after, int limit) {

    /** How many if the request does not say. */
    static final int LIMIT_DEFAULT = 100;

    static final int LIMIT_MAX = 1_000;

    /** The longest key there is, a client identifier, has so many characters [MQTT5 1.5.4]. */
    private static final int AFTER_LENGTH_MAX = 65_535;

    private static final Set<String> PARAMETERS = Set.of("after", "limit");

    /**
     * The page that the query parameters name.
     *
     * @throws ApiProblem (400) naming the parameter that is wrong
     */
    public static Page of(Context ctx) {
        return of(ctx, Set.of(), Set.of());
    }

    /**
     * The same where there are other parameters besides.
     *
     * @param others that may be there once
     * @param repeated that may be there several times
     */
    public static Page of(Context ctx, Set<String> others, Set<String> repeated) {
        ctx.queryParamMap()
                .forEach(
                        (name, values) -> {
                            if (!PARAMETERS.contains(name)
                                    && !others.contains(name)
                                    && !repeated.contains(name)) {
                                throw ApiProblem.badRequest(
                                        "unknown query parameter '"
                                                + name
                                                + "'; allowed are after and limit"
                                                + Stream.concat(others.stream(), repeated.stream())
                                                        .sorted()
                                                        .map(other -> " and " + other)
                                                        .collect(Collectors.joining()));
                            }
                            if (values.size() != 1 && !repeated.contains(name)) {
                                throw ApiProblem.badRequest(
                                        "the query parameter '" + name + "' is there twice");
                            }
                        });
        String after = ctx.queryParam("after");
        if (after != null && after.length() > AFTER_LENGTH_MAX) {
            throw ApiProblem.badRequest("the query parameter 'after' is too long");
        }
        return new Page(after == null ? "" : after, limit(ctx));
    }

    private static int limit(Context ctx) {
        String limit = ctx.queryParam("limit");
        if (limit == null) {
            return LIMIT_DEFAULT;
        }
        if (!limit.matches("[0-9]{1,4}")
                || Integer.parseInt(limit) < 1
                || Integer.parseInt(limit) > LIMIT_MAX) {
            throw ApiProblem.badRequest(
                    "the query parameter 'limit' is '"
                            + limit
                            + "', but must be a whole number from 1 to "
                            + LIMIT_MAX);
        }
        return Integer.parseInt(limit);
    }

    /**
     * How many entries to read: one more than asked for tells whether there is a next page. Only
     * behind a page of the greatest size that cannot be told, so that its next one may be empty.
     */
    public int readLimit() {
        return Math.min(limit + 1, LIMIT_MAX);
    }

    /**
     * The answer.
     *
     * @param read up to {@link #readLimit} entries
     * @param key what {@code after} would be to continue behind an entry
     */
    public <T> ObjectNode answer(
            List<T> read, Function<T, String> key, Function<T, ObjectNode> view) {
        boolean more = read.size() > limit || read.size() == LIMIT_MAX;
        List<T> shown = read.subList(0, Math.min(limit, read.size()));
        ArrayNode items = Json.array();
        shown.forEach(entry -> items.add(view.apply(entry)));
        ObjectNode answer = Json.object();
        answer.set("items", items);
        if (more) {
            answer.put("next", key.apply(shown.get(limit - 1)));
        }
        return answer;
    }
}
