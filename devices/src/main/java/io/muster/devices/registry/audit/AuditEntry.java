package io.muster.devices.registry.audit;

import java.time.Instant;
import java.util.regex.Pattern;

/**
 * One act, or one refusal. Immutable. Texts may come from strangers: characters that could forge a
 * line are replaced, and what is too long is cut.
 *
 * @param time when
 * @param actor who, such as {@code account:anna}, {@code key:ID}, {@code token} or {@code unknown}
 * @param address where from; empty if it is not known
 * @param act what, such as {@code device.disable}
 * @param object to what, such as {@code device:pump/pump-17}; may be empty
 * @param outcome how it ended
 * @param status the HTTP status of the answer; 0 if there was none
 * @param detail more of it, never a secret; may be empty
 */
public record AuditEntry(
        Instant time,
        String actor,
        String address,
        String act,
        String object,
        Outcome outcome,
        int status,
        String detail) {

    private static final int ACTOR_MAX = 80;
    private static final int ADDRESS_MAX = 64;
    private static final int ACT_MAX = 64;
    private static final int OBJECT_MAX = 300;
    private static final int DETAIL_MAX = 500;

    /** Control, format, surrogate and unassigned characters, and what separates lines. */
    private static final Pattern FORGING =
            Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Cn}\\p{Zl}\\p{Zp}]");

    /** Makes the texts fit. */
    public AuditEntry {
        actor = fit(actor, ACTOR_MAX);
        address = fit(address, ADDRESS_MAX);
        act = fit(act, ACT_MAX);
        object = fit(object, OBJECT_MAX);
        detail = fit(detail, DETAIL_MAX);
    }

    /** The same with another end. */
    public AuditEntry ended(Outcome how, int withStatus, String ofObject, String withDetail) {
        return new AuditEntry(time, actor, address, act, ofObject, how, withStatus, withDetail);
    }

    private static String fit(String text, int max) {
        // A long text is cut before it is looked through.
        String cut =
                text.length() > max && text.codePointCount(0, text.length()) > max
                        ? text.substring(0, text.offsetByCodePoints(0, max - 1)) + "…"
                        : text;
        return FORGING.matcher(cut).replaceAll("?");
    }
}
