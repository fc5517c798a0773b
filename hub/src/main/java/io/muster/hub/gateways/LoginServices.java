package io.muster.hub.gateways;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.details.AssetId;
import io.muster.hub.gateways.SubDeviceLogins.Result;
import io.muster.hub.gateways.SubDevices.NotMemberException;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code combine/login}, {@code combine/login/batch} and {@code combine/logout}. Shared. */
final class LoginServices {

    private static final int BATCH_MAX = 1_000;

    private final SubDevices subDevices;
    private final SubDeviceSignIn signIn;
    private final SubDeviceLogins logins;

    LoginServices(SubDevices subDevices, SubDeviceSignIn signIn, SubDeviceLogins logins) {
        this.subDevices = subDevices;
        this.signIn = signIn;
        this.logins = logins;
    }

    /** The gateway that asks. */
    static GatewayLink gateway(SubDevices subDevices, Request request) {
        return subDevices
                .link(request.device())
                .orElseThrow(
                        () ->
                                new RefusedRequestException(
                                        ReplyCode.NOT_PERMITTED,
                                        "product '%s' is not one of gateways"
                                                .formatted(request.device().productKey())));
    }

    /** The same, for what only those may ask that can prove it. */
    static GatewayLink gateway(SubDevices subDevices, SubDeviceSignIn signIn, Request request) {
        try {
            return gateway(subDevices, request);
        } catch (RefusedRequestException refused) {
            subDevices
                    .clients()
                    .find(request.publisher())
                    .ifPresent(
                            client ->
                                    signIn.refused(
                                            client,
                                            request.device(),
                                            new AuthResult.Deny(
                                                    DenyReason.NOT_AUTHORIZED,
                                                    refused.reply().message())));
            throw refused;
        }
    }

    Service login() {
        return request -> {
            GatewayLink gateway = gateway(subDevices, signIn, request);
            DeviceClaim claim = SignedEntries.single("params", request.params());
            return logins.login(gateway, claim).thenApply(LoginServices::reply);
        };
    }

    private static Reply reply(Result result) {
        return result.device()
                .map(device -> told(Reply.success(view(device, result.tellsSecret())), result))
                .orElseGet(result::refusal);
    }

    private static Reply told(Reply reply, Result result) {
        return result.tellsSecret() ? reply.withSecrets() : reply;
    }

    private static ObjectNode view(Device device, boolean tellsSecret) {
        ObjectNode view = view(device.id()).put("assetId", AssetId.of(device.id()).text());
        if (tellsSecret) {
            view.put("deviceSecret", device.secret().reveal());
        }
        return view;
    }

    private static ObjectNode view(DeviceId id) {
        return Envelope.object()
                .put("productKey", id.productKey())
                .put("deviceKey", id.deviceKey());
    }

    /** Each for itself; the code is that of the first that failed, if one did. */
    Service batch() {
        return request -> {
            GatewayLink gateway = gateway(subDevices, signIn, request);
            JsonNode common = request.object();
            JsonNode entries =
                    Parameters.requireFew(
                            "params.subDevices", common.path("subDevices"), BATCH_MAX);
            List<DeviceClaim> claims = new ArrayList<>(entries.size());
            for (int i = 0; i < entries.size(); i++) {
                String name = "params.subDevices[" + i + "]";
                claims.add(SignedEntries.ofBatch(name, entries.get(i), "params", common));
            }
            List<CompletableFuture<Result>> results = new ArrayList<>(claims.size());
            claims.forEach(
                    claim -> results.add(logins.login(gateway, claim).toCompletableFuture()));
            return CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                    .thenApply(
                            done -> batch(results.stream().map(CompletableFuture::join).toList()));
        };
    }

    private static Reply batch(List<Result> results) {
        ArrayNode signedIn = Envelope.array();
        ArrayNode failed = Envelope.array();
        Reply outcome = Reply.done();
        for (Result result : results) {
            if (result.device().isPresent()) {
                signedIn.add(view(result.device().get(), result.tellsSecret()));
            } else {
                Reply refusal = result.refusal();
                failed.add(
                        view(result.id())
                                .put("code", refusal.code())
                                .put("message", refusal.message()));
                outcome = outcome.code() == ReplyCode.SUCCESS ? refusal : outcome;
            }
        }
        ObjectNode data = Envelope.object();
        data.set("loginedSubDevices", signedIn);
        data.set("failedSubDevices", failed);
        return new Reply(
                outcome.code(),
                outcome.message(),
                data,
                results.stream().anyMatch(Result::tellsSecret));
    }

    /** A device that is not signed in through the gateway stays so. */
    Service logout() {
        return request -> {
            GatewayLink gateway = gateway(subDevices, request);
            DeviceId id = SignedEntries.id("params", request.params());
            if (!subDevices.isMember(gateway.id(), id.toString())) {
                throw new RefusedRequestException(
                        ReplyCode.NOT_PERMITTED,
                        String.valueOf(new NotMemberException(gateway.id(), id).getMessage()));
            }
            subDevices.release(id, gateway);
            return subDevices
                    .publishingRefreshed(gateway)
                    .thenApply(done -> Reply.success(view(id)));
        };
    }
}
