package io.muster.hub.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.client.ManagementClient;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster device}: the devices of products. */
@Command(name = "device", description = "Creates, shows, disables and enables devices.")
final class DeviceCommand {

    private static final String PRODUCTS = "products";
    private static final String DEVICES = "devices";

    @Command(name = "create", description = "Creates a device and shows its secret.")
    int create(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(
                            paramLabel = "DK",
                            arity = "0..1",
                            description = "Device key (default: one is made).")
                    Optional<String> deviceKey) {
        Map<String, String> device =
                deviceKey.map(key -> Map.of("deviceKey", key)).orElseGet(Map::of);
        api.output().show(api.client().post(device, PRODUCTS, productKey, DEVICES));
        return Muster.FINE;
    }

    @Command(name = "list", description = "Lists the devices of a product.")
    int list(
            @Mixin ApiOptions api,
            @Mixin PageOptions page,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey) {
        JsonNode answer =
                api.client().list(page.after(), page.limit(), PRODUCTS, productKey, DEVICES);
        api.output().list(answer, "deviceKey", "state", "stateSince", "lastOnlineAt", "createdAt");
        return Muster.FINE;
    }

    @Command(name = "show", description = "Shows a device and its state.")
    int show(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(paramLabel = "DK", description = "Device key.") String deviceKey,
            @Option(names = "--secret", description = "Shows the secret too.") boolean secret) {
        ManagementClient client = api.client();
        JsonNode device = client.get(PRODUCTS, productKey, DEVICES, deviceKey);
        if (secret && device instanceof ObjectNode fields) {
            fields.setAll(
                    (ObjectNode) client.get(PRODUCTS, productKey, DEVICES, deviceKey, "secret"));
        }
        api.output().show(device);
        return Muster.FINE;
    }

    @Command(
            name = "disable",
            description = "Closes the connection of a device and lets it in no more.")
    int disable(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(paramLabel = "DK", description = "Device key.") String deviceKey) {
        return act("disable", api, productKey, deviceKey);
    }

    @Command(name = "enable", description = "Lets a disabled device in again.")
    int enable(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(paramLabel = "DK", description = "Device key.") String deviceKey) {
        return act("enable", api, productKey, deviceKey);
    }

    private static int act(String action, ApiOptions api, String productKey, String deviceKey) {
        JsonNode device =
                api.client().post(Map.of(), PRODUCTS, productKey, DEVICES, deviceKey, action);
        api.output().show(device);
        return Muster.FINE;
    }
}
