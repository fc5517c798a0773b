package io.muster.hub.gateways;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.Product;
import io.muster.devices.details.AssetId;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.devices.registry.topology.GatewayRegistrations;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.RegistryWork;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code thing/device/register}: a gateway has devices registered, of products that allow it.
 * Shared.
 *
 * <p>All of a request or none. A device that there is already is refused, and its secret is not
 * told: whoever registered it has that. Only the gateway that registered it is told again, since
 * its answer may have been lost, until the device signs in or has another secret.
 */
final class Registrations {

    private static final Logger log = LoggerFactory.getLogger(Registrations.class);

    private static final int TOGETHER_MAX = 1_000;

    /** What is said of a device besides its name, and kept as its tags. */
    private static final List<String> TAGS = List.of("timezone", "deviceDesc");

    private final SubDevices subDevices;
    private final SubDeviceSignIn signIn;
    private final DeviceRegistry devices;
    private final GatewayRegistrations registrations;
    private final int waitingMax;
    private final UnaryOperator<Device> latest;
    private final RegistryWork registry;

    /**
     * Registrations in a registry.
     *
     * @param signIn is told of those that are refused
     * @param waitingMax how many devices of one gateway may wait for their first sign-in
     * @param latest the device as it stands now, given how it stands in the registry
     * @param registry runs what asks it
     */
    Registrations(
            SubDevices subDevices,
            SubDeviceSignIn signIn,
            DeviceRegistry devices,
            int waitingMax,
            UnaryOperator<Device> latest,
            RegistryWork registry) {
        this.subDevices = subDevices;
        this.signIn = signIn;
        this.devices = devices;
        this.registrations = new GatewayRegistrations(devices);
        this.waitingMax = waitingMax;
        this.latest = latest;
        this.registry = registry;
    }

    Service register() {
        return request -> {
            GatewayLink gateway = LoginServices.gateway(subDevices, signIn, request);
            JsonNode params = Parameters.requireFew("params", request.params(), TOGETHER_MAX);
            List<WantedDevice> entries = new ArrayList<>(params.size());
            for (int i = 0; i < params.size(); i++) {
                entries.add(entry("params[" + i + "]", params.get(i)));
            }
            return registry.run(request, () -> registerOrTell(gateway, request, entries));
        };
    }

    /** It is the gateway that is refused: not all of the devices have a name. */
    private Reply registerOrTell(GatewayLink gateway, Request request, List<WantedDevice> entries) {
        try {
            return register(gateway, request, entries);
        } catch (RefusedRequestException refused) {
            tell(gateway, refused.reply().message());
            throw refused;
        } catch (IllegalArgumentException | NotFoundException refused) {
            tell(gateway, String.valueOf(refused.getMessage()));
            throw refused;
        }
    }

    private void tell(GatewayLink gateway, String why) {
        signIn.refused(
                gateway.client(),
                gateway.id(),
                new AuthResult.Deny(DenyReason.NOT_AUTHORIZED, "registering devices: " + why));
    }

    private static WantedDevice entry(String name, JsonNode entry) {
        Parameters.requireObject(name, entry);
        String productKey = Parameters.requireText(name + ".productKey", entry.path("productKey"));
        Optional<String> deviceKey = text(name + ".deviceKey", entry.path("deviceKey"));
        try {
            WantedDevice device =
                    new WantedDevice(
                            productKey,
                            deviceKey,
                            Optional.empty(),
                            name(name, entry),
                            tags(name, entry),
                            attributes(name, entry.path("deviceAttributes")));
            Kind.ATTRIBUTE.requireAll(device.attributes());
            Kind.TAG.requireAll(device.tags());
            return device;
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

    private Reply register(GatewayLink gateway, Request request, List<WantedDevice> entries) {
        entries.stream().map(WantedDevice::productKey).distinct().forEach(this::requireAllowed);
        Map<DeviceId, Device> told = told(gateway.id(), entries);
        List<WantedDevice> missing = new ArrayList<>(entries);
        missing.removeIf(entry -> id(entry).filter(told::containsKey).isPresent());
        List<Device> created = missing.isEmpty() ? List.of() : create(gateway.id(), missing);
        log.info(
                "devices registered by a gateway gateway={} count={} again={} bytes={}",
                gateway.id(),
                created.size(),
                told.size(),
                request.bytes());
        Iterator<Device> next = created.iterator();
        List<Device> all = new ArrayList<>(entries.size());
        for (WantedDevice entry : entries) {
            Device known = id(entry).map(told::get).orElse(null);
            all.add(known == null ? next.next() : known);
        }
        return Reply.success(view(all)).withSecrets();
    }

    private List<Device> create(DeviceId gateway, List<WantedDevice> wanted) {
        try {
            return registrations.create(gateway, wanted, waitingMax);
        } catch (AlreadyExistsException taken) {
            throw new IllegalArgumentException(taken.getMessage(), taken);
        }
    }

    /** Those whose secret this gateway may be told again. */
    private Map<DeviceId, Device> told(DeviceId gateway, List<WantedDevice> entries) {
        Set<DeviceId> named = new HashSet<>();
        entries.forEach(entry -> id(entry).ifPresent(named::add));
        Map<DeviceId, Device> told = new HashMap<>();
        registrations
                .find(gateway, named)
                .forEach(
                        (id, device) -> {
                            if (latest.apply(device).awaitsActivation()) {
                                told.put(id, device);
                            }
                        });
        return told;
    }

    private static Optional<DeviceId> id(WantedDevice device) {
        return device.deviceKey().map(key -> new DeviceId(device.productKey(), key));
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

    private static ArrayNode view(List<Device> all) {
        ArrayNode view = Envelope.array();
        for (Device device : all) {
            view.addObject()
                    .put("assetId", AssetId.of(device.id()).text())
                    .put("productKey", device.id().productKey())
                    .put("deviceKey", device.id().deviceKey())
                    .put("deviceSecret", device.secret().reveal());
        }
        return view;
    }
}
