package io.muster.auth.x509.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.BERSequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.Test;

/** What nobody signed of a certificate can be written in one way only. */
class CertificatesTest {

    private static final TestAuthority AUTHORITY = TestAuthority.root("CN=Issuing CA");

    @Test
    void aCertificateIsReadAsItWasWrittenAndInNoOtherForm() throws Exception {
        X509Certificate certificate = AUTHORITY.client("CN=device").issue();
        byte[] encoded = certificate.getEncoded();
        assertThat(Certificates.parse(encoded)).isEqualTo(certificate);

        otherForms(ASN1Sequence.getInstance(encoded))
                .forEach(
                        (name, form) ->
                                assertThatThrownBy(() -> Certificates.parse(form))
                                        .as(name)
                                        .isInstanceOf(MalformedException.class));
    }

    @Test
    void theAlgorithmOfRsaIsNamedTheSameTwice() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        byte[] encoded =
                TestAuthority.root("CN=RSA", generator.generateKeyPair())
                        .certificate()
                        .getEncoded();
        assertThat(Certificates.parse(encoded).getSigAlgName()).isEqualTo("SHA256withRSA");
        ASN1Sequence parts = ASN1Sequence.getInstance(encoded);
        AlgorithmIdentifier algorithm = AlgorithmIdentifier.getInstance(parts.getObjectAt(1));

        byte[] withoutNull =
                sequence(
                        parts.getObjectAt(0),
                        new AlgorithmIdentifier(algorithm.getAlgorithm()),
                        parts.getObjectAt(2));
        assertThatThrownBy(() -> Certificates.parse(withoutNull))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("two algorithms");
    }

    /** Anybody can make it, so fingerprints are no names of certificates. */
    @Test
    void theOtherSignatureOfEcdsaIsAnotherFileOfTheSameCertificate() throws Exception {
        byte[] encoded = AUTHORITY.client("CN=device").issue().getEncoded();
        byte[] other = TestCertificate.otherSignature(encoded);

        X509Certificate read = Certificates.parse(other);

        read.verify(AUTHORITY.publicKey());
        assertThat(Certificates.fingerprint(other)).isNotEqualTo(Certificates.fingerprint(encoded));
        assertThat(read.getSerialNumber()).isEqualTo(Certificates.parse(encoded).getSerialNumber());
    }

    private static ASN1Sequence signature(ASN1Sequence parts) {
        return ASN1Sequence.getInstance(DERBitString.getInstance(parts.getObjectAt(2)).getOctets());
    }

    private static Map<String, byte[]> otherForms(ASN1Sequence parts) throws IOException {
        ASN1Encodable content = parts.getObjectAt(0);
        ASN1Encodable algorithm = parts.getObjectAt(1);
        ASN1Encodable signature = parts.getObjectAt(2);
        byte[] good = sequence(content, algorithm, signature);
        byte[] signed = signature(parts).getEncoded();
        Map<String, byte[]> forms = new LinkedHashMap<>();
        forms.put(
                "algorithm with NULL",
                sequence(
                        content,
                        new AlgorithmIdentifier(
                                AlgorithmIdentifier.getInstance(algorithm).getAlgorithm(),
                                DERNull.INSTANCE),
                        signature));
        forms.put("something behind", Arrays.copyOf(good, good.length + 1));
        forms.put(
                "something behind the signature",
                sequence(content, algorithm, signature, algorithm));
        forms.put(
                "indefinite length",
                new BERSequence(new ASN1Encodable[] {content, algorithm, signature}).getEncoded());
        forms.put(
                "indefinite length of the algorithm",
                outer(
                        encoded(content),
                        new BERSequence(AlgorithmIdentifier.getInstance(algorithm).getAlgorithm())
                                .getEncoded(),
                        encoded(signature)));
        forms.put("length in more octets than it needs", longLength(good));
        forms.put("bits that are not used", unusedBits(good, signed.length));
        forms.put("signature with something behind", signature(content, algorithm, signed, 0));
        forms.put("signature in a long length", signature(content, algorithm, longer(signed)));
        return forms;
    }

    private static byte[] signature(
            ASN1Encodable content, ASN1Encodable algorithm, byte[] signed, int... more)
            throws IOException {
        byte[] all = Arrays.copyOf(signed, signed.length + more.length);
        return sequence(content, algorithm, new DERBitString(all));
    }

    private static byte[] sequence(ASN1Encodable... parts) throws IOException {
        return new DERSequence(parts).getEncoded();
    }

    private static byte[] encoded(ASN1Encodable part) throws IOException {
        return part.toASN1Primitive().getEncoded();
    }

    /** What no builder would put together. */
    private static byte[] outer(byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(content::writeBytes);
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.write(0x30);
        form.write(0x82);
        form.write(content.size() >> 8);
        form.write(content.size());
        form.writeBytes(content.toByteArray());
        return form.toByteArray();
    }

    /** 30 82 hh ll becomes 30 83 00 hh ll. */
    private static byte[] longLength(byte[] encoded) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.write(0x30);
        form.write(0x83);
        form.write(0);
        form.write(encoded, 2, encoded.length - 2);
        return form.toByteArray();
    }

    /** 30 ll becomes 30 81 ll. */
    private static byte[] longer(byte[] encoded) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.write(0x30);
        form.write(0x81);
        form.write(encoded, 1, encoded.length - 1);
        return form.toByteArray();
    }

    private static byte[] unusedBits(byte[] encoded, int signatureLength) {
        byte[] form = encoded.clone();
        form[form.length - signatureLength - 1] = 1;
        return form;
    }
}
