package io.muster.devices.details;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The client by which a device last signed in. What is not plain text of 1 to 64 characters is left
 * out, as it is the client that says it.
 *
 * @param address where it came from, without a port
 * @param protocolLevel 3 (MQTT 3.1), 4 (3.1.1) or 5 (5.0)
 * @param keepAliveSeconds the keep alive in force; 0 is off
 * @param software what it says that it runs
 * @param ownAddress what it says that its own address is
 */
public record LastClient(
        Optional<String> address,
        int protocolLevel,
        int keepAliveSeconds,
        Optional<String> software,
        Optional<String> ownAddress) {

    private static final Pattern PLAIN = Pattern.compile("[\\x21-\\x7e]{1,64}");

    /** Leaves out what is not plain. */
    public LastClient {
        address = plain(address);
        software = plain(software);
        ownAddress = plain(ownAddress);
    }

    private static Optional<String> plain(Optional<String> text) {
        return text.filter(known -> PLAIN.matcher(known).matches());
    }
}
