package io.muster.loadtest;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
final class DeviceFleet {

    /** The product of devices that the load tester itself names. */
    static final String PRODUCT_KEY = "loadtest";

    private static final String LAST_LEVEL = "/load";

    /**
     * One device.
     *
     * @param productKey first level of its topics
     * @param deviceKey second level of its topics
     * @param deviceSecret null when it signs in without credentials
     */
    record Device(String productKey, String deviceKey, @Nullable String deviceSecret) {

        Device {
            checkLevel("product key", productKey);
            checkLevel("device key", deviceKey);
        }

        String topic() {
            return productKey + "/" + deviceKey + LAST_LEVEL;
        }

        /** Everything but the secret. */
        @Override
        public String toString() {
            return "Device[" + productKey + "/" + deviceKey + "]";
        }

        private static void checkLevel(String what, String key) {
            if (key.isEmpty() || key.matches(".*[/+#\\p{Cntrl}].*")) {
                throw new IllegalArgumentException(
                        "the %s '%s' cannot be part of a topic: it must not be empty or contain / + # or control characters"
                                .formatted(what, key));
            }
        }
    }

    /**
     * An application account.
     *
     * @param username user name of the MQTT CONNECT
     * @param password password of the MQTT CONNECT
     */
    record Account(String username, String password) {

        /** Everything but the password. */
        @Override
        public String toString() {
            return "Account[" + username + "]";
        }
    }

    /**
     * What goes into a CONNECT.
     *
     * @param clientId client identifier
     * @param username null to send none
     * @param password null to send none
     */
    record SignIn(String clientId, @Nullable String username, @Nullable String password) {

        /** Everything but the password. */
        @Override
        public String toString() {
            return "SignIn[clientId=" + clientId + ", username=" + username + "]";
        }
    }

    private final List<Device> devices;
    private final @Nullable Account account;

    DeviceFleet(List<Device> devices, @Nullable Account account) {
        this.devices = List.copyOf(devices);
        this.account = account;
    }

    /** Devices and subscribers without credentials, for a broker that lets everybody in. */
    static DeviceFleet anonymous(int count) {
        List<Device> devices = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            devices.add(new Device(PRODUCT_KEY, deviceKey(i), null));
        }
        return new DeviceFleet(devices, null);
    }

    /** Reads the first devices of a file with product key, device key and secret between tabs. */
    static DeviceFleet fromFile(Path file, int count, @Nullable Account account)
            throws IOException {
        List<Device> devices = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String line = reader.readLine();
            for (int number = 1; line != null && devices.size() < count; number++) {
                if (!line.isBlank()) {
                    devices.add(parse(file, number, line));
                }
                line = reader.readLine();
            }
        }
        if (devices.size() < count) {
            throw new IllegalArgumentException(
                    "%s has %d devices, fewer than --devices (%d)"
                            .formatted(file, devices.size(), count));
        }
        return new DeviceFleet(devices, account);
    }

    /** The key of the device with an index from 0. */
    static String deviceKey(int index) {
        return "lt-%05d".formatted(index + 1);
    }

    /**
     * The password of a device: the SHA-256 digest of its identity and secret, as EnOS devices
     * sign.
     *
     * @param clientId the client identifier up to its first vertical bar
     * @param timestamp as sent in the client identifier
     */
    static String sign(String clientId, String timestamp, Device device) {
        String content =
                "clientId"
                        + clientId
                        + "deviceKey"
                        + device.deviceKey()
                        + "productKey"
                        + device.productKey()
                        + "timestamp"
                        + timestamp
                        + device.deviceSecret();
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(content.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }

    /** The topic that a device publishes to. */
    String topic(int device) {
        return devices.get(device).topic();
    }

    /** The topic filters of a subscriber. */
    List<String> filters(Scenario scenario, int subscriber) {
        return switch (scenario.topology()) {
            case P2P -> List.of(topic(subscriber));
            case FANIN ->
                    devices.stream()
                            .map(device -> device.productKey() + "/+" + LAST_LEVEL)
                            .distinct()
                            .toList();
            case FANOUT -> List.of(topic(0));
        };
    }

    /** What a device sends to sign in now. */
    SignIn deviceSignIn(int index, long run) {
        Device device = devices.get(index);
        String deviceKey = device.deviceKey();
        if (device.deviceSecret() == null) {
            return new SignIn(clientId(run, deviceKey), null, null);
        }
        String timestamp = Long.toString(System.currentTimeMillis());
        return new SignIn(
                deviceKey + "|securemode=2,signmethod=sha256,timestamp=" + timestamp + "|",
                deviceKey + "&" + device.productKey(),
                sign(deviceKey, timestamp, device));
    }

    /** What a subscriber sends to sign in. */
    SignIn subscriberSignIn(int index, long run) {
        String clientId = clientId(run, "sub-" + index);
        return account == null
                ? new SignIn(clientId, null, null)
                : new SignIn(clientId, account.username(), account.password());
    }

    private static String clientId(long run, String name) {
        return "loadtest-" + HexFormat.of().toHexDigits((int) run) + "-" + name;
    }

    private static Device parse(Path file, int number, String line) {
        // Never put the line itself into the sentence: it may hold a secret.
        String[] fields = line.split("\t", -1);
        if (fields.length != 3 || fields[2].isEmpty()) {
            throw new IllegalArgumentException(
                    "%s line %d must be: product key, tab, device key, tab, device secret"
                            .formatted(file, number));
        }
        return new Device(fields[0], fields[1], fields[2]);
    }
}
