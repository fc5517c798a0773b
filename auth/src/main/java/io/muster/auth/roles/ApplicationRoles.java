package io.muster.auth.roles;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.auth.TopicRule;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.application.Application;
import io.muster.devices.application.Application.Standing;
import io.muster.devices.roles.Role;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What applications may do, as it stands right now; shared, never blocks.
 *
 * <p>It holds all roles, and of the accounts those that somebody holds permissions of. Whoever
 * changes a role or an account in the registry tells it afterwards; then all permissions that were
 * given before follow. Roles and accounts are known by their revisions, so that of two who tell it
 * about one, the older is not believed.
 *
 * <p>An account with a role that is not known here, or cannot be read, may do nothing: to leave the
 * role out could widen what the others allow.
 */
public final class ApplicationRoles {

    private static final Logger log = LoggerFactory.getLogger(ApplicationRoles.class);

    private final Map<String, Known> roles = new HashMap<>();

    /** An account is forgotten when nobody holds permissions of it any more. */
    private final Cache<String, AccountRules> accounts =
            Caffeine.newBuilder().weakValues().executor(Runnable::run).build();

    /** A role and its rules for policies. */
    private record Known(long revision, List<TopicRule> rules) {}

    /** With these roles; there are no others. */
    public ApplicationRoles(Collection<Role> roles) {
        roles.forEach(this::put);
    }

    /**
     * The permissions of a client that has proved to be {@code application}; they follow its roles
     * as long as they are held.
     *
     * @param clientIdentifier as the client sent it
     * @throws IllegalArgumentException if a rule needs the client identifier, and it could not be a
     *     level of a topic
     */
    public TopicPermissions permissions(Application application, String clientIdentifier) {
        return new LivePermissions(
                account(application),
                Map.of(
                        RoleRules.USERNAME,
                        application.username(),
                        RoleRules.CLIENT_ID,
                        clientIdentifier));
    }

    private synchronized AccountRules account(Application application) {
        AccountRules account = accounts.get(application.username(), username -> new AccountRules());
        change(account, application);
        return account;
    }

    private void change(AccountRules account, Application application) {
        Standing standing = application.standing();
        if (standing.revision() > account.standing().revision()) {
            account.change(standing, rules(application.username(), standing.roles()));
        }
    }

    private List<TopicRule> rules(String username, List<String> names) {
        List<TopicRule> all = new ArrayList<>();
        for (String name : names) {
            Known role = roles.get(name);
            if (role == null) {
                log.error(
                        "application has an unknown role and may do nothing application={} role={}",
                        username,
                        name);
                return List.of();
            }
            all.addAll(role.rules());
        }
        return List.copyOf(all);
    }

    /** An account as it is in the registry now; permissions that were given of it follow. */
    public synchronized void update(Application application) {
        AccountRules account = accounts.getIfPresent(application.username());
        if (account != null) {
            change(account, application);
        }
    }

    /** An account is no longer in the registry: permissions that were given of it allow nothing. */
    public synchronized void removeAccount(String username) {
        AccountRules account = accounts.getIfPresent(username);
        if (account != null) {
            account.change(new Standing(List.of(), true, Long.MAX_VALUE), List.of());
            accounts.invalidate(username);
        }
    }

    /**
     * A role as it is in the registry now; permissions that were given follow.
     *
     * @return the accounts with that role of which somebody holds permissions
     */
    public synchronized Set<String> update(Role role) {
        put(role);
        return follow(role.name());
    }

    private void put(Role role) {
        Known known = roles.get(role.name());
        if (known != null && known.revision() >= role.revision()) {
            return;
        }
        try {
            roles.put(role.name(), new Known(role.revision(), RoleRules.topicRules(role.rules())));
        } catch (IllegalArgumentException wrong) {
            log.error(
                    "role cannot be used, applications with it may do nothing role={} cause={}",
                    role.name(),
                    wrong.getMessage());
            roles.remove(role.name());
        }
    }

    /** A role is no longer in the registry: accounts that have it nevertheless may do nothing. */
    public synchronized Set<String> removeRole(String name) {
        roles.remove(name);
        return follow(name);
    }

    private Set<String> follow(String role) {
        Set<String> following = new TreeSet<>();
        accounts.asMap()
                .forEach(
                        (username, account) -> {
                            Standing standing = account.standing();
                            if (standing.roles().contains(role)) {
                                account.change(standing, rules(username, standing.roles()));
                                following.add(username);
                            }
                        });
        return following;
    }
}
