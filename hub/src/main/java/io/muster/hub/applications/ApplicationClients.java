package io.muster.hub.applications;

import io.muster.auth.application.ApplicationAuthenticator;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.application.Application;
import io.muster.devices.application.ApplicationLookup;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at applications once more when their sessions are registered: since they signed in, their
 * account may have been deleted or disabled, or its password changed. All other clients are for the
 * next observer. Shared; never blocks.
 *
 * <p>{@link AccessChanges} changes the account first, or puts it among the {@link
 * DisabledAccounts}, and looks for its sessions then, so one of the two finds out.
 */
public final class ApplicationClients implements ClientObserver {

    private static final Logger log = LoggerFactory.getLogger(ApplicationClients.class);

    private final ApplicationLookup applications;
    private final ApplicationRoles roles;
    private final DisabledAccounts disabled;
    private final ClientObserver next;

    /**
     * Watches applications.
     *
     * @param applications as they are in the registry
     * @param roles is told of the account that was found
     * @param disabled accounts that are let in no more, whatever the registry says
     * @param next is asked about all other clients, and told of all
     */
    public ApplicationClients(
            ApplicationLookup applications,
            ApplicationRoles roles,
            DisabledAccounts disabled,
            ClientObserver next) {
        this.applications = applications;
        this.roles = roles;
        this.disabled = disabled;
        this.next = next;
    }

    @Override
    public CompletionStage<Admission> connecting(ConnectedClient client) {
        String kind = client.identity().attributes().get("kind");
        String username = client.identity().attributes().get("username");
        if (!ApplicationAuthenticator.KIND.equals(kind) || username == null) {
            return next.connecting(client);
        }
        if (disabled.contains(username)) {
            return CompletableFuture.completedFuture(
                    refused(client, "account is disabled: " + username));
        }
        return applications
                .findApplication(username)
                .handle(
                        (found, failure) ->
                                failure == null
                                        ? admission(client, username, found)
                                        : unavailable(username, failure));
    }

    private Admission admission(
            ConnectedClient client, String username, Optional<Application> found) {
        String mark = client.identity().attributes().get(ApplicationAuthenticator.PASSWORD_MARK);
        if (found.isEmpty()) {
            return refused(client, "account was deleted since it signed in: " + username);
        }
        if (found.get().standing().isDisabled()) {
            return refused(client, "account is disabled: " + username);
        }
        if (!found.get().passwordMark().equals(mark)) {
            return refused(client, "account has another password since it signed in: " + username);
        }
        roles.update(found.get());
        return Admission.ADMITTED;
    }

    private static Admission refused(ConnectedClient client, String why) {
        log.info(
                "application refused, its account changed during sign-in client={} principal={}",
                new Quoted(client.clientIdentifier()),
                new Quoted(client.identity().principal()));
        return Admission.notAuthorized(why);
    }

    private static Admission unavailable(String username, Throwable failure) {
        log.warn(
                "application refused, its account cannot be looked up application={} cause={}",
                username,
                new Quoted(failure.toString()));
        return Admission.UNAVAILABLE;
    }

    @Override
    public void connected(ConnectedClient client, Consumer<Message> sender) {
        next.connected(client, sender);
    }

    @Override
    public void disconnected(ConnectedClient client) {
        next.disconnected(client);
    }

    @Override
    public boolean refused(ConnectedClient client, Message message, Consumer<Message> answer) {
        return next.refused(client, message, answer);
    }

    @Override
    public boolean mayLeaveWill(ConnectedClient client) {
        return next.mayLeaveWill(client);
    }

    @Override
    public void published(ConnectedClient client) {
        next.published(client);
    }
}
