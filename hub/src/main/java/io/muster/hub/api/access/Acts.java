package io.muster.hub.api.access;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.ServiceUnavailableResponse;
import io.muster.broker.log.Quoted;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.audit.AuditEntry;
import io.muster.devices.registry.audit.Outcome;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.audit.BegunAct;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The acts of operators, each with its row in the audit log: written before the act, told
 * afterwards how it ended. Shared; {@link #begin} blocks until the row is durable.
 *
 * <p>It fails closed: what cannot be written is not done (503). What only keeps somebody out is
 * done first, and its row is written meanwhile; but it is answered as done only if that is durable
 * too.
 */
public final class Acts {

    private static final Logger log = LoggerFactory.getLogger(Acts.class);

    private static final String ROW = "muster.audit.row";
    private static final String OBJECT = "muster.audit.object";
    private static final String DETAIL = "muster.audit.detail";

    private static final int BAD_REQUEST = 400;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;
    private static final String LATE = "done before this row could be written";

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
     * @param protects whether it only keeps somebody out: then it does not wait for its row.
     *     Whether that was written is looked at when the act has been done
     * @throws ForbiddenResponse if his role is not enough
     * @throws RegistryUnavailableException if the row cannot be written that the act waits for
     */
    public void begin(
            Context ctx,
            Caller caller,
            Role needed,
            String act,
            List<String> names,
            boolean protects) {
        String object = requireRole(caller, needed, act, names);
        ctx.attribute(
                ROW,
                protects
                        ? trail.beginAtOnce(caller.actor(), caller.address(), act, object)
                        : trail.begin(caller.actor(), caller.address(), act, object));
    }

    /**
     * A device wants to do something that it may do.
     *
     * @param names of the object
     * @param protects see {@link #begin(Context, Caller, Role, String, List, boolean)}
     */
    void begin(Context ctx, DeviceCaller device, String act, List<String> names, boolean protects) {
        String object = object(act, names);
        ctx.attribute(
                ROW,
                protects
                        ? trail.beginAtOnce(device.actor(), device.address(), act, object)
                        : trail.begin(device.actor(), device.address(), act, object));
    }

    /** What the act is done to. */
    private String requireRole(Caller caller, Role needed, String act, List<String> names) {
        String object = object(act, names);
        if (!caller.role().includes(needed)) {
            trail.forbidden(caller.actor(), caller.address(), act, object, caller.lacks(needed));
            throw new ForbiddenResponse(caller.lacks(needed));
        }
        return object;
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
     * The request is about to be answered; does nothing if it was no act. Blocks until its row is
     * durable.
     *
     * @param status of the answer
     * @throws ServiceUnavailableResponse if it has been done, but its row could not be written in
     *     time
     */
    public void end(Context ctx, int status) {
        BegunAct act = ctx.attribute(ROW);
        if (act == null) {
            return;
        }
        ctx.attribute(ROW, null);
        boolean written = isWritten(act);
        boolean onlyHalf = !written && status < BAD_REQUEST;
        int told = onlyHalf ? UNAVAILABLE : status;
        List<String> names = ctx.attribute(OBJECT);
        String object = names == null ? act.entry().object() : object(act.entry().act(), names);
        Optional<String> detail = Optional.ofNullable(ctx.attribute(DETAIL));
        trail.end(act, outcome(told), told, object, onlyHalf ? LATE : detail.orElse(""));
        if (onlyHalf) {
            throw new ServiceUnavailableResponse(
                    "this has been done, but could not be written to the audit log yet; the hub"
                            + " goes on trying");
        }
    }

    private boolean isWritten(BegunAct act) {
        try {
            trail.requireWritten(act);
            return true;
        } catch (RegistryUnavailableException unwritten) {
            AuditEntry entry = act.entry();
            log.error(
                    "act was done, its row in the audit log is still to be written actor={}"
                            + " address={} act={} object={}",
                    entry.actor(),
                    entry.address(),
                    entry.act(),
                    new Quoted(entry.object()));
            return false;
        }
    }

    private static Outcome outcome(int status) {
        if (status < BAD_REQUEST) {
            return Outcome.DONE;
        }
        return status < FAILED ? Outcome.REFUSED : Outcome.FAILED;
    }
}
