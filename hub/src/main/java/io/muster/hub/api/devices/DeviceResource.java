package io.muster.hub.api.devices;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.DeviceRecord;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.devices.registry.operators.Role;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.registry.search.DevicePage;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.devices.registry.search.DeviceSearch;
import io.muster.devices.registry.topology.SubDevice;
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
import io.muster.hub.api.http.Stages;
import io.muster.hub.devices.DeviceSessions;
import io.muster.hub.gateways.Gateways;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of a product. Shared. They are shown with the states in the directory, which are
 * live; those in the registry are written in batches and so may be some seconds old.
 */
public final class DeviceResource implements Resource {

    private static final Logger log = LoggerFactory.getLogger(DeviceResource.class);

    private static final String DEVICES = Routes.ROOT + "/products/{productKey}/devices";

    private static final String ALL = Routes.ROOT + "/devices";

    /** Where one device is. */
    public static final String DEVICE = DEVICES + "/{deviceKey}";

    private static final int DELETED_TOGETHER = 200;

    private final DeviceRegistry registry;
    private final DeviceRecords records;
    private final DeviceValues values;
    private final DeviceDirectory directory;
    private final DeviceSessions sessions;
    private final Gateways gateways;

    /** Of a hub. */
    public DeviceResource(ManagedDevices devices) {
        this.registry = devices.registry();
        this.records = devices.records();
        this.values = devices.values();
        this.directory = devices.directory();
        this.sessions = devices.sessions();
        this.gateways = devices.gateways();
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(DEVICES, this::create, Needs.operate("device.create"));
        Needs list = Needs.READ.orWithSecrets(Role.OPERATE, "device.secret.list");
        Routes.read(routes, DEVICES, list, this::list);
        Routes.read(routes, ALL, list, ctx -> search(ctx, page(ctx), Optional.empty()));
        Routes.read(routes, DEVICE, Needs.READ, ctx -> show(ctx, find(ctx)));
        routes.patch(DEVICE, this::rename, Needs.operate("device.update"));
        routes.post(
                DEVICE + "/disable", this::disable, Needs.operate("device.disable").toProtect());
        routes.post(DEVICE + "/enable", this::enable, Needs.operate("device.enable"));
        routes.delete(DEVICE, this::delete, Needs.operate("device.delete"));
    }

    private void create(Context ctx) {
        RequestFields fields =
                RequestFields.of(ctx, List.of("deviceKey", "deviceSecret", "name", "tags"));
        Optional<Secret> secret = fields.secret("deviceSecret");
        Map<String, String> tags = fields.tags("tags");
        Device device =
                Problems.unlessInvalid(
                        () ->
                                registry.createDevice(
                                        new WantedDevice(
                                                ctx.pathParam("productKey"),
                                                fields.text("deviceKey"),
                                                secret,
                                                fields.text("name"),
                                                tags,
                                                Map.of())));
        DeviceId id = device.id();
        Acts.object(ctx, id.productKey(), id.deviceKey());
        secret.ifPresent(chosen -> Acts.detail(ctx, "with a chosen secret"));
        ctx.header("Location", ctx.path() + "/" + id.deviceKey());
        Conditions.tell(ctx, 1);
        ObjectNode view =
                Json.object().put("productKey", id.productKey()).put("deviceKey", id.deviceKey());
        fields.text("name").ifPresent(name -> view.put("name", name));
        view.put("deviceSecret", device.secret().reveal())
                .put("state", device.status().name())
                .put("createdAt", device.createdAt().toString());
        Json.answer(ctx, 201, tags.isEmpty() ? view : DeviceView.withTags(view, tags));
    }

    private void list(Context ctx) {
        Page page = page(ctx);
        search(ctx, page, Optional.of(ProductResource.find(registry, ctx).productKey()));
    }

    private static Page page(Context ctx) {
        return Page.of(ctx, DeviceQuery.ONCE, Set.of(DeviceQuery.TAG));
    }

    /**
     * A page of devices. Their states are newer here than where they are looked for; those that
     * have left the state that is asked for are left out.
     */
    private void search(Context ctx, Page page, Optional<String> productKey) {
        Map<String, List<String>> parameters = ctx.queryParamMap();
        DeviceSearch search =
                Problems.unlessInvalid(() -> DeviceQuery.read(parameters, productKey));
        boolean secrets = Problems.unlessInvalid(() -> DeviceQuery.isShown(parameters, "secrets"));
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        if (Problems.unlessInvalid(() -> DeviceQuery.isShown(parameters, "tags"))) {
            kinds.add(Kind.TAG);
        }
        if (Problems.unlessInvalid(() -> DeviceQuery.isShown(parameters, "attributes"))) {
            kinds.add(Kind.ATTRIBUTE);
        }
        DevicePage found =
                Problems.unlessInvalid(() -> records.search(search, page.after(), page.limit()));
        Json.answer(ctx, 200, view(search, found, secrets, kinds));
    }

    /** A page that would be too long with its tags or attributes ends before. */
    private ObjectNode view(
            DeviceSearch search, DevicePage page, boolean secrets, Set<Kind> kinds) {
        List<DeviceRecord> devices = page.devices();
        Map<Kind, Map<DeviceId, Map<String, String>>> shown = new EnumMap<>(Kind.class);
        for (Kind kind : kinds) {
            Map<DeviceId, Map<String, String>> found =
                    records.values(devices.stream().map(each -> each.device().id()).toList(), kind);
            devices = devices.subList(0, found.size());
            shown.put(kind, found);
        }
        ObjectNode answer = Json.object();
        ArrayNode items = answer.putArray("items");
        for (DeviceRecord found : devices) {
            view(search, found, secrets)
                    .ifPresent(view -> items.add(with(view, found.device().id(), shown)));
        }
        Optional<String> next =
                devices.size() < page.devices().size()
                        ? Optional.of(search.position(devices.get(devices.size() - 1)))
                        : page.next();
        next.ifPresent(position -> answer.put("next", position));
        return answer;
    }

    private static ObjectNode with(
            ObjectNode view, DeviceId id, Map<Kind, Map<DeviceId, Map<String, String>>> shown) {
        shown.forEach(
                (kind, found) -> {
                    Map<String, String> own = found.getOrDefault(id, Map.of());
                    if (kind == Kind.TAG) {
                        DeviceView.withTags(view, own);
                    } else {
                        DeviceView.withAttributes(view, own);
                    }
                });
        return view;
    }

    private Optional<ObjectNode> view(DeviceSearch search, DeviceRecord found, boolean secrets) {
        Device device = directory.latest(found.device());
        if (search.status().isPresent() && search.status().get() != device.status()) {
            return Optional.empty();
        }
        ObjectNode view = view(device, found.details());
        if (secrets) {
            view.put("deviceSecret", found.device().secret().reveal());
        }
        return Optional.of(view);
    }

    private DeviceDetails latest(DeviceId id, DeviceDetails details) {
        return new DeviceDetails(
                details.name(),
                details.revision(),
                directory.latestClient(id, details.lastClient()));
    }

    private void rename(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("name"));
        Optional<String> name = fields.textOrNull("name");
        DeviceId id = id(ctx);
        OptionalLong revision = Conditions.revision(ctx);
        ObjectNode before = told(records.find(id).flatMap(DeviceDetails::name));
        DeviceDetails details = Problems.unlessInvalid(() -> records.rename(id, name, revision));
        Changed.tell(ctx, before, told(details.name()));
        show(ctx, find(ctx), details);
    }

    private static ObjectNode told(Optional<String> name) {
        ObjectNode told = Json.object();
        name.ifPresent(text -> told.put("name", text));
        return told;
    }

    /** Answers with a device. */
    private void show(Context ctx, Device device) {
        show(
                ctx,
                device,
                records.find(device.id())
                        .orElseThrow(
                                () ->
                                        ApiProblem.notFound(
                                                "there is no device '" + device.id() + "'")));
    }

    private void show(Context ctx, Device device, DeviceDetails details) {
        Conditions.tell(ctx, details.revision());
        ObjectNode view = view(device, details);
        putGateway(view, device.id());
        Json.answer(ctx, 200, DeviceView.withTags(view, values.find(device.id(), Kind.TAG)));
    }

    private void putGateway(ObjectNode view, DeviceId id) {
        Optional<DeviceId> gateway = gateways.find(id).map(SubDevice::gateway);
        gateway.ifPresent(
                speaker ->
                        view.putObject("gateway")
                                .put("productKey", speaker.productKey())
                                .put("deviceKey", speaker.deviceKey())
                                .put("signedIn", gateways.isSignedIn(speaker, id)));
    }

    private void disable(Context ctx) {
        RequestFields.of(ctx, List.of());
        requireRevision(ctx);
        show(ctx, disable(id(ctx)));
    }

    /**
     * Bars a device. First the bar stands in memory, then the connection ends: nobody slips in
     * between the two, and neither waits for the database. What is durable is answered.
     *
     * @throws NotFoundException if there is no such device
     * @throws ApiProblem (503) if the device is barred now, but might not be after a restart
     */
    public Device disable(DeviceId id) {
        DeviceDirectory.Disabling disabling = directory.disable(id);
        Stages.await(disconnectAfter(disabling.inForce(), id));
        try {
            return Stages.await(disconnectAfter(disabling.durable(), id));
        } catch (RegistryUnavailableException | ApiProblem notDurable) {
            log.warn("device disabled, to be written later device={}", id, notDurable);
            throw ApiProblem.unavailable(
                    "device '%s' is disabled and disconnected, but that could not be written yet;"
                                    .formatted(id)
                            + " the hub goes on trying, and forgets it if it is stopped before");
        }
    }

    /** However that ended: it may be in force all the same. */
    private CompletionStage<Device> disconnectAfter(CompletionStage<Device> step, DeviceId id) {
        return step.handle((device, failure) -> sessions.disconnect(id))
                .thenCompose(ended -> ended)
                .thenCompose(ended -> step);
    }

    private void enable(Context ctx) {
        RequestFields.of(ctx, List.of());
        show(ctx, Stages.await(directory.enable(id(ctx), Conditions.revision(ctx))));
    }

    /** Before, since a device is barred in memory first, which knows no revisions. */
    private void requireRevision(Context ctx) {
        OptionalLong demanded = Conditions.revision(ctx);
        if (demanded.isPresent()) {
            DeviceId id = id(ctx);
            records.find(id)
                    .ifPresent(
                            details ->
                                    Revisions.require(
                                            "device '" + id + "'", demanded, details.revision()));
        }
    }

    /**
     * Lets a device in again.
     *
     * @throws NotFoundException if there is no such device
     */
    public Device enable(DeviceId id) {
        return Stages.await(directory.enable(id));
    }

    /**
     * First nobody is let in as this device any more, then its session ends: it began to end before
     * another device could get the name. That it is gone already does not prove that its session
     * is: the request before this one may have failed.
     */
    private void delete(Context ctx) {
        DeviceId id = id(ctx);
        OptionalLong revision = Conditions.revision(ctx);
        try {
            registry.deleteDevice(id, revision);
        } catch (NotFoundException gone) {
            awaitSessionsEnded(Set.of(id));
            throw gone;
        }
        awaitSessionsEnded(Set.of(id));
        ctx.status(204);
    }

    /**
     * Waits for the sessions of deleted devices.
     *
     * @throws ApiProblem (503) if one did not end, or not in time
     */
    private void awaitSessionsEnded(Set<DeviceId> deleted) {
        try {
            Stages.await(sessions.ended(deleted));
        } catch (ApiProblem late) {
            throw late;
        } catch (RuntimeException failed) {
            throw ApiProblem.unavailable(
                    "deleted, but the session of a device could not be ended; delete that device once"
                            + " more, the log of the hub names it");
        }
    }

    /**
     * Deletes all devices of a product, some at a time so that others get their turn between. If
     * that fails it is not known whether the last of them are gone; their sessions end when it is.
     *
     * @param deleted is told again and again how many are gone
     * @throws NotFoundException if there is no such product
     */
    void deleteAll(String productKey, IntConsumer deleted) {
        int count = 0;
        Set<DeviceId> gone = registry.deleteDevices(productKey, DELETED_TOGETHER);
        while (!gone.isEmpty()) {
            count += gone.size();
            deleted.accept(count);
            awaitSessionsEnded(gone);
            gone = registry.deleteDevices(productKey, DELETED_TOGETHER);
        }
    }

    /**
     * The device that the path names, as it stands now.
     *
     * @throws ApiProblem (404) if there is none, (400) if none can be called so
     */
    public Device find(Context ctx) {
        DeviceId id = id(ctx);
        return find(id).orElseThrow(() -> ApiProblem.notFound("there is no device '" + id + "'"));
    }

    /** A device as it stands now. */
    public Optional<Device> find(DeviceId id) {
        return Stages.await(directory.find(id));
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

    private ObjectNode view(Device device, DeviceDetails details) {
        return DeviceView.of(
                device,
                latest(device.id(), details),
                sessions.clients().isContested(device.id().toString()));
    }
}
