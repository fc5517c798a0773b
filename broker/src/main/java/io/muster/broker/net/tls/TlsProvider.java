package io.muster.broker.net.tls;

import io.netty.handler.ssl.OpenSsl;

/** Whose code speaks TLS. */
public enum TlsProvider {
    /** {@link #OPENSSL} where it is there, {@link #JDK} elsewhere. */
    AUTO,
    /** BoringSSL, by way of netty-tcnative: several times as fast. */
    OPENSSL,
    /** What Java brings. */
    JDK;

    /*
     * The JDK has no other way to refuse renegotiation, nor, before 20, to choose groups; it reads
     * both once, for the whole process, when its TLS is first used. Who starts Java may say
     * otherwise.
     */
    static {
        setUnlessSet("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        setUnlessSet("jdk.tls.namedGroups", "x25519,secp256r1,secp384r1");
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * The one that is used; never {@link #AUTO}.
     *
     * @throws IllegalStateException saying why, if it is not there
     */
    public TlsProvider resolved() {
        if (this == AUTO) {
            return OpenSsl.isAvailable() ? OPENSSL : JDK;
        }
        if (this == OPENSSL && !OpenSsl.isAvailable()) {
            throw new IllegalStateException(
                    "OpenSSL cannot be loaded here: " + OpenSsl.unavailabilityCause(),
                    OpenSsl.unavailabilityCause());
        }
        return this;
    }
}
