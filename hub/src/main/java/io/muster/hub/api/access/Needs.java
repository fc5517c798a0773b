package io.muster.hub.api.access;

import io.javalin.security.RouteRole;
import io.muster.devices.registry.operators.Role;
import java.util.Optional;

/**
 * What a route needs: the role of whoever calls it, and the name of the act in the audit log if it
 * is one. Given where the route is registered, and nowhere else; the server does not start with a
 * route that has none. Immutable.
 *
 * @param role empty if nobody is asked who he is
 * @param act such as {@code device.disable}: its first word says of what kind the object is. Empty
 *     if nothing is changed and no secret is shown, so that no row is written
 * @param protects whether it only keeps somebody out: then it does not wait for its row, and is
 *     done also if that cannot be written
 * @param withSecrets what it needs instead if the query parameter {@code secrets} is there
 * @param ofDevice whether the device may too that the path names
 */
public record Needs(
        Optional<Role> role,
        Optional<String> act,
        boolean protects,
        Optional<Secrets> withSecrets,
        boolean ofDevice)
        implements RouteRole {

    /** Nobody is asked who he is: pages without secrets, that change nothing. */
    public static final Needs NOTHING =
            new Needs(Optional.empty(), Optional.empty(), false, Optional.empty(), false);

    /** The resource itself finds out who calls, what for, and whether he may. */
    public static final Needs ASKED_BY_RESOURCE =
            new Needs(Optional.empty(), Optional.of("asked"), false, Optional.empty(), false);

    /** Nobody is asked who he is: a question that comes by POST, and changes nothing. */
    public static final Needs OPEN_TO_ASK =
            new Needs(Optional.empty(), Optional.of("ask"), false, Optional.empty(), false);

    /** Whoever may look. */
    public static final Needs READ = toSee(Role.READ);

    /**
     * What a list needs that may be asked for with secrets.
     *
     * @param role who may
     * @param act its name
     */
    public record Secrets(Role role, String act) {}

    /** Who may look at what not everybody may see. */
    public static Needs toSee(Role role) {
        return new Needs(Optional.of(role), Optional.empty(), false, Optional.empty(), false);
    }

    /** An act of whoever may look, on what is his own. */
    public static Needs read(String act) {
        return new Needs(Optional.of(Role.READ), Optional.of(act), false, Optional.empty(), false);
    }

    /** An act of those who work with devices. */
    public static Needs operate(String act) {
        return new Needs(
                Optional.of(Role.OPERATE), Optional.of(act), false, Optional.empty(), false);
    }

    /** An act of those who may do everything. */
    public static Needs admin(String act) {
        return new Needs(Optional.of(Role.ADMIN), Optional.of(act), false, Optional.empty(), false);
    }

    /** The same; it only keeps somebody out. */
    public Needs toProtect() {
        return new Needs(role, act, true, withSecrets, ofDevice);
    }

    /** The same; with {@code ?secrets=true} it is an act that needs more. */
    public Needs orWithSecrets(Role secretsRole, String secretsAct) {
        return new Needs(
                role, act, protects, Optional.of(new Secrets(secretsRole, secretsAct)), ofDevice);
    }

    /** The same; the device may too that the path names by productKey and deviceKey. */
    public Needs orDevice() {
        return new Needs(role, act, protects, withSecrets, true);
    }

    /** What a request needs that asks for secrets, or does not. */
    Needs ofRequest(boolean secrets) {
        return withSecrets
                .filter(more -> secrets)
                .map(
                        more ->
                                new Needs(
                                        Optional.of(more.role()),
                                        Optional.of(more.act()),
                                        false,
                                        Optional.empty(),
                                        false))
                .orElse(this);
    }
}
