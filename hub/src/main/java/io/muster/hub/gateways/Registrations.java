package io.muster.hub.gateways;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.hub.protocol.AssetId;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.RegistryWork;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code thing/device/register}: a gateway has devices registered, of products that allow it.
 * Shared.
 *
 * <p>All of a request or none. A device that there is already is refused, and never is its secret
 * told: whoever registered it has that.
 */
final class Registrations {

    private static final Logger log = LoggerFactory.getLogger(Registrations.class);

    private static final int TOGETHER_MAX = 1_000;

    /** What is said of a device besides its name, and kept as its tags. */
    private static final List<String> TAGS = List.of("timezone", "deviceDesc");

    private final SubDevices subDevices;
    private final DeviceRegistry devices;
    private final DeviceValues values;
    private final RegistryWork registry;

    Registrations(
            SubDevices subDevices,
            DeviceRegistry devices,
            DeviceValues values,
            RegistryWork registry) {
        this.subDevices = subDevices;
        this.devices = devices;
        this.values = values;
        this.registry = registry;
    }

    /**
     * What a gateway wants.
     *
     * @param device with its name for people, and as its tags what else is said of it
     * @param attributes of it
     */
    private record Entry(WantedDevice device, Map<String, String> attributes) {}

    Service register() {
        return request -> {
            GatewayLink gateway = LoginServices.gateway(subDevices, request);
            JsonNode params = Parameters.requireFew("params", request.params(), TOGETHER_MAX);
            List<Entry> entries = new ArrayList<>(params.size());
            for (int i = 0; i < params.size(); i++) {
                entries.add(entry("params[" + i + "]", params.get(i)));
            }
            return registry.run(request, () -> register(gateway, request, entries));
        };
    }

    private static Entry entry(String name, JsonNode entry) {
        Parameters.requireObject(name, entry);
        String productKey = Parameters.requireText(name + ".productKey", entry.path("productKey"));
        Optional<String> deviceKey = text(name + ".deviceKey", entry.path("deviceKey"));
        try {
            WantedDevice device =
                    new WantedDevice(
                            productKey, deviceKey, name(name, entry), tags(name, entry), Map.of());
            Map<String, String> attributes = attributes(name, entry.path("deviceAttributes"));
            Kind.ATTRIBUTE.requireAll(attributes);
            Kind.TAG.requireAll(device.tags());
            return new Entry(device, attributes);
        } catch (IllegalArgumentException wrong) {
            throw RefusedRequestException.badParameter(name + ": " + wrong.getMessage());
        }
    }

    private static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private static Map<String, String> attributes(String name, JsonNode attributes) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (!isAbsent(attributes)) {
            Parameters.requireObject(name + ".deviceAttributes", attributes)
                    .properties()
                    .forEach(each -> texts.put(each.getKey(), Envelope.text(each.getValue())));
        }
        return texts;
    }

    private static Optional<String> name(String name, JsonNode entry) {
        JsonNode people = entry.path("deviceName");
        return text(name + ".deviceName", people.isObject() ? people.path("defaultValue") : people);
    }

    private static Map<String, String> tags(String name, JsonNode entry) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String tag : TAGS) {
            text(name + "." + tag, entry.path(tag)).ifPresent(value -> tags.put(tag, value));
        }
        return tags;
    }

    private static Optional<String> text(String name, JsonNode value) {
        return isAbsent(value)
                ? Optional.empty()
                : Optional.of(Parameters.requireText(name, value));
    }

    private Reply register(GatewayLink gateway, Request request, List<Entry> entries) {
        entries.stream()
                .map(entry -> entry.device().productKey())
                .distinct()
                .forEach(this::requireAllowed);
        List<Device> created;
        try {
            created = devices.createDevices(entries.stream().map(Entry::device).toList());
        } catch (AlreadyExistsException taken) {
            throw new IllegalArgumentException(taken.getMessage(), taken);
        }
        store(created, entries);
        log.info(
                "devices registered by a gateway gateway={} count={} bytes={}",
                gateway.id(),
                created.size(),
                request.bytes());
        return Reply.success(view(created)).withSecrets();
    }

    private void requireAllowed(String productKey) {
        boolean allowed =
                devices.products()
                        .find(productKey)
                        .map(Product::settings)
                        .filter(settings -> settings.enrollment().gatewayRegistration())
                        .isPresent();
        if (!allowed) {
            throw new RefusedRequestException(
                    ReplyCode.NOT_PERMITTED,
                    "gateways may not register devices of product '" + productKey + "'");
        }
    }

    private void store(List<Device> created, List<Entry> entries) {
        Map<DeviceId, Map<String, String>> attributes = new LinkedHashMap<>();
        for (int i = 0; i < created.size(); i++) {
            attributes.put(created.get(i).id(), entries.get(i).attributes());
        }
        values.setAttributes(attributes);
    }

    private static ArrayNode view(List<Device> created) {
        ArrayNode view = Envelope.array();
        for (Device device : created) {
            view.addObject()
                    .put("assetId", AssetId.of(device.id()))
                    .put("productKey", device.id().productKey())
                    .put("deviceKey", device.id().deviceKey())
                    .put("deviceSecret", device.secret().reveal());
        }
        return view;
    }
}
