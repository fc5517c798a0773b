package io.muster.hub.certificates.enrolment;

import io.muster.ca.weakkey.KeyBlocklist;
import io.muster.hub.config.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keys that no certificate is issued for, since others have their private half. */
public final class CompromisedKeys {

    private static final Logger log = LoggerFactory.getLogger(CompromisedKeys.class);

    private CompromisedKeys() {}

    /**
     * Those that are printed in standards, and those of the operator's files. Blocks.
     *
     * @throws InvalidConfigException naming a file that cannot be read, or is no list
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
            KeyBlocklist keys = KeyBlocklist.read(file);
            log.info("compromised keys read file={} keys={}", file, keys.size());
            return keys;
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidConfigException(
                    List.of("certificates.compromised-keys: %s: %s".formatted(file, reason(e))));
        }
    }

    private static String reason(Exception e) {
        return e instanceof IOException ? "cannot be read: " + e : String.valueOf(e.getMessage());
    }
}
