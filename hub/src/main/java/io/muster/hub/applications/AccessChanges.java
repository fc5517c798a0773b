package io.muster.hub.applications;

import io.muster.auth.application.ApplicationAuthenticator;
import io.muster.auth.application.StoredPassword;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.roles.RoleRules;
import io.muster.broker.Clients;
import io.muster.devices.Application;
import io.muster.devices.NotFoundException;
import io.muster.devices.registry.ApplicationRegistry;
import io.muster.devices.registry.roles.RoleRegistry;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleRule;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Changes what applications may do, and who is one: first in the registry, then in memory, then for
 * the clients that are connected or just connecting. When a stage completes all of that is done: no
 * message is published or delivered any more that the change forbids, but for those that were sent
 * before. Shared; every method blocks on the registry, and throws what that says.
 */
public final class AccessChanges {

    private final RoleRegistry roleRegistry;
    private final ApplicationRegistry registry;
    private final ApplicationRoles roles;
    private final Clients clients;

    /**
     * Changes of a hub.
     *
     * @param roles what is in force
     * @param clients the sessions of applications, among others
     */
    public AccessChanges(
            RoleRegistry roleRegistry,
            ApplicationRegistry registry,
            ApplicationRoles roles,
            Clients clients) {
        this.roleRegistry = roleRegistry;
        this.registry = registry;
        this.roles = roles;
        this.clients = clients;
    }

    /** Roles as they are in the registry. */
    public RoleRegistry roleRegistry() {
        return roleRegistry;
    }

    /** Accounts as they are in the registry. */
    public ApplicationRegistry registry() {
        return registry;
    }

    /**
     * See {@link RoleRegistry#put}.
     *
     * @throws IllegalArgumentException also if no application could be held to a rule
     */
    public CompletionStage<Role> putRole(String name, List<RoleRule> rules, OptionalLong revision) {
        RoleRules.check(rules);
        Role role = roleRegistry.put(name, rules, revision);
        return applied(roles.update(role)).thenApply(done -> role);
    }

    /** See {@link RoleRegistry#delete}. */
    public CompletionStage<Integer> deleteRole(String name, OptionalLong revision) {
        roleRegistry.delete(name, revision);
        return applied(roles.removeRole(name));
    }

    private CompletionStage<Integer> applied(Set<String> usernames) {
        Set<String> principals =
                usernames.stream()
                        .map(username -> ApplicationAuthenticator.PRINCIPAL + username)
                        .collect(Collectors.toUnmodifiableSet());
        return principals.isEmpty()
                ? CompletableFuture.completedFuture(0)
                : clients.permissionsChanged(principals::contains);
    }

    /**
     * Gives an account other roles.
     *
     * @param revision see {@link ApplicationRegistry#update}
     */
    public CompletionStage<Application> changeRoles(
            String username, List<String> names, OptionalLong revision) {
        Application changed =
                registry.update(username, Optional.of(names), Optional.empty(), revision);
        roles.update(changed);
        return clients.permissionsChanged(principal(username)).thenApply(done -> changed);
    }

    /** Bars an account: its clients are disconnected, and let in no more. */
    public CompletionStage<Application> disable(String username, OptionalLong revision) {
        Application changed =
                registry.update(username, Optional.empty(), Optional.of(true), revision);
        return clients.disconnect(principal(username)).thenApply(done -> changed);
    }

    /** Lifts the bar. */
    public Application enable(String username, OptionalLong revision) {
        return registry.update(username, Optional.empty(), Optional.of(false), revision);
    }

    /** Gives an account another password: its clients are disconnected. */
    public CompletionStage<Application> changePassword(
            String username, StoredPassword password, OptionalLong revision) {
        Application changed =
                registry.changePassword(
                        username, password.hash(), password.scramVerifier(), revision);
        return clients.disconnect(principal(username)).thenApply(done -> changed);
    }

    /**
     * Deletes an account: its sessions end, with all that waits for them. That it is gone already
     * does not prove that they are: the request before this one may have failed.
     */
    public CompletionStage<Integer> delete(String username, OptionalLong revision) {
        try {
            registry.delete(username, revision);
        } catch (NotFoundException gone) {
            return forget(username)
                    .thenApply(
                            done -> {
                                throw gone;
                            });
        }
        return forget(username);
    }

    private CompletionStage<Integer> forget(String username) {
        return clients.forget(principal(username))
                .whenComplete((done, failure) -> roles.removeAccount(username));
    }

    private static Predicate<String> principal(String username) {
        return (ApplicationAuthenticator.PRINCIPAL + username)::equals;
    }
}
