package io.muster.hub.certificates.enrolment;

import io.muster.ca.weakkey.KeyBlocklist;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Keys that no certificate is issued for, since others have their private half. */
public final class CompromisedKeys {

    private CompromisedKeys() {}

    /**
     * Those that are printed in standards, and those of the operator's files. Blocks.
     *
     * @throws IllegalArgumentException naming a file that cannot be read, or is no list
     */
    public static KeyBlocklist read(List<Path> files) {
        KeyBlocklist all = KeyBlocklist.published();
        for (Path file : files) {
            all = all.and(read(file));
        }
        return all;
    }

    private static KeyBlocklist read(Path file) {
        try {
            return KeyBlocklist.read(file);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "certificates.compromised-keys: %s: %s".formatted(file, reason(e)), e);
        }
    }

    private static String reason(Exception e) {
        return e instanceof IOException ? "cannot be read: " + e : String.valueOf(e.getMessage());
    }
}
