package io.muster.hub.certificates.authority;

import io.muster.ca.issuance.AlternativeName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What this machine is called. */
final class ThisHost {

    private static final String LOCALHOST = "localhost";

    private ThisHost() {}

    /** Its name, if it has one that can stand in a certificate. Asks the system, and may block. */
    static Optional<String> name() {
        try {
            return Optional.of(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT))
                    .filter(ThisHost::isHost);
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static boolean isHost(String name) {
        try {
            return AlternativeName.ofServer(name).type() == AlternativeName.NameType.DNS;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The names and addresses by which clients reach it who are on it, or near. */
    static List<String> names() {
        return Stream.concat(
                        Stream.concat(Stream.of(LOCALHOST), name().stream()),
                        Stream.of("127.0.0.1", "::1"))
                .distinct()
                .toList();
    }

    /**
     * A host for addresses by which a server is reached that is bound like this. Asks the system.
     *
     * @param bind host name or address
     */
    static String reached(String bind) {
        try {
            InetAddress address = InetAddress.getByName(bind);
            if (address.isAnyLocalAddress()) {
                return name().orElse(LOCALHOST);
            }
        } catch (UnknownHostException e) {
            // Whoever binds it says so.
        }
        return bind.contains(":") ? "[" + bind + "]" : bind;
    }

    /** Whether only programs of this machine reach a host. Asks the system. */
    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
