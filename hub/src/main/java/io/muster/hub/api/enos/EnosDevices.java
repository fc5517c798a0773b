package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.details.AssetId;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.devices.registry.operators.Role;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.devices.DeviceResource;
import io.muster.hub.api.devices.ManagedDevices;
import io.muster.hub.api.enos.EnosProblem.Code;
import io.muster.hub.api.http.Json;
import io.muster.hub.protocol.Envelope;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The calls about devices. Shared; blocks while it asks the registry. */
final class EnosDevices {

    private static final String NAME = "deviceName";

    private final DeviceRegistry registry;
    private final DeviceRecords records;
    private final DeviceValues values;
    private final DeviceResource devices;

    EnosDevices(ManagedDevices managed) {
        this.registry = managed.registry();
        this.records = managed.records();
        this.values = managed.values();
        this.devices = new DeviceResource(managed);
    }

    /** {@code /connect-service/v2.1/devices}. */
    Map<String, EnosAction> actions() {
        return Map.of(
                "create", EnosAction.doing(Role.OPERATE, "device.create", this::create),
                // With its secret, as EnOS answers, for those who may see it.
                "get",
                        EnosAction.seeing(
                                        Role.OPERATE, "device.secret.show", call -> get(call, true))
                                .or(EnosAction.looking(call -> get(call, false))),
                "enable", EnosAction.doing(Role.OPERATE, "device.enable", this::enable),
                "disable",
                        EnosAction.doing(Role.OPERATE, "device.disable", this::disable)
                                .toProtect());
    }

    /** {@code /connect-service/v2.4/devices}. */
    Map<String, EnosAction> laterActions() {
        return Map.of(
                "modifyDeviceStatus",
                EnosAction.doing(Role.OPERATE, "device.status.modify", this::modifyStatus));
    }

    /** The device with all that is said of it, or nothing. */
    private JsonNode create(EnosCall call) {
        String productKey = call.requiredText("productKey");
        if (registry.products().find(productKey).isEmpty()) {
            throw EnosProblem.invalid("there is no product '" + productKey + "'");
        }
        Device device;
        try {
            device = EnosCall.valid(() -> registry.createDevice(wanted(call)));
        } catch (AlreadyExistsException e) {
            throw new EnosProblem(Code.EXISTS, "DeviceKey existed");
        }
        DeviceId id = device.id();
        Acts.object(call.ctx(), id.productKey(), id.deviceKey());
        return Json.object()
                .put("assetId", AssetId.of(id).text())
                .put("productKey", id.productKey())
                .put("deviceKey", id.deviceKey())
                .put("deviceSecret", device.secret().reveal());
    }

    private static WantedDevice wanted(EnosCall call) {
        return new WantedDevice(
                call.requiredText("productKey"),
                call.text("deviceKey"),
                Optional.empty(),
                call.name(NAME),
                tags(call),
                attributes(call));
    }

    private static Map<String, String> tags(EnosCall call) {
        Map<String, String> tags = new LinkedHashMap<>();
        call.object("deviceTags")
                .ifPresent(
                        object ->
                                object.properties()
                                        .forEach(tag -> tags.put(tag.getKey(), tag(tag))));
        return tags;
    }

    private static String tag(Map.Entry<String, JsonNode> tag) {
        JsonNode value = tag.getValue();
        if (!value.isValueNode() || value.isNull()) {
            throw EnosProblem.invalid(
                    "deviceTags." + tag.getKey() + " must be a text, a number, true or false");
        }
        return value.asText();
    }

    private static Map<String, String> attributes(EnosCall call) {
        Map<String, String> attributes = new LinkedHashMap<>();
        call.object("deviceAttributes")
                .ifPresent(
                        object ->
                                object.properties()
                                        .forEach(
                                                attribute ->
                                                        attributes.put(
                                                                attribute.getKey(),
                                                                attribute.getValue().toString())));
        return attributes;
    }

    private JsonNode get(EnosCall call, boolean withSecret) {
        Device device = find(call);
        DeviceId id = device.id();
        Map<String, String> tags = values.find(id, Kind.TAG);
        ObjectNode answer = Json.object();
        call.text("orgId").ifPresent(org -> answer.put("orgId", org));
        answer.put("assetId", AssetId.of(id).text()).put("productKey", id.productKey());
        registry.products()
                .find(id.productKey())
                .map(product -> product.settings().name())
                .ifPresent(name -> answer.set("productName", EnosCall.named(name)));
        answer.put("deviceKey", id.deviceKey());
        String shown = records.find(id).flatMap(DeviceDetails::name).orElse(id.deviceKey());
        answer.set(NAME, EnosCall.named(shown));
        if (withSecret) {
            answer.put("deviceSecret", device.secret().reveal());
        }
        ObjectNode attributes = answer.putObject("deviceAttributes");
        values.find(id, Kind.ATTRIBUTE)
                .forEach((name, value) -> attributes.set(name, Envelope.parse(value)));
        ObjectNode shownTags = answer.putObject("deviceTags");
        tags.forEach((name, value) -> shownTags.set(name, TextNode.valueOf(value)));
        answer.put("status", status(device.status()));
        answer.put("createTime", device.createdAt().toEpochMilli());
        putTime(answer, "activeTime", device.activatedAt());
        putTime(answer, "lastOnlineTime", device.lastOnlineAt());
        putTime(answer, "lastOfflineTime", device.lastOfflineAt());
        return answer;
    }

    private static void putTime(ObjectNode answer, String name, Optional<Instant> time) {
        time.ifPresent(instant -> answer.put(name, instant.toEpochMilli()));
    }

    private static String status(DeviceStatus status) {
        return status == DeviceStatus.DISABLED ? "disable" : status.name().toLowerCase(Locale.ROOT);
    }

    /** The device that a call names; the audit log is told which that is. */
    private Device find(EnosCall call) {
        DeviceId id = call.device(records::find);
        Acts.object(call.ctx(), id.productKey(), id.deviceKey());
        return devices.find(id)
                .orElseThrow(() -> new EnosProblem(Code.NO_SUCH_DEVICE, "Device cannot be found"));
    }

    private JsonNode enable(EnosCall call) {
        Device device = find(call);
        if (device.status() != DeviceStatus.DISABLED) {
            throw new EnosProblem(
                    Code.ALREADY_ENABLED,
                    "the device is enabled already, its status is " + status(device.status()));
        }
        devices.enable(device.id());
        return NullNode.getInstance();
    }

    /** Disabled again where it is so already, as its connection may not have ended then. */
    private JsonNode disable(EnosCall call) {
        Device device = find(call);
        devices.disable(device.id());
        if (device.status() == DeviceStatus.DISABLED) {
            throw new EnosProblem(Code.ALREADY_DISABLED, "the device is disabled already");
        }
        return NullNode.getInstance();
    }

    /**
     * A state says here what is, and nobody can wish it to be another: a call for what is so
     * already is answered with success, and each other one is refused.
     */
    private JsonNode modifyStatus(EnosCall call) {
        String wanted = call.requiredText("status");
        if (!Set.of("inactive", "online", "offline").contains(wanted)) {
            throw EnosProblem.invalid(
                    "Status %s is not allowed to be modified; it may be inactive, online or offline."
                            .formatted(wanted));
        }
        Device device = find(call);
        if (device.status() == DeviceStatus.DISABLED) {
            throw EnosProblem.invalid("Unable to modify status for disabled devices.");
        }
        if (status(device.status()).equals(wanted)) {
            return NullNode.getInstance();
        }
        if (device.status() == DeviceStatus.ONLINE) {
            throw EnosProblem.invalid(
                    "Unable to modify status as the device is currently connected.");
        }
        throw EnosProblem.invalid(
                "the status of this device is %s, and follows from its connection only"
                        .formatted(status(device.status())));
    }
}
