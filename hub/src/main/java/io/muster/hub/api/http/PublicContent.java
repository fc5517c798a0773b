package io.muster.hub.api.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Something that everybody may fetch and keep for a while, answered as caches expect it [RFC 9110
 * 13, RFC 9111]: who has it already is told so, and gets nothing. Immutable.
 *
 * @param type its media type
 * @param length in bytes
 * @param bytes opens it, once for each answer; from memory
 * @param digest another for other bytes: the entity tag
 * @param lastModified since when it is so, if that is known
 * @param maxAge for how long it may be kept without asking again
 */
public record PublicContent(
        String type,
        long length,
        Supplier<InputStream> bytes,
        String digest,
        Optional<Instant> lastModified,
        Duration maxAge) {

    /** As HTTP writes dates [RFC 9110 5.6.7]. */
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    private static final int NOT_MODIFIED = 304;

    /** Less than what a socket takes at once, read or not. */
    private static final int LARGE_BYTES = 128 * 1024;

    /** Answers a GET or a HEAD. */
    public void answer(Context ctx) {
        String tag = '"' + digest + '"';
        ctx.header("ETag", tag);
        ctx.header("Cache-Control", "public, max-age=" + Math.max(0, maxAge.toSeconds()));
        lastModified.ifPresent(time -> ctx.header("Last-Modified", DATE.format(time)));
        if (isKnown(ctx, tag)) {
            ctx.status(NOT_MODIFIED);
            return;
        }
        ctx.contentType(type);
        ctx.header("Content-Length", Long.toString(length));
        if (ctx.method().equals(HandlerType.HEAD)) {
            return;
        }
        if (length > LARGE_BYTES) {
            UnhurriedBody.answer(ctx, bytes.get());
        } else {
            ctx.result(bytes.get());
        }
    }

    /** A date counts only where there is no entity tag [RFC 9110 13.2.2]. */
    private boolean isKnown(Context ctx, String tag) {
        String tags = ctx.header("If-None-Match");
        if (tags != null) {
            return tags.strip().equals("*")
                    || Arrays.stream(tags.split(","))
                            .map(String::strip)
                            .map(each -> each.startsWith("W/") ? each.substring(2) : each)
                            .anyMatch(tag::equals);
        }
        String since = ctx.header("If-Modified-Since");
        return since != null && lastModified.filter(time -> !isAfter(time, since)).isPresent();
    }

    private static boolean isAfter(Instant time, String since) {
        try {
            return time.truncatedTo(ChronoUnit.SECONDS)
                    .isAfter(Instant.from(DATE.parse(since.strip())));
        } catch (DateTimeParseException e) {
            return true; // What cannot be read counts as not sent.
        }
    }
}
