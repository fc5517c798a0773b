package io.muster.auth.x509;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;

/** A list that a test has made: right, but for what the test changes. */
public final class TestCrl {

    private final Map<ASN1ObjectIdentifier, Extension> extensions = new LinkedHashMap<>();
    private final List<ASN1Encodable> entries = new ArrayList<>();
    private X500Name issuer;
    private PrivateKey key;
    private String algorithm;
    private Instant thisUpdate = TestAuthority.NOW.minus(Duration.ofMinutes(1));
    private Instant nextUpdate = TestAuthority.NOW.plus(Duration.ofHours(24));
    private boolean hasNextUpdate = true;
    private boolean hasEntries;

    TestCrl(TestAuthority authority, long number) {
        issuer = authority.name();
        key = authority.privateKey();
        algorithm = authority.signatureAlgorithm();
        try {
            byte[] identifier =
                    new JcaX509ExtensionUtils()
                            .createSubjectKeyIdentifier(authority.publicKey())
                            .getKeyIdentifier();
            with(Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(identifier));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        with(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
    }

    public TestCrl revoking(Collection<BigInteger> serials) {
        serials.forEach(serial -> revoking(serial));
        return this;
    }

    public TestCrl revoking(BigInteger serial, Extension... ofEntry) {
        ASN1EncodableVector entry = new ASN1EncodableVector();
        entry.add(new ASN1Integer(serial));
        entry.add(new Time(Date.from(thisUpdate)));
        if (ofEntry.length > 0) {
            entry.add(new Extensions(ofEntry));
        }
        entries.add(new DERSequence(entry));
        hasEntries = true;
        return this;
    }

    public TestCrl revoking(BigInteger serial, int reason) {
        return revoking(serial, extension(Extension.reasonCode, false, CRLReason.lookup(reason)));
    }

    /** A list of entries although there are none. */
    public TestCrl withEmptyEntries() {
        hasEntries = true;
        return this;
    }

    public static Extension extension(
            ASN1ObjectIdentifier identifier, boolean critical, ASN1Encodable value) {
        try {
            return new Extension(identifier, critical, value.toASN1Primitive().getEncoded());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public TestCrl with(ASN1ObjectIdentifier identifier, boolean critical, ASN1Encodable value) {
        extensions.put(identifier, extension(identifier, critical, value));
        return this;
    }

    public TestCrl without(ASN1ObjectIdentifier identifier) {
        extensions.remove(identifier);
        return this;
    }

    public TestCrl partition(String uri) {
        return with(
                Extension.issuingDistributionPoint,
                true,
                new IssuingDistributionPoint(name(uri), true, false, null, false, false));
    }

    public static DistributionPointName name(String uri) {
        return new DistributionPointName(
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
    }

    public TestCrl made(Instant at, Instant next) {
        thisUpdate = at;
        nextUpdate = next;
        return this;
    }

    public TestCrl withoutNextUpdate() {
        hasNextUpdate = false;
        return this;
    }

    /** In the name of somebody else. */
    public TestCrl named(TestAuthority other) {
        issuer = other.name();
        return this;
    }

    /** By the key of somebody else. */
    public TestCrl signedBy(TestAuthority other) {
        key = other.privateKey();
        return this;
    }

    public TestCrl signedWith(String other) {
        algorithm = other;
        return this;
    }

    public byte[] der() {
        return der(tbs -> {});
    }

    /** With a part that no builder would make. */
    public byte[] der(Consumer<ASN1EncodableVector> addition) {
        AlgorithmIdentifier identifier =
                new DefaultSignatureAlgorithmIdentifierFinder().find(algorithm);
        ASN1EncodableVector tbs = new ASN1EncodableVector();
        tbs.add(new ASN1Integer(1));
        return signed(tbs, identifier, addition);
    }

    /** Of version 1, without extensions. */
    public byte[] version1() {
        extensions.clear();
        return signed(
                new ASN1EncodableVector(),
                new DefaultSignatureAlgorithmIdentifierFinder().find(algorithm),
                tbs -> {});
    }

    private byte[] signed(
            ASN1EncodableVector tbs,
            AlgorithmIdentifier identifier,
            Consumer<ASN1EncodableVector> addition) {
        tbs.add(identifier);
        tbs.add(issuer);
        tbs.add(new Time(Date.from(thisUpdate)));
        if (hasNextUpdate) {
            tbs.add(new Time(Date.from(nextUpdate)));
        }
        if (hasEntries) {
            tbs.add(new DERSequence(entries.toArray(new ASN1Encodable[0])));
        }
        if (!extensions.isEmpty()) {
            tbs.add(
                    new DERTaggedObject(
                            true,
                            0,
                            new Extensions(extensions.values().toArray(new Extension[0]))));
        }
        addition.accept(tbs);
        try {
            DERSequence content = new DERSequence(tbs);
            Signature signature = signature(algorithm);
            signature.initSign(key);
            signature.update(content.getEncoded());
            ASN1EncodableVector list = new ASN1EncodableVector();
            list.add(content);
            list.add(identifier);
            list.add(new DERBitString(signature.sign()));
            return new DERSequence(list).getEncoded();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Signature signature(String algorithm) throws GeneralSecurityException {
        if (!algorithm.equals("SHA256withRSAandMGF1")) {
            return Signature.getInstance(algorithm);
        }
        Signature pss = Signature.getInstance("RSASSA-PSS");
        pss.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        return pss;
    }

    /** A certificate or list whose content is anything at all, with a signature that is right. */
    public static byte[] signed(TestAuthority authority, byte[] content) {
        try {
            String algorithm = authority.signatureAlgorithm();
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(authority.privateKey());
            signature.update(content);
            ByteArrayOutputStream inner = new ByteArrayOutputStream();
            inner.write(content);
            inner.write(
                    new DefaultSignatureAlgorithmIdentifierFinder().find(algorithm).getEncoded());
            inner.write(new DERBitString(signature.sign()).getEncoded());
            ByteArrayOutputStream outer = new ByteArrayOutputStream();
            outer.write(0x30);
            outer.write(0x82);
            outer.write(inner.size() >> 8);
            outer.write(inner.size());
            inner.writeTo(outer);
            return outer.toByteArray();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public byte[] pem() {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der());
        return ("-----BEGIN X509 CRL-----\n" + body + "\n-----END X509 CRL-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
