package io.muster.ca.ocsp;

import io.muster.ca.SerialNumber;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPRequest;
import org.bouncycastle.asn1.ocsp.Request;
import org.bouncycastle.asn1.ocsp.TBSRequest;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;

/** Makes requests, good ones and others. */
final class OcspRequests {

    private final List<Request> requests = new ArrayList<>();
    private final List<Extension> extensions = new ArrayList<>();

    static byte[] about(X509CertificateHolder issuer, SerialNumber serial) {
        return new OcspRequests().and(issuer, serial.toInteger()).encode();
    }

    OcspRequests and(X509CertificateHolder issuer, BigInteger serial) {
        return and(issuer, serial, OIWObjectIdentifiers.idSHA1);
    }

    OcspRequests and(X509CertificateHolder issuer, BigInteger serial, ASN1ObjectIdentifier hash) {
        requests.add(new Request(id(issuer, serial, hash).toASN1Primitive(), null));
        return this;
    }

    static CertificateID id(
            X509CertificateHolder issuer, BigInteger serial, ASN1ObjectIdentifier hash) {
        try {
            return new CertificateID(
                    new BcDigestCalculatorProvider().get(new AlgorithmIdentifier(hash)),
                    issuer,
                    serial);
        } catch (OCSPException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    OcspRequests nonce(int length) {
        try {
            return extension(
                    OCSPObjectIdentifiers.id_pkix_ocsp_nonce,
                    false,
                    new DEROctetString(new byte[length]).getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    OcspRequests extension(ASN1ObjectIdentifier oid, boolean critical, byte[] value) {
        extensions.add(new Extension(oid, critical, value));
        return this;
    }

    byte[] encode() {
        ASN1EncodableVector list = new ASN1EncodableVector();
        requests.forEach(list::add);
        Extensions all =
                extensions.isEmpty() ? null : new Extensions(extensions.toArray(new Extension[0]));
        return encoded(new OCSPRequest(new TBSRequest(null, new DERSequence(list), all), null));
    }

    /** One that says that it is of a later version. */
    byte[] encodeOfVersionTwo() {
        ASN1EncodableVector content = new ASN1EncodableVector();
        content.add(new org.bouncycastle.asn1.DERTaggedObject(true, 0, new ASN1Integer(1)));
        ASN1EncodableVector list = new ASN1EncodableVector();
        requests.forEach(list::add);
        content.add(new DERSequence(list));
        return encoded(new DERSequence(new DERSequence(content)));
    }

    private static byte[] encoded(org.bouncycastle.asn1.ASN1Object object) {
        try {
            return object.getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
