package io.muster.hub.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.broker.Clients;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.registry.DeviceRegistry;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of a product. Shared. They are shown with the states in the directory, which are
 * live; those in the registry are written in batches and so may be some seconds old.
 */
final class DeviceResource {

    private static final Logger log = LoggerFactory.getLogger(DeviceResource.class);

    private static final String DEVICES = ManagementApi.ROOT + "/products/{productKey}/devices";

    /** Where one device is. */
    static final String DEVICE = DEVICES + "/{deviceKey}";

    private static final int DELETED_TOGETHER = 200;

    private final DeviceRegistry registry;
    private final DeviceDirectory directory;
    private final Clients clients;

    DeviceResource(ManagedDevices devices) {
        this.registry = devices.registry();
        this.directory = devices.directory();
        this.clients = devices.clients();
    }

    /** Registers the routes. */
    void addTo(RoutesConfig routes) {
        routes.post(DEVICES, this::create);
        ManagementApi.read(routes, DEVICES, this::list);
        ManagementApi.read(routes, DEVICE, ctx -> Json.answer(ctx, 200, view(find(ctx))));
        routes.post(DEVICE + "/disable", this::disable);
        routes.post(DEVICE + "/enable", this::enable);
        routes.delete(DEVICE, this::delete);
    }

    private void create(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("deviceKey"));
        String productKey = ctx.pathParam("productKey");
        Device device =
                Problems.unlessInvalid(
                        () -> registry.createDevice(productKey, fields.text("deviceKey")));
        ctx.header("Location", ctx.path() + "/" + device.id().deviceKey());
        Json.answer(
                ctx,
                201,
                Json.object()
                        .put("productKey", device.id().productKey())
                        .put("deviceKey", device.id().deviceKey())
                        .put("deviceSecret", device.secret().reveal())
                        .put("state", device.status().name())
                        .put("createdAt", device.createdAt().toString()));
    }

    private void list(Context ctx) {
        Page page = Page.of(ctx, Set.of("secrets"));
        boolean secrets = isWithSecrets(ctx);
        String productKey = ProductResource.find(registry, ctx).productKey();
        List<Device> devices = registry.listDevices(productKey, page.after(), page.readLimit());
        Json.answer(
                ctx,
                200,
                page.answer(
                        devices,
                        device -> device.id().deviceKey(),
                        device ->
                                secrets
                                        ? view(directory.latest(device))
                                                .put("deviceSecret", device.secret().reveal())
                                        : view(directory.latest(device))));
    }

    private static boolean isWithSecrets(Context ctx) {
        String secrets = ctx.queryParam("secrets");
        if (secrets != null && !secrets.equals("true")) {
            throw ApiProblem.badRequest(
                    "the query parameter 'secrets' is '" + secrets + "', but must be true");
        }
        return secrets != null;
    }

    /**
     * First the bar stands, then the connection ends: nobody slips in between the two. The
     * connection ends also if the bar stands in memory but could not be made durable.
     */
    private void disable(Context ctx) {
        RequestFields.of(ctx, List.of());
        DeviceId id = id(ctx);
        Device device;
        try {
            device = Stages.await(directory.disable(id));
        } catch (RegistryUnavailableException | ApiProblem notDurable) {
            disconnect(id);
            throw notDurable;
        }
        disconnect(id);
        Json.answer(ctx, 200, view(device));
    }

    /** Ends its connection, and the one by which it fetches its secret. */
    private void disconnect(DeviceId id) {
        Stages.await(clients.disconnect(id.toString()));
        Stages.await(clients.disconnect(DeviceSecretAuthenticator.activationName(id)));
    }

    private void enable(Context ctx) {
        RequestFields.of(ctx, List.of());
        Json.answer(ctx, 200, view(Stages.await(directory.enable(id(ctx)))));
    }

    /**
     * First nobody is let in as this device any more, then its session ends. That it is gone
     * already does not prove that its session is: the request before this one may have failed.
     */
    private void delete(Context ctx) {
        DeviceId id = id(ctx);
        try {
            registry.deleteDevice(id);
        } catch (NotFoundException gone) {
            Stages.await(forget(id));
            throw gone;
        }
        Stages.await(forget(id));
        ctx.status(204);
    }

    /**
     * Deletes all devices of a product, some at a time so that others get their turn between. If
     * that fails it is not known which of them are gone; each is then deleted by itself as far as
     * possible, so that none stays connected that nobody knows any more.
     *
     * @throws NotFoundException if there is no such product
     */
    void deleteAll(String productKey) {
        List<DeviceId> next = first(productKey);
        while (!next.isEmpty()) {
            Set<DeviceId> gone = new HashSet<>(next);
            try {
                gone.addAll(registry.deleteDevices(productKey, DELETED_TOGETHER));
            } catch (RegistryUnavailableException unknownOutcome) {
                next.forEach(this::deleteIfPossible);
                throw unknownOutcome;
            } finally {
                Stages.await(
                        CompletableFuture.allOf(
                                gone.stream().map(this::forget).toArray(CompletableFuture[]::new)));
            }
            next = first(productKey);
        }
    }

    private List<DeviceId> first(String productKey) {
        return registry.listDevices(productKey, "", DELETED_TOGETHER).stream()
                .map(Device::id)
                .toList();
    }

    /** If it is gone already, memory is told. */
    private void deleteIfPossible(DeviceId id) {
        try {
            registry.deleteDevice(id);
        } catch (NotFoundException | RegistryUnavailableException goneOrNot) {
            log.warn("device perhaps not deleted device={} cause={}", id, goneOrNot.toString());
        }
    }

    /** Ends its session, and the one by which it fetches its secret. */
    private CompletableFuture<Void> forget(DeviceId id) {
        return CompletableFuture.allOf(
                clients.forget(id.toString()).toCompletableFuture(),
                clients.forget(DeviceSecretAuthenticator.activationName(id)).toCompletableFuture());
    }

    /** The device that the path names, as it stands now. */
    Device find(Context ctx) {
        DeviceId id = id(ctx);
        return Stages.await(directory.find(id))
                .orElseThrow(() -> ApiProblem.notFound("there is no device '" + id + "'"));
    }

    /**
     * The device that the path names.
     *
     * @throws ApiProblem (400) if none can be called so
     */
    static DeviceId id(Context ctx) {
        return Problems.unlessInvalid(
                () -> new DeviceId(ctx.pathParam("productKey"), ctx.pathParam("deviceKey")));
    }

    private ObjectNode view(Device device) {
        ObjectNode view =
                Json.object()
                        .put("productKey", device.id().productKey())
                        .put("deviceKey", device.id().deviceKey())
                        .put("state", device.status().name())
                        .put("stateVersion", device.state().version())
                        .put("stateSince", device.state().since().toString())
                        .put("contested", clients.isContested(device.id().toString()))
                        .put("createdAt", device.createdAt().toString());
        putTime(view, "activatedAt", device.activatedAt());
        putTime(view, "lastOnlineAt", device.lastOnlineAt());
        putTime(view, "lastOfflineAt", device.lastOfflineAt());
        return view;
    }

    private static void putTime(ObjectNode view, String name, Optional<Instant> time) {
        time.ifPresent(instant -> view.put(name, instant.toString()));
    }
}
