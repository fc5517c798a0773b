package io.muster.devices.certificate;

/** What a certificate is for. Those of our own authority are called as it calls them. */
public enum CertificateKind {
    /** A device signs in with it. */
    DEVICE,
    /** A server shows it. */
    SERVER,
    /** Its key signs certificates of devices. */
    DEVICE_ISSUING,
    /** Its key signs certificates of servers. */
    SERVER_ISSUING,
    /** Its key signs those of issuing authorities; signed by itself. */
    ROOT,
    /** For the key of a root, signed by another root. */
    CROSS,
    /** Its key signs answers of OCSP. */
    OCSP_RESPONDER,
    /** A device signs in with it, and another certificate authority than ours has issued it. */
    EXTERNAL;

    /** Whether a certificate of this kind may be this owner's. */
    public boolean isOf(Owner owner) {
        Class<? extends Owner> sort =
                switch (this) {
                    case DEVICE, EXTERNAL -> Owner.Device.class;
                    case SERVER, OCSP_RESPONDER -> Owner.Server.class;
                    case DEVICE_ISSUING, SERVER_ISSUING, ROOT, CROSS -> Owner.Authority.class;
                };
        return sort.isInstance(owner);
    }
}
