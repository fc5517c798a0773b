package io.muster.hub;

import io.muster.auth.guard.SignInGuard;
import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.secret.DevicePermissions;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.secret.DeviceSecretProvider;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceLookup;
import io.muster.hub.config.HubConfig;
import io.muster.hub.gateways.SubDeviceSignIn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Looks at the signatures that gateways bring for devices as if these had connected: by the rules
 * of the configured sign-in with secrets, and behind the guard. Shared; never blocks.
 */
final class GuardedSubDevices implements SubDeviceSignIn {

    private static final AuthResult NOT_OFFERED =
            AuthResult.deny(
                    DenyReason.NOT_AUTHORIZED, "no authenticator of the type device-secret");

    private final Optional<DeviceSecretAuthenticator> authenticator;
    private final Optional<SignInGuard> guard;
    private final DeviceLookup devices;
    private final DevicePermissions permissions;

    private GuardedSubDevices(
            Optional<DeviceSecretAuthenticator> authenticator,
            Optional<SignInGuard> guard,
            DeviceLookup devices,
            DevicePermissions permissions) {
        this.authenticator = authenticator;
        this.guard = guard;
        this.devices = devices;
        this.permissions = permissions;
    }

    /** Those of a hub: by the first authenticator with secrets in its chain, if there is one. */
    static GuardedSubDevices of(
            HubConfig config, SignIn signIn, DeviceSecretProvider provider, DeviceLookup devices) {
        return new GuardedSubDevices(
                config.authentication().chain().stream()
                        .filter(entry -> entry.type().equals(provider.type()))
                        .findFirst()
                        .map(entry -> provider.create(entry.settings())),
                signIn.guard(),
                devices,
                provider.permissions());
    }

    @Override
    public CompletionStage<AuthResult> signIn(ConnectedClient gateway, DeviceClaim claim) {
        return authenticate(gateway, claim, true).thenCompose(this::asItself);
    }

    @Override
    public CompletionStage<AuthResult> prove(ConnectedClient gateway, DeviceClaim claim) {
        return authenticate(gateway, claim, false);
    }

    private CompletionStage<AuthResult> authenticate(
            ConnectedClient gateway, DeviceClaim claim, boolean connects) {
        if (authenticator.isEmpty()) {
            return CompletableFuture.completedFuture(NOT_OFFERED);
        }
        DeviceSecretAuthenticator secrets = authenticator.get();
        return guard.map(
                        each ->
                                each.authenticate(
                                        credentials(gateway, claim),
                                        connects,
                                        () -> secrets.authenticate(claim)))
                .orElseGet(() -> secrets.authenticate(claim));
    }

    private static Credentials credentials(ConnectedClient gateway, DeviceClaim claim) {
        return new Credentials(
                claim.id().toString(),
                Optional.of(claim.username()),
                Optional.empty(),
                List.of(),
                gateway.remoteAddress(),
                gateway.protocolLevel(),
                gateway.listener());
    }

    /** One that fetches its secret is signed in with it, and may do what the device may. */
    private CompletionStage<AuthResult> asItself(AuthResult result) {
        if (!(result instanceof AuthResult.Accept accept)) {
            return CompletableFuture.completedFuture(result);
        }
        Identity identity = accept.identity();
        Map<String, String> facts = identity.attributes();
        if (!DeviceSecretAuthenticator.ACTIVATING.equals(facts.get("kind"))) {
            return CompletableFuture.completedFuture(result);
        }
        return devices.findProduct(facts.getOrDefault("productKey", ""))
                .thenApply(
                        product ->
                                product.<AuthResult>map(
                                                found ->
                                                        AuthResult.accept(
                                                                new Identity(
                                                                        identity.principal(),
                                                                        identity.clientIdentifier(),
                                                                        permissions.of(
                                                                                found, facts),
                                                                        facts)))
                                        .orElse(NOT_OFFERED));
    }
}
