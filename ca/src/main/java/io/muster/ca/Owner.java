package io.muster.ca;

import java.util.regex.Pattern;

/**
 * Whose a certificate and its key are. Two that are called alike, but are not of one sort, are two:
 * a device cannot be named so that it owns what is an authority's. Immutable.
 */
public sealed interface Owner {

    /** A device. */
    record Device(DeviceUrn urn) implements Owner {

        /**
         * The one with these keys.
         *
         * @throws IllegalArgumentException naming the key that cannot stand in a certificate
         */
        public Device(String productKey, String deviceKey) {
            this(new DeviceUrn(productKey, deviceKey));
        }

        /** As {@code device/pk/dk}. */
        @Override
        public String toString() {
            return "device/" + urn.productKey() + "/" + urn.deviceKey();
        }
    }

    /** An authority of ours, of one generation. */
    record Authority(IssuerId issuer) implements Owner {

        /** As {@code authority/device-ec-g1}. */
        @Override
        public String toString() {
            return "authority/" + issuer;
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

        /** As {@code server/hub}. */
        @Override
        public String toString() {
            return "server/" + name;
        }
    }
}
