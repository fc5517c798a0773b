package io.muster.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.auth.application.StoredPassword;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.applications.ApplicationRegistry;
import java.util.Optional;

/**
 * Makes what a newcomer tries the hub with, once: a product, a device and an application. Confined
 * to the starting thread.
 *
 * <p>The application's password is written down before anything is made, in a file of its own that
 * goes away when all is done. A first start that was interrupted anywhere is thereby known by that
 * file, and the next one makes whatever is missing.
 */
final class DemoSetup {

    /** What was made, for people and for the command line. */
    static final String DEMO_FILE = "demo.json";

    /** Holds the application's password while the first start is under way. */
    static final String UNFINISHED_FILE = "demo-unfinished";

    private static final DeviceId DEVICE = new DeviceId("demo", "demo-device");
    private static final String APPLICATION = "demo-app";

    private final DataFolder folder;
    private final DeviceRegistry registry;
    private final ApplicationRegistry applications;
    private final int scramIterations;

    DemoSetup(
            DataFolder folder,
            DeviceRegistry registry,
            ApplicationRegistry applications,
            int scramIterations) {
        this.scramIterations = scramIterations;
        this.folder = folder;
        this.registry = registry;
        this.applications = applications;
    }

    /** What was made, or empty if this is not the first start. */
    Optional<FirstStart> run() {
        Optional<String> unfinished = folder.read(UNFINISHED_FILE).map(String::strip);
        boolean first =
                folder.read(DEMO_FILE).isEmpty() && registry.products().list("", 1).isEmpty();
        if (unfinished.isEmpty() && !first) {
            return Optional.empty();
        }
        String password = unfinished.orElseGet(this::noteNewPassword);
        Device device = makeDevice();
        if (applications.find(APPLICATION).isEmpty()) {
            StoredPassword stored = StoredPassword.of(password, scramIterations);
            applications.create(APPLICATION, stored.hash(), stored.scramVerifier());
        }
        FirstStart made =
                new FirstStart(
                        DEVICE.productKey(),
                        DEVICE.deviceKey(),
                        device.secret().reveal(),
                        APPLICATION,
                        password);
        folder.write(DEMO_FILE, json(made));
        folder.delete(UNFINISHED_FILE);
        return Optional.of(made);
    }

    private String noteNewPassword() {
        String password = Secret.generate().reveal();
        folder.write(UNFINISHED_FILE, password + "\n");
        return password;
    }

    private Device makeDevice() {
        if (registry.products().find(DEVICE.productKey()).isEmpty()) {
            registry.products()
                    .create(
                            Optional.of(DEVICE.productKey()),
                            settings -> settings.withName("Demo"));
        }
        return registry.findDevice(DEVICE)
                .orElseGet(
                        () ->
                                registry.createDevice(
                                        DEVICE.productKey(), Optional.of(DEVICE.deviceKey())));
    }

    private static String json(FirstStart made) {
        try {
            return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(made)
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of texts can always be written", e);
        }
    }
}
