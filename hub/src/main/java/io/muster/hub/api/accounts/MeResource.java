package io.muster.hub.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.registry.operators.OperatorAccount;
import io.muster.devices.registry.revision.Revisions;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.Gate;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.access.Operators.Answer;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Tells whoever asks who he is, and lets him change his password. Shared. */
public final class MeResource implements Resource {

    private static final String ME = Routes.ROOT + "/me";

    private final Operators operators;

    /** Of a hub. */
    public MeResource(Operators operators) {
        this.operators = operators;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, ME, Needs.READ, MeResource::show);
        routes.patch(ME, this::changePassword, Needs.read("account.password"));
    }

    private static void show(Context ctx) {
        Caller caller = Caller.of(ctx);
        ObjectNode view = Json.object().put("kind", caller.kind().name().toLowerCase(Locale.ROOT));
        if (!caller.name().isEmpty()) {
            view.put("name", caller.name());
        }
        view.put("role", caller.role().word());
        caller.expiresAt().ifPresent(time -> view.put("expiresAt", time.toString()));
        Json.answer(ctx, 200, view);
    }

    /**
     * The present password is asked for once more, so that nobody does it by the way whose browser
     * is sent here. If somebody else changes the account at the same time, nothing is changed.
     */
    private void changePassword(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("presentPassword", "password"));
        Caller caller = Caller.of(ctx);
        if (caller.kind() != Caller.Kind.ACCOUNT) {
            throw new ApiProblem(403, "only an account has a password; this is " + caller.actor());
        }
        Acts.object(ctx, caller.name());
        String present = fields.requiredText("presentPassword");
        String next = fields.requiredText("password");
        OperatorAccount account = AccountResource.find(operators.accounts(), caller.name());
        Revisions.require(
                "account '" + account.username() + "'",
                Conditions.revision(ctx),
                account.revision());
        requireRight(operators.password(account.username(), present, Gate.from(ctx)));
        operators
                .accounts()
                .change(
                        account.username(),
                        new OperatorAccount.Change(
                                Optional.of(NewPassword.hash(next)),
                                Optional.empty(),
                                Optional.empty()),
                        OptionalLong.of(account.revision()));
        Acts.detail(ctx, "password");
        show(ctx);
    }

    private static void requireRight(Answer answer) {
        if (answer instanceof Answer.Refused refused) {
            throw refused.isNotFoundOut()
                    ? ApiProblem.unavailable(refused.told())
                    : new ApiProblem(403, "the field 'presentPassword' is not right");
        }
    }
}
