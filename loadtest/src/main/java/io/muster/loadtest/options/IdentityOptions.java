package io.muster.loadtest.options;

import io.muster.loadtest.fleet.Account;
import io.muster.loadtest.fleet.DeviceFleet;
import io.muster.loadtest.fleet.DevicesFile;
import io.muster.loadtest.fleet.Hub;
import io.muster.loadtest.fleet.ManagementApi;
import io.muster.loadtest.scenario.Population;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who signs in. Confined to the thread that runs the command. */
public final class IdentityOptions {

    @Option(names = "--anonymous", description = "Sign in without credentials")
    private boolean anonymous;

    @Option(
            names = "--devices-file",
            paramLabel = "FILE",
            description = "Lines with product key, tab, device key, tab, device secret")
    private @Nullable Path devicesFile;

    @Option(
            names = "--app-username",
            paramLabel = "NAME",
            description = "Account of the subscribers, with --devices-file")
    private @Nullable String appUsername;

    @Option(
            names = "--app-password",
            paramLabel = "PASSWORD",
            arity = "0..1",
            interactive = true,
            description = "Its password; asked for when left out")
    private @Nullable String appPassword;

    @Mixin private ManagementOptions management = new ManagementOptions();

    @Option(
            names = "--save-devices",
            paramLabel = "FILE",
            description =
                    "Write the devices that were created to a new file, for --devices-file of "
                            + "another load tester")
    private @Nullable Path saveDevices;

    /**
     * Whoever takes part; asks the management API if it has to.
     *
     * @throws IllegalArgumentException that says which option is wrong
     * @throws IOException that says why the management API did not help
     */
    public DeviceFleet fleet(Population population, Supplier<Hub> hub, Consumer<String> progress)
            throws IOException, InterruptedException {
        if (anonymous && devicesFile != null) {
            throw new IllegalArgumentException("--anonymous and --devices-file exclude each other");
        }
        if (saveDevices != null && (anonymous || devicesFile != null)) {
            throw new IllegalArgumentException(
                    "--save-devices is for devices that the management API creates");
        }
        if (anonymous) {
            return DeviceFleet.anonymous(population.devices());
        }
        if (devicesFile != null) {
            return fromFile(devicesFile, population);
        }
        DeviceFleet fleet = created(population, hub, progress);
        if (saveDevices != null) {
            DevicesFile.write(saveDevices, fleet);
        }
        return fleet;
    }

    private DeviceFleet created(Population population, Supplier<Hub> hub, Consumer<String> progress)
            throws IOException, InterruptedException {
        ManagementApi api = management.api(hub);
        progress.accept(
                "making %d devices ready at %s".formatted(population.devices(), api.address()));
        return api.fleet(population.devices(), population.subscribers() > 0);
    }

    private DeviceFleet fromFile(Path file, Population population) {
        try {
            return DevicesFile.read(file, population.devices(), account(population));
        } catch (IOException e) {
            throw new IllegalArgumentException("--devices-file " + file + " cannot be read", e);
        }
    }

    private @Nullable Account account(Population population) {
        if (appUsername != null && appPassword != null) {
            return new Account(appUsername, appPassword);
        }
        if (population.subscribers() > 0) {
            throw new IllegalArgumentException(
                    "--devices-file with subscribers needs --app-username and --app-password");
        }
        return null;
    }
}
