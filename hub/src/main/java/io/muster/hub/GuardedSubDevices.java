package io.muster.hub;

import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.secret.DevicePermissions;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.secret.SignedConnect;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.Product;
import io.muster.hub.audit.RefusedSignIns;
import io.muster.hub.gateways.SubDeviceSignIn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Looks at the signatures that gateways bring for devices as if these had connected: by the rules
 * of the configured sign-in with secrets, and behind the guard. Whoever stands before that sign-in
 * in the chain is asked too, with what the device would have sent itself: he can refuse it, but it
 * is let in by its secret only. Who is refused is told to the audit log. Shared; never blocks.
 */
final class GuardedSubDevices implements SubDeviceSignIn {

    private static final AuthResult NOT_OFFERED =
            AuthResult.deny(
                    DenyReason.NOT_AUTHORIZED, "no authenticator of the type device-secret");

    private static final AuthResult NO_CERTIFICATE =
            AuthResult.deny(DenyReason.NOT_AUTHORIZED, "product demands a certificate");

    private final SignIn signIn;
    private final RefusedSignIns refusals;
    private final DeviceLookup devices;
    private final DevicePermissions permissions;

    /**
     * Those of a hub.
     *
     * @param refusals where those are told who are refused
     * @param permissions what devices may do
     */
    GuardedSubDevices(
            SignIn signIn,
            RefusedSignIns refusals,
            DeviceLookup devices,
            DevicePermissions permissions) {
        this.signIn = signIn;
        this.refusals = refusals;
        this.devices = devices;
        this.permissions = permissions;
    }

    @Override
    public CompletionStage<AuthResult> signIn(ConnectedClient gateway, DeviceClaim claim) {
        return authenticate(gateway, claim, true).thenCompose(this::asItself);
    }

    @Override
    public CompletionStage<AuthResult> prove(ConnectedClient gateway, DeviceClaim claim) {
        return authenticate(gateway, claim, false);
    }

    @Override
    public CompletionStage<Boolean> isGood(String productKey, String secretMark) {
        return devices.findProduct(productKey)
                .thenApply(
                        product ->
                                product.filter(Product::dynamicActivation)
                                        .filter(
                                                found ->
                                                        found.secrets()
                                                                .isGood(secretMark, Instant.now()))
                                        .isPresent());
    }

    @Override
    public void refused(ConnectedClient gateway, DeviceId device, AuthResult.Deny why) {
        String name = gateway.clientIdentifier();
        refusals.denied(
                DeviceClaim.username(device),
                gateway.remoteAddress(),
                why,
                device.toString().equals(name) ? "" : "; through gateway " + name);
    }

    private CompletionStage<AuthResult> authenticate(
            ConnectedClient gateway, DeviceClaim claim, boolean connects) {
        Credentials credentials = credentials(gateway, claim);
        Supplier<CompletionStage<AuthResult>> asking = () -> authenticate(credentials, claim);
        return signIn.guard()
                .map(guard -> guard.authenticate(credentials, connects, asking))
                .orElseGet(asking);
    }

    private CompletionStage<AuthResult> authenticate(Credentials credentials, DeviceClaim claim) {
        SignIn.Secrets secrets = signIn.secrets();
        if (secrets.authenticator().isEmpty()) {
            return CompletableFuture.completedFuture(NOT_OFFERED);
        }
        DeviceSecretAuthenticator authenticator = secrets.authenticator().get();
        return secrets.objectors()
                .authenticate(credentials)
                .thenCompose(
                        result ->
                                result instanceof AuthResult.Accept
                                        ? authenticator.authenticate(claim)
                                        : CompletableFuture.completedFuture(result));
    }

    private static Credentials credentials(ConnectedClient gateway, DeviceClaim claim) {
        SignedConnect connect = claim.asConnect();
        return new Credentials(
                connect.clientId(),
                Optional.of(connect.username()),
                Optional.of(connect.password().getBytes(StandardCharsets.UTF_8)),
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
                                product.map(found -> asItself(found, identity))
                                        .orElse(NOT_OFFERED));
    }

    /** A device has no certificate on the connection of its gateway. */
    private AuthResult asItself(Product product, Identity identity) {
        return product.settings().certificateRequired()
                ? NO_CERTIFICATE
                : AuthResult.accept(
                        new Identity(
                                identity.principal(),
                                identity.clientIdentifier(),
                                permissions.of(product, identity.attributes()),
                                identity.attributes()));
    }
}
