package io.muster.hub.gateways;

import static io.muster.auth.secret.DeviceSecretAuthenticator.SECRET_MARK;

import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.broker.log.Quoted;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.SecretReplacedException;
import io.muster.devices.directory.DeviceDirectory.SignedIn;
import io.muster.hub.gateways.SubDevices.NotMemberException;
import io.muster.hub.protocol.GatewayListener;
import io.muster.hub.protocol.GatewayListener.Outcome;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs devices in through their gateways, with the checks of a CONNECT. Shared; never blocks.
 *
 * <p>A device that fetches its secret this way is signed in with it: there is no second connection
 * on which it could.
 */
final class SubDeviceLogins {

    private static final Logger log = LoggerFactory.getLogger(SubDeviceLogins.class);

    private static final String UNAVAILABLE = "the registry cannot be asked now";

    private final SubDevices subDevices;
    private final SubDeviceSignIn signIn;
    private final FirstSignIns firstSignIns;
    private final Clock clock;
    private final GatewayListener listener;

    SubDeviceLogins(
            SubDevices subDevices,
            SubDeviceSignIn signIn,
            FirstSignIns firstSignIns,
            Clock clock,
            GatewayListener listener) {
        this.subDevices = subDevices;
        this.signIn = signIn;
        this.firstSignIns = firstSignIns;
        this.clock = clock;
        this.listener = listener;
    }

    /** What came of one login: the device, or why not. */
    record Result(DeviceId id, Optional<Device> device, boolean tellsSecret, Reply refusal) {

        private static Result of(Device device, boolean tellsSecret) {
            return new Result(device.id(), Optional.of(device), tellsSecret, Reply.done());
        }

        private static Result refused(DeviceId id, int code, String message) {
            return new Result(id, Optional.empty(), false, Reply.failure(code, message));
        }
    }

    /** Signs a device in. The stage does not fail. */
    CompletionStage<Result> login(GatewayLink gateway, DeviceClaim claim) {
        DeviceId id = claim.id();
        if (!subDevices.isMember(gateway.id(), id.toString())) {
            // Said without a look at the signature: it tells nothing of the device.
            return CompletableFuture.completedFuture(
                    refused(
                            gateway,
                            id,
                            DenyReason.NOT_AUTHORIZED,
                            String.valueOf(new NotMemberException(gateway.id(), id).getMessage())));
        }
        return signIn.signIn(gateway.client(), claim(gateway, claim))
                .thenCompose(
                        result ->
                                result instanceof AuthResult.Accept accept
                                        ? enter(gateway, id, accept.identity())
                                        : CompletableFuture.completedFuture(
                                                refused(gateway, id, result)))
                .exceptionally(failure -> failed(gateway, id, failure));
    }

    private DeviceClaim claim(GatewayLink gateway, DeviceClaim claim) {
        return firstSignIns.hasFetched(gateway.id(), claim.id()) ? claim.withToldBefore() : claim;
    }

    private CompletionStage<Result> enter(GatewayLink gateway, DeviceId id, Identity identity) {
        Map<String, String> facts = identity.attributes();
        boolean fetchesSecret = DeviceSecretAuthenticator.ACTIVATING.equals(facts.get("kind"));
        Optional<String> mark = Optional.ofNullable(facts.get(SECRET_MARK));
        SubDeviceLogin login =
                new SubDeviceLogin(id, gateway, identity.permissions(), clock.millis());
        return subDevices
                .signIn(login, fetchesSecret ? Optional.empty() : mark)
                .thenCompose(
                        signedIn -> {
                            if (signedIn.device().status() != DeviceStatus.ONLINE) {
                                return CompletableFuture.completedFuture(disabled(gateway, id));
                            }
                            return fetchesSecret
                                    ? fetched(login, signedIn, mark)
                                    : recorded(login, signedIn.device());
                        })
                .exceptionallyCompose(
                        failure ->
                                subDevices
                                        .takeBack(login)
                                        .thenCompose(
                                                done -> CompletableFuture.failedFuture(failure)));
    }

    private CompletionStage<Result> recorded(SubDeviceLogin login, Device device) {
        return firstSignIns.recorded(device).thenCompose(written -> accepted(login, device, false));
    }

    /**
     * It signed in by the secret of its product. Whether that is good is looked at once more, when
     * it is online: after another was answered, nobody gets in by the one before.
     */
    private CompletionStage<Result> fetched(
            SubDeviceLogin login, SignedIn signedIn, Optional<String> mark) {
        Device device = signedIn.device();
        DeviceId id = device.id();
        GatewayLink gateway = login.gateway();
        if (!signedIn.isFirst() && !firstSignIns.mayFetchAgain(gateway.id(), device)) {
            // It has signed in meanwhile, so its secret is not told any more.
            return subDevices
                    .takeBack(login)
                    .thenApply(
                            done ->
                                    refused(
                                            gateway,
                                            id,
                                            DenyReason.NOT_AUTHORIZED,
                                            "device is activated: " + id));
        }
        firstSignIns.fetched(gateway.id(), device);
        return signIn.isGood(id.productKey(), mark.orElse(""))
                .thenCompose(
                        isGood ->
                                isGood
                                        ? firstSignIns.durable(device)
                                        : CompletableFuture.failedFuture(
                                                new SecretReplacedException(
                                                        "product has another secret by now")))
                .thenCompose(written -> accepted(login, device, true));
    }

    private CompletionStage<Result> accepted(
            SubDeviceLogin login, Device device, boolean tellsSecret) {
        return subDevices
                .refreshedIfRefused(login.gateway())
                .thenApply(done -> result(login, device, tellsSecret));
    }

    private Result result(SubDeviceLogin login, Device device, boolean fetchesSecret) {
        if (!subDevices.isPresent(login)) {
            return refused(
                    login.gateway(),
                    device.id(),
                    DenyReason.NOT_AUTHORIZED,
                    "device was signed out meanwhile: " + device.id());
        }
        listener.signedIn(Outcome.ACCEPTED);
        log.info(
                "sub-device signed in device={} gateway={} activated={}",
                device.id(),
                login.gateway().id(),
                fetchesSecret);
        return Result.of(device, fetchesSecret);
    }

    private Result disabled(GatewayLink gateway, DeviceId id) {
        return refused(gateway, id, DenyReason.NOT_AUTHORIZED, "device is disabled: " + id);
    }

    /** By what was said of its signature; the gateway is told less of it than the audit log. */
    private Result refused(GatewayLink gateway, DeviceId id, AuthResult result) {
        AuthResult.Deny deny = SubDeviceSignIn.denial(result);
        String message =
                switch (deny.reason()) {
                    case BAD_CREDENTIALS, BAD_CLIENT_IDENTIFIER -> notProven(id);
                    case NOT_AUTHORIZED ->
                            "device '%s' is disabled, or activated already, or its product demands a certificate"
                                    .formatted(id);
                    case BANNED -> "too many wrong sign-ins of late; try again later";
                    case UNAVAILABLE -> UNAVAILABLE;
                };
        return refused(gateway, id, deny, message);
    }

    private static String notProven(DeviceId id) {
        return "device '%s' is not known, or its signature is wrong".formatted(id);
    }

    private Result failed(GatewayLink gateway, DeviceId id, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String why = String.valueOf(cause.getMessage());
        if (cause instanceof NotMemberException) {
            return refused(gateway, id, DenyReason.NOT_AUTHORIZED, why);
        }
        if (cause instanceof NotFoundException || cause instanceof SecretReplacedException) {
            return refused(
                    gateway,
                    id,
                    new AuthResult.Deny(DenyReason.BAD_CREDENTIALS, why),
                    notProven(id));
        }
        log.warn(
                "sub-device not signed in device={} gateway={} cause={}",
                id,
                gateway.id(),
                new Quoted(cause.toString()));
        return refused(gateway, id, DenyReason.UNAVAILABLE, UNAVAILABLE);
    }

    private Result refused(GatewayLink gateway, DeviceId id, DenyReason reason, String message) {
        return refused(gateway, id, new AuthResult.Deny(reason, message), message);
    }

    /** The one place where a login is refused. */
    private Result refused(GatewayLink gateway, DeviceId id, AuthResult.Deny why, String message) {
        Outcome outcome = outcome(why.reason());
        listener.signedIn(outcome);
        signIn.refused(gateway.client(), id, why);
        log.debug("sub-device refused device={} gateway={} reason={}", id, gateway.id(), outcome);
        return Result.refused(id, code(outcome), message);
    }

    private static Outcome outcome(DenyReason reason) {
        return switch (reason) {
            case BAD_CREDENTIALS, BAD_CLIENT_IDENTIFIER -> Outcome.BAD_CREDENTIALS;
            case NOT_AUTHORIZED -> Outcome.NOT_AUTHORIZED;
            case BANNED -> Outcome.BANNED;
            case UNAVAILABLE -> Outcome.UNAVAILABLE;
        };
    }

    private static int code(Outcome outcome) {
        return switch (outcome) {
            case ACCEPTED -> ReplyCode.SUCCESS;
            case BAD_CREDENTIALS -> ReplyCode.NOT_AUTHENTICATED;
            case NOT_AUTHORIZED -> ReplyCode.NOT_PERMITTED;
            case BANNED -> ReplyCode.TOO_MANY_REQUESTS;
            case UNAVAILABLE -> ReplyCode.INTERNAL;
        };
    }
}
