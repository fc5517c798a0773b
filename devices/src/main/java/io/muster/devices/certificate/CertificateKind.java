package io.muster.devices.certificate;

/** What a certificate is for. */
public enum CertificateKind {
    /** A device signs in with it. */
    DEVICE,
    /** A server shows it. */
    SERVER,
    /** Its key signs certificates of devices or servers. */
    ISSUING_CA,
    /** Its key signs those of issuing authorities. */
    ROOT_CA,
    /** Its key signs answers of OCSP. */
    OCSP_RESPONDER,
    /** A device signs in with it, and another certificate authority than ours has issued it. */
    EXTERNAL;

    /** Whether it is bound to a device. */
    public boolean isOfDevice() {
        return this == DEVICE || this == EXTERNAL;
    }

    /** Whether its key signs certificates. */
    public boolean isOfAuthority() {
        return this == ISSUING_CA || this == ROOT_CA;
    }
}
