package io.muster.hub.api.devices;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.muster.devices.Device;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.LastClient;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Devices as JSON objects. What has no value is left out. */
public final class DeviceView {

    private DeviceView() {}

    /**
     * A device without its tags and secrets.
     *
     * @param contested whether several clients take its connection from each other
     */
    public static ObjectNode of(Device device, DeviceDetails details, boolean contested) {
        ObjectNode view =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("productKey", device.id().productKey())
                        .put("deviceKey", device.id().deviceKey());
        details.name().ifPresent(name -> view.put("name", name));
        view.put("revision", details.revision())
                .put("state", device.status().name())
                .put("stateVersion", device.state().version())
                .put("stateSince", device.state().since().toString())
                .put("contested", contested)
                .put("createdAt", device.createdAt().toString());
        putTime(view, "activatedAt", device.activatedAt());
        putTime(view, "lastOnlineAt", device.lastOnlineAt());
        putTime(view, "lastOfflineAt", device.lastOfflineAt());
        details.lastClient().ifPresent(client -> putClient(view, client));
        return view;
    }

    /** Adds its tags. */
    public static ObjectNode withTags(ObjectNode view, Map<String, String> tags) {
        ObjectNode all = view.putObject("tags");
        tags.forEach(all::put);
        return view;
    }

    /** Adds what it says of itself, JSON texts: as they are, for trees of them take far more. */
    public static ObjectNode withAttributes(ObjectNode view, Map<String, String> attributes) {
        ObjectNode all = view.putObject("attributes");
        attributes.forEach((name, json) -> all.putRawValue(name, new RawValue(json)));
        return view;
    }

    private static void putTime(ObjectNode view, String name, Optional<Instant> time) {
        time.ifPresent(instant -> view.put(name, instant.toString()));
    }

    private static void putClient(ObjectNode view, LastClient client) {
        client.address().ifPresent(address -> view.put("lastAddress", address));
        ObjectNode facts =
                view.putObject("client")
                        .put("protocolLevel", client.protocolLevel())
                        .put("keepAliveSeconds", client.keepAliveSeconds());
        client.software().ifPresent(software -> facts.put("software", software));
        client.ownAddress().ifPresent(address -> facts.put("ownAddress", address));
    }
}
