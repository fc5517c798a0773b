package io.muster.devices.roles;

/**
 * A role, or what an application may do, was to be changed that somebody else has changed
 * meanwhile. The message says which revision it has.
 */
public final class RoleConflictException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * It is at another revision than was expected.
     *
     * @param what such as {@code role 'reader'}
     */
    public RoleConflictException(String what, long expected, long present) {
        super(
                present == 0
                        ? "%s is not there, so it is not at revision %d".formatted(what, expected)
                        : "%s is at revision %d, not %d".formatted(what, present, expected));
    }
}
