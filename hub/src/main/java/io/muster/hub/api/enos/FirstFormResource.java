package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.ca.RevocationReason;
import io.muster.ca.request.EncodedRequest;
import io.muster.devices.DeviceId;
import io.muster.devices.details.AssetId;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.enrolment.IssuerAlgorithm;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The calls about certificates as EnOS had them first: the device is in the path, the signature in
 * the query, the request for a certificate a bare text. Shared; blocks while one is issued or
 * revoked.
 */
final class FirstFormResource implements Resource {

    private static final String OF_KEYS =
            "/connectService/products/{productKey}/devices/{deviceKey}/certificates";
    private static final String OF_ASSET = "/connectService/devices/{assetId}/certificates";

    private static final Wishes BY_RSA =
            new Wishes(Optional.empty(), Optional.empty(), Optional.of(IssuerAlgorithm.RSA));

    private final EnosAuthentication authentication;
    private final Acts acts;
    private final EnosCertificates certificates;

    FirstFormResource(EnosAuthentication authentication, Acts acts, EnosCertificates certificates) {
        this.authentication = authentication;
        this.acts = acts;
        this.certificates = certificates;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        EnosAction apply = EnosAction.doing(Role.OPERATE, "device.certificate.issue", this::apply);
        EnosAction revoke =
                EnosAction.doing(Role.OPERATE, "device.certificate.revoke", this::revoke)
                        .toProtect();
        EnosAction list = EnosAction.looking(this::list);
        for (String path : List.of(OF_KEYS, OF_ASSET)) {
            routes.post(path + "/apply", ctx -> answer(ctx, apply), Needs.ASKED_BY_RESOURCE);
            routes.delete(path + "/revoke", ctx -> answer(ctx, revoke), Needs.ASKED_BY_RESOURCE);
            Routes.read(routes, path + "/list", Needs.ASKED_BY_RESOURCE, ctx -> answer(ctx, list));
        }
    }

    private JsonNode apply(EnosCall call) {
        JsonNode body = Json.parse(call.ctx().bodyAsBytes());
        if (!body.isTextual()) {
            throw EnosProblem.invalid("the body must be a certification request as a JSON text");
        }
        return certificates.first(
                certificates.enrol(
                        call,
                        device(call),
                        () -> Optional.of(EncodedRequest.of(body.textValue())),
                        Optional.empty(),
                        BY_RSA));
    }

    private JsonNode list(EnosCall call) {
        ArrayNode list = Json.array();
        certificates.all(device(call)).forEach(each -> list.add(certificates.firstView(each)));
        return list;
    }

    private JsonNode revoke(EnosCall call) {
        DeviceId device = device(call);
        Optional<String> serial = call.serial();
        if (serial.isPresent()) {
            certificates.revoke(
                    call, certificates.require(device, serial.get()), RevocationReason.UNSPECIFIED);
        } else {
            certificates.revokeAll(call, device);
        }
        return TextNode.valueOf("success");
    }

    private DeviceId device(EnosCall call) {
        Context ctx = call.ctx();
        String assetId = ctx.pathParamMap().get("assetId");
        DeviceId id =
                assetId == null
                        ? EnosCall.valid(
                                () ->
                                        new DeviceId(
                                                ctx.pathParam("productKey"),
                                                ctx.pathParam("deviceKey")))
                        : certificates.device(EnosCall.valid(() -> AssetId.parse(assetId)));
        Acts.object(ctx, id.productKey(), id.deviceKey());
        return certificates.requireThere(id);
    }

    private void answer(Context ctx, EnosAction action) {
        try {
            JsonNode data = run(ctx, action);
            acts.end(ctx, 200);
            answer(ctx, 200, 0, "success", data);
        } catch (RuntimeException e) {
            EnosProblem problem = EnosResource.problem(ctx, e);
            acts.end(ctx, problem.code().auditStatus());
            EnosResource.tellWhenToComeBack(ctx, problem);
            answer(
                    ctx,
                    problem.code().httpStatus(),
                    problem.code().number(),
                    problem.message(),
                    NullNode.getInstance());
        }
    }

    private static void answer(Context ctx, int status, int code, String message, JsonNode data) {
        Json.answer(
                ctx,
                status,
                Json.object()
                        .put("status", code)
                        .put("requestId", UUID.randomUUID().toString())
                        .put("msg", message)
                        .put("submsg", "")
                        .set("data", data));
    }

    private JsonNode run(Context ctx, EnosAction action) {
        Caller caller = authentication.identifyFirst(ctx);
        EnosCall call = new EnosCall(ctx, Json.object(), caller);
        if (caller.role().includes(action.role())) {
            // Also if it only looks: neither method nor path is signed, so that whoever sees a
            // call that lists could revoke with its signature.
            return authentication.once(
                    ctx,
                    caller,
                    EnosAuthentication.parameter(ctx, FirstSignature.SIGN),
                    () -> begin(call, action),
                    () -> action.work().run(call));
        }
        begin(call, action);
        return action.work().run(call);
    }

    private void begin(EnosCall call, EnosAction action) {
        if (action.act().isEmpty()) {
            call.caller().require(action.role());
            return;
        }
        acts.begin(
                call.ctx(),
                call.caller(),
                action.role(),
                action.act().get(),
                List.copyOf(call.ctx().pathParamMap().values()),
                action.protects());
    }
}
