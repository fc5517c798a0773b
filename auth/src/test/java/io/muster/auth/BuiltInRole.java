package io.muster.auth;

import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.application.Application;
import io.muster.devices.roles.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What applications may do that were given no other role. */
public final class BuiltInRole {

    private BuiltInRole() {}

    /** No other roles. */
    public static ApplicationRoles roles() {
        return new ApplicationRoles(List.of(Role.ALL_TOPICS));
    }

    /** The permissions of an application with the built-in role. */
    public static TopicPermissions permissions() {
        return roles().permissions(
                        new Application("app", "hash", Optional.empty(), Instant.EPOCH), "c");
    }
}
