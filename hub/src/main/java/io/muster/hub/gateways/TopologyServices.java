package io.muster.hub.gateways;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.topology.Topology;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.RegistryWork;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** {@code thing/topo/add}, {@code delete} and {@code get}. Shared. */
final class TopologyServices {

    private static final String UNAVAILABLE = "the registry cannot be asked now";

    private final SubDevices subDevices;
    private final SubDeviceSignIn signIn;
    private final Topology topology;
    private final RegistryWork registry;
    private final Function<DeviceId, CompletionStage<Boolean>> gateways;
    private final int subDevicesMax;

    /**
     * Services on a topology.
     *
     * @param gateways whether a device is a gateway itself
     * @param subDevicesMax how many devices one gateway may speak for
     */
    TopologyServices(
            SubDevices subDevices,
            SubDeviceSignIn signIn,
            Topology topology,
            RegistryWork registry,
            Function<DeviceId, CompletionStage<Boolean>> gateways,
            int subDevicesMax) {
        this.subDevices = subDevices;
        this.signIn = signIn;
        this.topology = topology;
        this.registry = registry;
        this.gateways = gateways;
        this.subDevicesMax = subDevicesMax;
    }

    /**
     * All devices are added, or none. Each proves with its own secret that it is there, so one that
     * has another gateway moves to this one.
     */
    Service add() {
        return request -> {
            GatewayLink gateway = LoginServices.gateway(subDevices, signIn, request);
            JsonNode entries = entries(request);
            List<DeviceClaim> claims = new ArrayList<>(entries.size());
            for (int i = 0; i < entries.size(); i++) {
                claims.add(SignedEntries.single("params[" + i + "]", entries.get(i)));
            }
            List<CompletableFuture<Reply>> proofs = new ArrayList<>(claims.size());
            for (int i = 0; i < claims.size(); i++) {
                proofs.add(proof(gateway, claims.get(i), "params[" + i + "]"));
            }
            return CompletableFuture.allOf(proofs.toArray(CompletableFuture[]::new))
                    .thenCompose(
                            done ->
                                    proofs.stream()
                                            .map(CompletableFuture::join)
                                            .filter(reply -> reply.code() != ReplyCode.SUCCESS)
                                            .findFirst()
                                            .<CompletionStage<Reply>>map(
                                                    CompletableFuture::completedFuture)
                                            .orElseGet(() -> add(request, gateway, claims)));
        };
    }

    private CompletionStage<Reply> add(
            Request request, GatewayLink gateway, List<DeviceClaim> claims) {
        Set<DeviceId> ids = new LinkedHashSet<>();
        claims.forEach(claim -> ids.add(claim.id()));
        return registry.run(
                        request,
                        () -> {
                            topology.add(gateway.id(), ids, subDevicesMax);
                            return Reply.done();
                        })
                .thenCompose(
                        reply -> subDevices.refreshedIfRefused(gateway).thenApply(done -> reply));
    }

    /** Success, or why the device is not added. The stage does not fail. */
    private CompletableFuture<Reply> proof(GatewayLink gateway, DeviceClaim claim, String name) {
        if (!claim.mode().equals("2")) {
            throw RefusedRequestException.badParameter(
                    name + ".secureMode is not 2: the device's own secret proves it");
        }
        return signIn.prove(gateway.client(), claim)
                .thenCompose(
                        result ->
                                result instanceof AuthResult.Accept
                                        ? gateways.apply(claim.id())
                                                .thenApply(is -> verdict(gateway, claim, name, is))
                                        : CompletableFuture.completedFuture(
                                                refusal(gateway, claim, name, result)))
                .exceptionally(failure -> Reply.failure(ReplyCode.INTERNAL, UNAVAILABLE))
                .toCompletableFuture();
    }

    private Reply verdict(GatewayLink gateway, DeviceClaim claim, String name, boolean isGateway) {
        if (!isGateway) {
            return Reply.done();
        }
        String why = "'%s' is a gateway itself, and speaks for itself".formatted(claim.id());
        signIn.refused(
                gateway.client(), claim.id(), new AuthResult.Deny(DenyReason.NOT_AUTHORIZED, why));
        return Reply.failure(ReplyCode.NOT_PERMITTED, name + ": " + why);
    }

    private Reply refusal(GatewayLink gateway, DeviceClaim claim, String name, AuthResult result) {
        AuthResult.Deny why = SubDeviceSignIn.denial(result);
        signIn.refused(gateway.client(), claim.id(), why);
        return switch (why.reason()) {
            case BAD_CREDENTIALS, BAD_CLIENT_IDENTIFIER ->
                    Reply.failure(
                            ReplyCode.NOT_AUTHENTICATED,
                            "%s: device '%s' is not known, or its signature is wrong"
                                    .formatted(name, claim.id()));
            case NOT_AUTHORIZED ->
                    Reply.failure(
                            ReplyCode.NOT_PERMITTED,
                            "%s: '%s' is disabled, or its product demands a certificate"
                                    .formatted(name, claim.id()));
            case BANNED ->
                    Reply.failure(
                            ReplyCode.TOO_MANY_REQUESTS,
                            name + ": too many wrong signatures of late; try again later");
            case UNAVAILABLE -> Reply.failure(ReplyCode.INTERNAL, UNAVAILABLE);
        };
    }

    /** Those that the gateway does not speak for stay as they are. */
    Service delete() {
        return request -> {
            GatewayLink gateway = LoginServices.gateway(subDevices, request);
            JsonNode entries = entries(request);
            Set<DeviceId> ids = new LinkedHashSet<>();
            for (int i = 0; i < entries.size(); i++) {
                ids.add(SignedEntries.id("params[" + i + "]", entries.get(i)));
            }
            return registry.run(
                            request,
                            () -> {
                                topology.remove(gateway.id(), ids);
                                return Reply.done();
                            })
                    .thenCompose(reply -> subDevices.refreshed(gateway).thenApply(done -> reply));
        };
    }

    private static JsonNode entries(Request request) {
        return Parameters.requireFew("params", request.params(), Topology.TOGETHER_MAX);
    }

    Service get() {
        return request -> {
            GatewayLink gateway = LoginServices.gateway(subDevices, request);
            return registry.run(
                    request,
                    () -> {
                        ArrayNode all = Envelope.array();
                        for (DeviceId id : topology.all(gateway.id())) {
                            all.addObject()
                                    .put("productKey", id.productKey())
                                    .put("deviceKey", id.deviceKey());
                        }
                        return Reply.success(all);
                    });
        };
    }
}
