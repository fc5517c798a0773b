package io.muster.hub.applications;

import io.muster.auth.application.ApplicationAuthenticator;
import io.muster.auth.application.StoredPassword;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.roles.RoleRules;
import io.muster.broker.Clients;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.applications.RoleRegistry;
import io.muster.devices.registry.change.Turn;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleRule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes what applications may do, and who is one: first in the registry, then in memory, then for
 * the clients that are connected or just connecting. When a stage completes all of that is done: no
 * message is published or delivered any more that the change forbids, but for those that were sent
 * before. Shared; every method blocks on the registry, and throws what that says.
 *
 * <p>One change takes place after the other, so that memory follows in their order. If the registry
 * does not say whether it has changed, it is looked at until that is known.
 *
 * <p>Names that nothing can have are refused with {@link IllegalArgumentException}, before anything
 * is done.
 */
public final class AccessChanges implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AccessChanges.class);

    private static final OptionalLong ANY = OptionalLong.empty();
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final RoleRegistry roleRegistry;
    private final ApplicationRegistry registry;
    private final ApplicationRoles roles;
    private final DisabledAccounts disabled;
    private final Clients clients;
    private final Turn turn;
    private final UnfinishedChanges unfinished;

    /**
     * Changes of a hub.
     *
     * @param roles what is in force
     * @param disabled asked by those who let clients in
     * @param clients the sessions of applications, among others
     */
    public AccessChanges(
            RoleRegistry roleRegistry,
            ApplicationRegistry registry,
            ApplicationRoles roles,
            DisabledAccounts disabled,
            Clients clients) {
        this(roleRegistry, registry, roles, disabled, clients, new UnfinishedChanges(INTERVAL));
    }

    AccessChanges(
            RoleRegistry roleRegistry,
            ApplicationRegistry registry,
            ApplicationRoles roles,
            DisabledAccounts disabled,
            Clients clients,
            UnfinishedChanges unfinished) {
        this.roleRegistry = roleRegistry;
        this.registry = registry;
        this.roles = roles;
        this.disabled = disabled;
        this.clients = clients;
        this.unfinished = unfinished;
        this.turn = new Turn(registry.timeout());
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
        Role.requireName(name);
        RoleRules.check(rules);
        return orLookLater(
                "role " + name,
                () -> {
                    Role role = roleRegistry.put(name, rules, revision);
                    return applied(roles.update(role)).thenApply(done -> role);
                },
                () -> lookAtRole(name));
    }

    /** See {@link RoleRegistry#delete}. */
    public CompletionStage<Integer> deleteRole(String name, OptionalLong revision) {
        Role.requireName(name);
        return orLookLater(
                "role " + name,
                () -> {
                    roleRegistry.delete(name, revision);
                    return applied(roles.removeRole(name));
                },
                () -> lookAtRole(name));
    }

    /** If the registry does not say whether it has changed, memory follows as soon as it does. */
    private <T> T orLookLater(String what, Supplier<T> change, Runnable look) {
        try {
            return turn.take(change::get);
        } catch (RegistryUnavailableException unknownOutcome) {
            var unused = unfinished.add(what, () -> turn.run(look));
            throw unknownOutcome;
        }
    }

    private void lookAtRole(String name) {
        Optional<Role> found = roleRegistry.findSurely(name);
        var unused = applied(found.map(roles::update).orElseGet(() -> roles.removeRole(name)));
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
        Application.requireUsername(username);
        return orLookLater(
                "roles of " + username,
                () -> {
                    Application changed =
                            registry.update(
                                    username, Optional.of(names), Optional.empty(), revision);
                    return rolesChanged(changed).thenApply(done -> changed);
                },
                () -> lookAtAccount(username, this::rolesChanged));
    }

    private CompletionStage<Integer> rolesChanged(Application changed) {
        roles.update(changed);
        return clients.permissionsChanged(principal(changed.username()));
    }

    private void lookAtAccount(
            String username, Function<Application, CompletionStage<Integer>> follow) {
        Optional<Application> found = registry.findSurely(username);
        var unused = found.map(follow).orElseGet(() -> forget(username));
    }

    /**
     * Bars an account: its clients are disconnected, and let in no more. That is so before the
     * registry is asked for more than the revision.
     *
     * @return fails with {@link UnwrittenBarException} if the registry does not say that it holds
     *     the bar. It stands all the same, and is tried to be written until that succeeds, or it is
     *     lifted, or the hub is stopped. Fails with {@link RegistryUnavailableException} if too
     *     many bars are not written yet: the clients are disconnected, and let in again
     * @throws RegistryUnavailableException if the revision cannot be looked at: nothing is done
     */
    public CompletionStage<Application> disable(String username, OptionalLong revision) {
        Application.requireUsername(username);
        requireRevision(username, revision);
        disabled.begin(username);
        try {
            CompletionStage<Integer> ended = disconnect(username);
            CompletionStage<Application> written = written(username, revision);
            // Once more: whoever was let in before may have been registered only now.
            return ended.thenCombine(disconnect(username), Integer::sum)
                    .thenCompose(both -> written);
        } finally {
            disabled.end(username);
        }
    }

    /** Before anybody is sent away; it may be another when it is the turn of this change. */
    private void requireRevision(String username, OptionalLong revision) {
        if (revision.isPresent()) {
            registry.find(username)
                    .ifPresent(
                            present ->
                                    Revisions.require(
                                            "application '" + username + "'",
                                            revision,
                                            present.standing().revision()));
        }
    }

    /** What is not refused stays barred: it is written now, or later. */
    private CompletionStage<Application> written(String username, OptionalLong revision) {
        try {
            return CompletableFuture.completedFuture(
                    turn.take(() -> writeDisabled(username, revision)));
        } catch (NotFoundException | RevisionConflictException refused) {
            throw refused;
        } catch (RuntimeException notDurable) {
            disabled.add(username);
            if (!unfinished.add(
                    "bar of " + username, () -> turn.run(() -> finishDisabling(username)))) {
                disabled.remove(username);
                return CompletableFuture.failedFuture(
                        new RegistryUnavailableException(
                                "application '%s' is not disabled: too many changes wait to be written"
                                        .formatted(username),
                                notDurable));
            }
            log.warn("application disabled, to be written later application={}", username);
            return CompletableFuture.failedFuture(new UnwrittenBarException(username, notDurable));
        }
    }

    /** When it is its turn. */
    private Application writeDisabled(String username, OptionalLong revision) {
        Application changed =
                registry.update(username, Optional.empty(), Optional.of(true), revision);
        disabled.remove(username);
        return changed;
    }

    /** Unless it was lifted meanwhile. If anything fails, all of it is done again. */
    private void finishDisabling(String username) {
        if (!disabled.isUnwritten(username)) {
            return;
        }
        try {
            var unused = registry.update(username, Optional.empty(), Optional.of(true), ANY);
            log.info("disabled application is written application={}", username);
        } catch (NotFoundException gone) {
            log.info("disabled application is not there application={}", username);
        }
        var unused = disconnect(username);
        disabled.remove(username);
    }

    private CompletionStage<Integer> disconnect(String username) {
        return clients.disconnect(principal(username));
    }

    /** Lifts the bar. */
    public Application enable(String username, OptionalLong revision) {
        Application.requireUsername(username);
        return orLookLater(
                "enabling of " + username,
                () -> {
                    Application changed =
                            registry.update(
                                    username, Optional.empty(), Optional.of(false), revision);
                    disabled.remove(username);
                    return changed;
                },
                () -> lookAtAccount(username, found -> CompletableFuture.completedFuture(0)));
    }

    /** Gives an account another password: its clients are disconnected. */
    public CompletionStage<Application> changePassword(
            String username, StoredPassword password, OptionalLong revision) {
        Application.requireUsername(username);
        return orLookLater(
                "password of " + username,
                () -> {
                    Application changed =
                            registry.changePassword(
                                    username, password.hash(), password.scramVerifier(), revision);
                    return disconnect(username).thenApply(done -> changed);
                },
                // Also if it has another by now: nobody knows under which they came in.
                () -> lookAtAccount(username, found -> disconnect(username)));
    }

    /**
     * Deletes an account: its sessions end, with all that waits for them. That it is gone already
     * does not prove that they are: the request before this one may have failed.
     */
    public CompletionStage<Integer> delete(String username, OptionalLong revision) {
        Application.requireUsername(username);
        return orLookLater(
                "deletion of " + username,
                () -> {
                    try {
                        registry.delete(username, revision);
                        // Whoever is called so later is not barred.
                        disabled.remove(username);
                        return forget(username);
                    } catch (NotFoundException gone) {
                        return forget(username)
                                .thenApply(
                                        done -> {
                                            throw gone;
                                        });
                    }
                },
                () -> lookAtAccount(username, found -> CompletableFuture.completedFuture(0)));
    }

    private CompletionStage<Integer> forget(String username) {
        return clients.forget(principal(username))
                .whenComplete((done, failure) -> roles.removeAccount(username));
    }

    private static Predicate<String> principal(String username) {
        return (ApplicationAuthenticator.PRINCIPAL + username)::equals;
    }

    /** Finishes no change any more. */
    @Override
    public void close() {
        unfinished.close();
        disabled.allUnwritten()
                .forEach(
                        username ->
                                log.error(
                                        "application is disabled, but the registry does not know"
                                                + " application={}",
                                        username));
    }
}
