package io.muster.devices.roles;

/** A role was to be deleted that applications have. The message names one of them. */
public final class RoleInUseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Applications have the role, {@code username} among them. */
    public RoleInUseException(String role, long applications, String username) {
        super(
                "role '%s' is that of %d applications, '%s' among them"
                        .formatted(role, applications, username));
    }
}
