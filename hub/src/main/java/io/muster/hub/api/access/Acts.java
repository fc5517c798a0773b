package io.muster.hub.api.access;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.muster.broker.log.Quoted;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.audit.AuditRow;
import io.muster.devices.registry.audit.Outcome;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.audit.AuditTrail;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The acts of operators, each with its row in the audit log: written before the act, told
 * afterwards how it ended. Shared; {@link #begin} blocks until the row is durable.
 *
 * <p>It fails closed: what cannot be written is not done (503), but for what only keeps somebody
 * out, which is done in any case.
 */
public final class Acts {

    private static final Logger log = LoggerFactory.getLogger(Acts.class);

    private static final String ROW = "muster.audit.row";
    private static final String OBJECT = "muster.audit.object";
    private static final String DETAIL = "muster.audit.detail";

    private static final int BAD_REQUEST = 400;
    private static final int FAILED = 500;

    private final AuditTrail trail;

    /** Written to {@code trail}. */
    public Acts(AuditTrail trail) {
        this.trail = trail;
    }

    /** Where they are told. */
    public AuditTrail trail() {
        return trail;
    }

    /**
     * {@code caller} wants to do something that needs a role.
     *
     * @param act such as {@code device.disable}
     * @param names of the object, such as product key and device key
     * @param protects whether it only keeps somebody out: then it is to be done also if its row
     *     cannot be written, and the hub's log tells of it instead
     * @throws ForbiddenResponse if his role is not enough
     * @throws RegistryUnavailableException if the row cannot be written
     */
    public void begin(
            Context ctx,
            Caller caller,
            Role needed,
            String act,
            List<String> names,
            boolean protects) {
        String object = object(act, names);
        if (!caller.role().includes(needed)) {
            trail.forbidden(caller.actor(), caller.address(), act, object, caller.lacks(needed));
            throw new ForbiddenResponse(caller.lacks(needed));
        }
        try {
            ctx.attribute(ROW, trail.begin(caller.actor(), caller.address(), act, object));
        } catch (RegistryUnavailableException unwritten) {
            if (!protects) {
                throw unwritten;
            }
            log.error(
                    "act without a row in the audit log actor={} address={} act={} object={}",
                    caller.actor(),
                    caller.address(),
                    act,
                    new Quoted(object));
            trail.lost();
        }
    }

    /** The kind of the object is the first word of the act. */
    static String object(String act, List<String> names) {
        String kind = act.split("\\.", 2)[0];
        return names.isEmpty() ? kind : kind + ":" + String.join("/", names);
    }

    /**
     * Says what the object of the present act is, if it was not known before.
     *
     * @param names such as product key and device key
     */
    public static void object(Context ctx, String... names) {
        ctx.attribute(OBJECT, List.of(names));
    }

    /** Says more of the present act; never a secret. */
    public static void detail(Context ctx, String detail) {
        ctx.attribute(DETAIL, detail);
    }

    /**
     * The request was answered; does nothing if it was no act.
     *
     * @param status of the answer
     */
    public void end(Context ctx, int status) {
        AuditRow row = ctx.attribute(ROW);
        if (row == null) {
            return;
        }
        ctx.attribute(ROW, null);
        List<String> names = ctx.attribute(OBJECT);
        String object = names == null ? row.entry().object() : object(row.entry().act(), names);
        Optional<String> detail = Optional.ofNullable(ctx.attribute(DETAIL));
        trail.end(row, outcome(status), status, object, detail.orElse(""));
    }

    private static Outcome outcome(int status) {
        if (status < BAD_REQUEST) {
            return Outcome.DONE;
        }
        return status < FAILED ? Outcome.REFUSED : Outcome.FAILED;
    }
}
