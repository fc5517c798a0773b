package io.muster.loadtest.fleet;

import io.muster.loadtest.client.SignIn;
import io.muster.loadtest.scenario.Population;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who signs in: the devices with their secrets, and the application account of the subscribers. An
 * immutable value.
 *
 * <p>Each device publishes to {@code productKey/deviceKey/load}.
 */
public final class DeviceFleet {

    /** The product of devices that the load tester itself names. */
    static final String PRODUCT_KEY = "loadtest";

    /** The name of the certificate that all subscribers have. */
    private static final String SUBSCRIBER = "subscriber";

    private final List<Device> devices;
    private final @Nullable Account account;

    DeviceFleet(List<Device> devices, @Nullable Account account) {
        this.devices = List.copyOf(devices);
        this.account = account;
    }

    /** Devices and subscribers without credentials, for a broker that lets everybody in. */
    public static DeviceFleet anonymous(int count) {
        List<Device> devices = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            devices.add(new Device(PRODUCT_KEY, deviceKey(i), null));
        }
        return new DeviceFleet(devices, null);
    }

    /** The key of the device with an index from 0. */
    static String deviceKey(int index) {
        return "lt-%05d".formatted(index + 1);
    }

    List<Device> devices() {
        return devices;
    }

    /** The key of a device. */
    public String key(int device) {
        return devices.get(device).deviceKey();
    }

    /** The topic that a device publishes to. */
    public String topic(int device) {
        return devices.get(device).topic();
    }

    /** The topic filters of a subscriber. */
    public List<String> filters(Population population, int subscriber, int run) {
        return switch (population.topology()) {
            case P2P -> List.of(topic(subscriber));
            case FANOUT -> List.of(topic(0));
            case FANIN -> productFilters("");
            case SHARED ->
                    productFilters("$share/loadtest-" + HexFormat.of().toHexDigits(run) + "/");
            case OUTSIDERS -> population.filters();
        };
    }

    private List<String> productFilters(String prefix) {
        return devices.stream().map(device -> prefix + device.productFilter()).distinct().toList();
    }

    /** What a device sends to sign in now. */
    public SignIn deviceSignIn(int index, int run) {
        Device device = devices.get(index);
        return device.signIn(clientId(run, device.deviceKey()));
    }

    /** What a subscriber sends to sign in. */
    public SignIn subscriberSignIn(int index, int run) {
        return new SignIn(
                clientId(run, "sub-" + index),
                account == null ? null : account.username(),
                account == null ? null : account.password(),
                SUBSCRIBER,
                false);
    }

    private static String clientId(int run, String name) {
        return "loadtest-" + HexFormat.of().toHexDigits(run) + "-" + name;
    }
}
