package io.muster.loadtest.fleet;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lines with product key, tab, device key, tab, device secret. Blank lines are passed over. */
public final class DevicesFile {

    private static final String SEPARATOR = "\t";

    private DevicesFile() {}

    /**
     * Reads the first devices of a file.
     *
     * @param account of the subscribers; null without any
     * @throws IllegalArgumentException that says what is wrong with it
     */
    public static DeviceFleet read(Path file, int count, @Nullable Account account)
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

    /**
     * Writes a new file, which only its owner may read where the system knows owners.
     *
     * @throws IOException also if there is a file already
     */
    public static void write(Path file, DeviceFleet fleet) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly =
                posix
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownerOnly)
                .close();
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (Device device : fleet.devices()) {
                writer.write(
                        String.join(
                                SEPARATOR,
                                device.productKey(),
                                device.deviceKey(),
                                String.valueOf(device.deviceSecret())));
                writer.newLine();
            }
        }
    }

    private static Device parse(Path file, int number, String line) {
        // Never put the line itself into the sentence: it may hold a secret.
        String[] fields = line.split(SEPARATOR, -1);
        if (fields.length != 3 || fields[2].isEmpty()) {
            throw new IllegalArgumentException(
                    "%s line %d must be: product key, tab, device key, tab, device secret"
                            .formatted(file, number));
        }
        return new Device(fields[0], fields[1], fields[2]);
    }
}
