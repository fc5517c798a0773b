package io.muster.devices.certificate;

import io.muster.devices.DeviceId;
import java.util.regex.Pattern;

/**
 * Whose a certificate and its key are. Two that are called alike, but are not of one sort, are two:
 * a device cannot be named so that it owns what is an authority's.
 */
public sealed interface Owner {

    /** A device. */
    record Device(DeviceId id) implements Owner {

        @Override
        public String toString() {
            return DEVICE + id;
        }
    }

    /**
     * A server, or whoever else signs in nowhere and certifies nothing.
     *
     * @param name 1 to 253 letters, digits and {@code . _ : -}
     */
    record Server(String name) implements Owner {

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:-]{1,253}");

        /**
         * Checks the name.
         *
         * @throws IllegalArgumentException saying what is allowed
         */
        public Server {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "server '" + name + "' is not 1 to 253 letters, digits and . _ : -");
            }
        }

        @Override
        public String toString() {
            return SERVER + name;
        }
    }

    /**
     * A certificate authority of ours.
     *
     * @param issuer what it is called as the issuer of its certificates
     */
    record Authority(String issuer) implements Owner {

        /**
         * Checks the name.
         *
         * @throws IllegalArgumentException saying what is allowed
         */
        public Authority {
            if (CertificateId.isExternal(CertificateId.requireIssuer(issuer))) {
                throw new IllegalArgumentException("authority '" + issuer + "' is not ours");
            }
        }

        @Override
        public String toString() {
            return AUTHORITY + issuer;
        }
    }

    /** What the texts of devices begin with. */
    String DEVICE = "device/";

    /** What the texts of servers begin with. */
    String SERVER = "server/";

    /** What the texts of authorities begin with. */
    String AUTHORITY = "authority/";

    /**
     * The one with this text, as {@code toString} gives it.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Owner parse(String text) {
        if (text.startsWith(SERVER)) {
            return new Server(text.substring(SERVER.length()));
        }
        if (text.startsWith(AUTHORITY)) {
            return new Authority(text.substring(AUTHORITY.length()));
        }
        int slash = text.indexOf('/', DEVICE.length());
        if (!text.startsWith(DEVICE) || slash < 0) {
            throw new IllegalArgumentException("'" + text + "' is no owner of certificates");
        }
        return new Device(
                new DeviceId(text.substring(DEVICE.length(), slash), text.substring(slash + 1)));
    }
}
