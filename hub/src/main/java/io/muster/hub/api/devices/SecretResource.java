package io.muster.hub.api.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.broker.Clients;
import io.muster.devices.DeviceId;
import io.muster.devices.RotatingSecret;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Routes;
import io.muster.hub.api.http.Stages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The secrets of products and devices, which are shown on request and replaced. Shared. */
final class SecretResource {

    private static final String PRODUCT = Routes.ROOT + "/products/{productKey}";
    private static final String PRODUCT_SECRET = PRODUCT + "/secret";
    private static final String DEVICE_SECRET = PRODUCT + "/devices/{deviceKey}/secret";

    private final DeviceRegistry registry;
    private final DeviceResource devices;
    private final Clients clients;

    SecretResource(DeviceRegistry registry, DeviceResource devices, Clients clients) {
        this.registry = registry;
        this.devices = devices;
        this.clients = clients;
    }

    /** Registers the routes. */
    void addTo(RoutesConfig routes) {
        Routes.read(
                routes, PRODUCT_SECRET, Needs.admin("product.secret.show"), this::showOfProduct);
        routes.post(PRODUCT_SECRET, this::replaceOfProduct, Needs.admin("product.secret.rotate"));
        Routes.read(routes, DEVICE_SECRET, Needs.operate("device.secret.show"), this::showOfDevice);
        routes.post(DEVICE_SECRET, this::replaceOfDevice, Needs.operate("device.secret.rotate"));
    }

    private void showOfProduct(Context ctx) {
        Json.answer(ctx, 200, view("productSecret", ProductResource.find(registry, ctx).secrets()));
    }

    private void replaceOfProduct(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("overlapSeconds"));
        RotatingSecret secrets =
                registry.products()
                        .rotateSecret(
                                ctx.pathParam("productKey"),
                                fields.overlap(),
                                Conditions.revision(ctx))
                        .secrets();
        Json.answer(ctx, 200, view("productSecret", secrets));
    }

    private void showOfDevice(Context ctx) {
        Json.answer(ctx, 200, view("deviceSecret", devices.find(ctx).secrets()));
    }

    /**
     * First the secret is another one, then the connection ends: nobody slips in between the two
     * with the one before, unless that stays good. Without an overlap the connection ends too, if
     * the request does not say otherwise: it may be the thief's.
     */
    private void replaceOfDevice(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("overlapSeconds", "disconnect"));
        Duration overlap = fields.overlap();
        boolean disconnect = fields.optionalFlag("disconnect").orElse(overlap.isZero());
        DeviceId id = DeviceResource.id(ctx);
        RotatingSecret secrets =
                registry.rotateDeviceSecret(id, overlap, Conditions.revision(ctx)).secrets();
        if (disconnect) {
            Stages.await(clients.disconnect(id.toString()));
        }
        Json.answer(ctx, 200, view("deviceSecret", secrets));
    }

    private static ObjectNode view(String name, RotatingSecret secrets) {
        ObjectNode view = Json.object().put(name, secrets.newest().reveal());
        secrets.previousAt(Instant.now())
                .ifPresent(
                        previous -> view.put("previousGoodUntil", previous.goodUntil().toString()));
        return view;
    }
}
