package io.muster.ca.request;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/** Makes certification requests, also such as no program makes: it checks nothing. */
final class RequestBuilder {

    private final KeyPair keys;
    private ASN1Encodable version = new ASN1Integer(0);
    private ASN1Encodable subject = new X500Name("CN=dev1");
    private ASN1Encodable key;
    private final List<ASN1Encodable> attributes = new ArrayList<>();
    private final List<Extension> extensions = new ArrayList<>();
    private boolean withoutAttributes;
    private AlgorithmIdentifier algorithm;
    private String signer;
    private @Nullable AlgorithmParameterSpec signerParameters;
    private boolean wrongSignature;

    private RequestBuilder(KeyPair keys, AlgorithmIdentifier algorithm, String signer) {
        this.keys = keys;
        this.key = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
        this.algorithm = algorithm;
        this.signer = signer;
    }

    /** A good one of dev1 with this key. */
    static RequestBuilder of(KeyPair keys) {
        return switch (keys.getPublic().getAlgorithm()) {
            case "RSA" ->
                    new RequestBuilder(
                            keys,
                            new AlgorithmIdentifier(
                                    PKCSObjectIdentifiers.sha256WithRSAEncryption,
                                    DERNull.INSTANCE),
                            "SHA256withRSA");
            case "EC" ->
                    new RequestBuilder(
                            keys,
                            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256),
                            "SHA256withECDSA");
            default ->
                    new RequestBuilder(
                            keys,
                            new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519),
                            "Ed25519");
        };
    }

    RequestBuilder version(int number) {
        version = new ASN1Integer(number);
        return this;
    }

    RequestBuilder subject(String names) {
        return subject(new X500Name(names));
    }

    RequestBuilder subject(ASN1Encodable name) {
        subject = name;
        return this;
    }

    RequestBuilder key(ASN1Encodable info) {
        key = info;
        return this;
    }

    /** A key of this algorithm with these bytes. */
    RequestBuilder key(ASN1ObjectIdentifier type, @Nullable ASN1Encodable parameters, byte[] bits) {
        return key(
                new SubjectPublicKeyInfo(
                        parameters == null
                                ? new AlgorithmIdentifier(type)
                                : new AlgorithmIdentifier(type, parameters),
                        bits));
    }

    RequestBuilder extension(ASN1ObjectIdentifier type, ASN1Encodable value) {
        try {
            extensions.add(
                    new Extension(
                            type, false, value.toASN1Primitive().getEncoded(ASN1Encoding.DER)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    RequestBuilder attribute(ASN1Encodable attribute) {
        attributes.add(attribute);
        return this;
    }

    RequestBuilder attribute(ASN1ObjectIdentifier type, ASN1Encodable... values) {
        return attribute(new Attribute(type, new DERSet(values)));
    }

    RequestBuilder withoutAttributes() {
        withoutAttributes = true;
        return this;
    }

    /** The algorithm that it says, and the one that Java is to sign with. */
    RequestBuilder signedWith(
            AlgorithmIdentifier said, String name, @Nullable AlgorithmParameterSpec parameters) {
        algorithm = said;
        signer = name;
        signerParameters = parameters;
        return this;
    }

    RequestBuilder wrongSignature() {
        wrongSignature = true;
        return this;
    }

    DERSequence info() {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(version);
        parts.add(subject);
        parts.add(key);
        if (!withoutAttributes) {
            ASN1EncodableVector all = new ASN1EncodableVector();
            attributes.forEach(all::add);
            if (!extensions.isEmpty()) {
                all.add(
                        new Attribute(
                                PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                                new DERSet(new DERSequence(extensions.toArray(Extension[]::new)))));
            }
            parts.add(new DERTaggedObject(false, 0, new DERSet(all)));
        }
        return new DERSequence(parts);
    }

    byte[] der() {
        return der(info());
    }

    /** Something else, signed as this would be. */
    byte[] der(ASN1Encodable info) {
        try {
            byte[] signature = sign(info.toASN1Primitive().getEncoded(ASN1Encoding.DER));
            return new DERSequence(
                            new ASN1Encodable[] {info, algorithm, new DERBitString(signature)})
                    .getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] sign(byte[] content) {
        try {
            Signature signature = Signature.getInstance(signer);
            if (signerParameters != null) {
                signature.setParameter(signerParameters);
            }
            signature.initSign(keys.getPrivate());
            signature.update(content);
            if (wrongSignature) {
                signature.update((byte) 0);
            }
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
