package io.muster.hub.api.http;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Revisions as entity tags [RFC 9110 8.8.3]. */
final class EntityTag {

    private static final Pattern REVISION = Pattern.compile("\"([0-9]{1,18})\"");

    private EntityTag() {}

    /** What {@code ETag} says. */
    static String of(long revision) {
        return "\"" + revision + "\"";
    }

    /**
     * The revision that both headers demand; empty if any will do, 0 if there must be nothing.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is something else
     */
    static OptionalLong demanded(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
        if (ifNoneMatch == null) {
            return ofIfMatch(ifMatch);
        }
        if (ifMatch != null || !ifNoneMatch.strip().equals("*")) {
            throw new IllegalArgumentException(
                    "the header If-None-Match must be *, without If-Match");
        }
        return OptionalLong.of(0);
    }

    private static OptionalLong ofIfMatch(@Nullable String ifMatch) {
        if (ifMatch == null || ifMatch.strip().equals("*")) {
            return OptionalLong.empty();
        }
        Matcher revision = REVISION.matcher(ifMatch.strip());
        if (!revision.matches()) {
            throw new IllegalArgumentException(
                    "the header If-Match must be one entity tag as ETag says it, such as \"3\", or"
                            + " *");
        }
        return OptionalLong.of(Long.parseLong(revision.group(1)));
    }
}
