package io.muster.hub.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.registry.operators.OperatorAccount;
import io.muster.devices.registry.operators.OperatorAccounts;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Changed;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Page;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import java.util.List;
import java.util.Optional;

/** The accounts of people who manage the hub. Shared. A password goes in and never comes out. */
public final class AccountResource implements Resource {

    private static final String ACCOUNTS = Routes.ROOT + "/accounts";
    private static final String ACCOUNT = ACCOUNTS + "/{username}";

    private final OperatorAccounts accounts;

    /** Of a hub. */
    public AccountResource(OperatorAccounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(ACCOUNTS, this::create, Needs.admin("account.create"));
        routes.patch(ACCOUNT, this::change, Needs.admin("account.change"));
        routes.delete(ACCOUNT, this::delete, Needs.admin("account.delete"));
        Routes.read(routes, ACCOUNTS, Needs.toSee(Role.ADMIN), this::list);
        Routes.read(routes, ACCOUNT, Needs.toSee(Role.ADMIN), this::show);
    }

    private void create(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("username", "password", "role"));
        String username = fields.requiredText("username");
        Role role = Problems.unlessInvalid(() -> Role.ofWord(fields.requiredText("role")));
        String hash = NewPassword.hash(fields.requiredText("password"));
        OperatorAccount account =
                Problems.unlessInvalid(() -> accounts.create(username, hash, role));
        Acts.object(ctx, username);
        Acts.detail(ctx, "role " + role.word());
        ctx.header("Location", ACCOUNTS + "/" + username);
        answer(ctx, 201, account);
    }

    private void change(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("password", "role", "disabled"));
        Optional<Role> role =
                fields.text("role").map(word -> Problems.unlessInvalid(() -> Role.ofWord(word)));
        Optional<Boolean> disabled = fields.optionalFlag("disabled");
        Optional<String> hash = fields.text("password").map(NewPassword::hash);
        String username = ctx.pathParam("username");
        ObjectNode before = view(find(accounts, username));
        OperatorAccount changed =
                accounts.change(
                        username,
                        new OperatorAccount.Change(hash, role, disabled),
                        Conditions.revision(ctx));
        Changed.tell(
                ctx,
                before,
                view(changed),
                hash.map(each -> "password").stream().toArray(String[]::new));
        answer(ctx, 200, changed);
    }

    private static void answer(Context ctx, int status, OperatorAccount account) {
        Conditions.tell(ctx, account.revision());
        Json.answer(ctx, status, view(account));
    }

    private void delete(Context ctx) {
        accounts.delete(ctx.pathParam("username"), Conditions.revision(ctx));
        ctx.status(204);
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx);
        Json.answer(
                ctx,
                200,
                page.answer(
                        accounts.list(page.after(), page.readLimit()),
                        OperatorAccount::username,
                        AccountResource::view));
    }

    private void show(Context ctx) {
        String username = ctx.pathParam("username");
        answer(ctx, 200, find(accounts, username));
    }

    /**
     * An account.
     *
     * @throws ApiProblem (404) if there is none
     */
    static OperatorAccount find(OperatorAccounts accounts, String username) {
        return accounts.find(username)
                .orElseThrow(() -> ApiProblem.notFound("there is no account '" + username + "'"));
    }

    private static ObjectNode view(OperatorAccount account) {
        ObjectNode view =
                Json.object()
                        .put("username", account.username())
                        .put("role", account.role().word())
                        .put("disabled", account.disabled())
                        .put("revision", account.revision())
                        .put("createdAt", account.createdAt().toString());
        account.lastUsedAt().ifPresent(time -> view.put("lastUsedAt", time.toString()));
        return view;
    }
}
