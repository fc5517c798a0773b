package io.muster.ca.ocsp;

import io.muster.ca.SerialNumber;
import java.math.BigInteger;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.cert.X509CertificateHolder;

/** An issuer whose certificates can be asked about. Immutable; shared by threads. */
public final class OcspIssuer {

    private final HashedIssuer hashed;
    private final OcspSigner signer;
    private final CertificateStates states;

    /** One whose answers are signed by {@code signer}. */
    public OcspIssuer(X509CertificateHolder issuer, OcspSigner signer, CertificateStates states) {
        this.hashed = new HashedIssuer(issuer);
        this.signer = signer;
        this.states = states;
    }

    boolean isNamedBy(CertID id) {
        return hashed.isNamedBy(id);
    }

    OcspSigner signer() {
        return signer;
    }

    /** Of a certificate of another issuer, and of a number that we never give, nothing is known. */
    CertificateState state(CertID id) {
        BigInteger serial = id.getSerialNumber().getValue();
        boolean ours = serial.signum() > 0 && serial.bitLength() < Long.SIZE && isNamedBy(id);
        return ours ? states.of(new SerialNumber(serial.longValue())) : CertificateState.UNKNOWN;
    }
}
