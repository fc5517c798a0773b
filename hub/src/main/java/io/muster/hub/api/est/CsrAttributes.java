package io.muster.hub.api.est;

import io.muster.hub.certificates.enrolment.IssuerAlgorithm;
import java.io.IOException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.est.AttrOrOID;
import org.bouncycastle.asn1.est.CsrAttrs;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * What clients are told that their requests should be like (RFC 7030, section 4.5): a key of the
 * issuer's sort, and how it signs. They may do otherwise within the rules for requests. Immutable.
 */
final class CsrAttributes {

    private static final int RSA_BITS = 2048;

    private CsrAttributes() {}

    /** The DER for clients of an issuer. */
    static byte[] of(IssuerAlgorithm label) {
        return switch (label) {
            case EC ->
                    encoded(
                            X9ObjectIdentifiers.id_ecPublicKey,
                            SECObjectIdentifiers.secp256r1,
                            X9ObjectIdentifiers.ecdsa_with_SHA256);
            case RSA ->
                    encoded(
                            PKCSObjectIdentifiers.rsaEncryption,
                            new ASN1Integer(RSA_BITS),
                            PKCSObjectIdentifiers.sha256WithRSAEncryption);
        };
    }

    private static byte[] encoded(
            ASN1ObjectIdentifier keys, ASN1Encodable which, ASN1ObjectIdentifier signature) {
        try {
            return new CsrAttrs(
                            new AttrOrOID[] {
                                new AttrOrOID(new Attribute(keys, new DERSet(which))),
                                new AttrOrOID(signature)
                            })
                    .getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException("two attributes cannot be encoded", e);
        }
    }
}
