package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.weakkey.TestKeys;
import java.security.KeyPair;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules 10 and 11, about the signature. */
class ProofOfPossessionTest {

    @ParameterizedTest
    @CsvSource({
        "1.2.840.113549.1.1.11, SHA256withRSA",
        "1.2.840.113549.1.1.12, SHA384withRSA",
        "1.2.840.113549.1.1.13, SHA512withRSA"
    })
    void rsaWithSha2IsTakenWithParametersNullOrNone(String type, String name) {
        ASN1ObjectIdentifier oid = new ASN1ObjectIdentifier(type);
        RequestBuilder request = RequestBuilder.of(TestKeys.RSA_2048);

        accept(request.signedWith(new AlgorithmIdentifier(oid, DERNull.INSTANCE), name, null));
        accept(request.signedWith(new AlgorithmIdentifier(oid), name, null));
        assertThat(
                        code(
                                request.signedWith(
                                        new AlgorithmIdentifier(oid, new ASN1Integer(0)),
                                        name,
                                        null)))
                .isEqualTo(RefusalCode.CSR_SIGALG);
    }

    @ParameterizedTest
    @CsvSource({"1.2.840.10045.4.3.2, SHA256withECDSA", "1.2.840.10045.4.3.3, SHA384withECDSA"})
    void ecdsaIsTakenWithBothCurvesAndNoParameters(String type, String name) {
        ASN1ObjectIdentifier oid = new ASN1ObjectIdentifier(type);
        for (KeyPair keys : new KeyPair[] {TestKeys.P256, TestKeys.P384}) {
            RequestBuilder request = RequestBuilder.of(keys);

            accept(request.signedWith(new AlgorithmIdentifier(oid), name, null));
            assertThat(
                            code(
                                    request.signedWith(
                                            new AlgorithmIdentifier(oid, DERNull.INSTANCE),
                                            name,
                                            null)))
                    .isEqualTo(RefusalCode.CSR_SIGALG);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.840.113549.1.1.4, MD5withRSA",
        "1.2.840.113549.1.1.5, SHA1withRSA",
        "1.2.840.113549.1.1.14, SHA224withRSA",
        "1.2.840.10045.4.3.2, SHA256withRSA",
        "1.3.101.112, SHA256withRSA",
        "1.2.3.4, SHA256withRSA"
    })
    void anotherAlgorithmForAnRsaKeyIsRefused(String type, String name) {
        RequestRefusedException refused =
                new Desk()
                        .refusal(
                                RequestBuilder.of(TestKeys.RSA_2048)
                                        .signedWith(
                                                new AlgorithmIdentifier(
                                                        new ASN1ObjectIdentifier(type),
                                                        DERNull.INSTANCE),
                                                name,
                                                null));

        assertThat(refused.code()).isEqualTo(RefusalCode.CSR_SIGALG);
        assertThat(refused).hasMessageContaining(type).hasMessageContaining("SHA-256");
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.840.10045.4.1, SHA1withECDSA",
        "1.2.840.10045.4.3.4, SHA512withECDSA",
        "1.2.840.113549.1.1.11, SHA256withECDSA"
    })
    void anotherAlgorithmForAnEcKeyIsRefused(String type, String name) {
        assertThat(
                        code(
                                RequestBuilder.of(TestKeys.P256)
                                        .signedWith(
                                                new AlgorithmIdentifier(
                                                        new ASN1ObjectIdentifier(type)),
                                                name,
                                                null)))
                .isEqualTo(RefusalCode.CSR_SIGALG);
    }

    @Test
    void anotherAlgorithmForAnEd25519KeyIsRefused() {
        assertThat(
                        code(
                                RequestBuilder.of(TestKeys.ED25519)
                                        .signedWith(
                                                new AlgorithmIdentifier(
                                                        X9ObjectIdentifiers.ecdsa_with_SHA256),
                                                "Ed25519",
                                                null)))
                .isEqualTo(RefusalCode.CSR_SIGALG);
    }

    @ParameterizedTest
    @CsvSource({
        "SHA-256, 32",
        "SHA-256, 64",
        "SHA-256, 222",
        "SHA-384, 48",
        "SHA-384, 206",
        "SHA-512, 64",
        "SHA-512, 190"
    })
    void pssIsTakenWithASaltFromTheHashsLengthToTheRoomThatThereIs(String hash, int salt) {
        accept(pss(hash, hash, salt, 1, salt));
    }

    @ParameterizedTest
    @CsvSource({
        "SHA-256, SHA-256, 0, 1",
        "SHA-256, SHA-256, 20, 1",
        "SHA-256, SHA-256, 31, 1",
        "SHA-256, SHA-256, 223, 1",
        "SHA-256, SHA-256, 2147483647, 1",
        "SHA-256, SHA-256, -1, 1",
        "SHA-384, SHA-384, 47, 1",
        "SHA-256, SHA-256, 32, 2",
        "SHA-256, SHA-384, 32, 1",
        "SHA-256, SHA-1, 32, 1",
        "SHA-1, SHA-1, 20, 1",
        "SHA-1, SHA-256, 32, 1",
        "SHA-224, SHA-224, 32, 1"
    })
    void pssWithOtherParametersIsRefused(String hash, String ofMask, int salt, int trailer) {
        assertThat(code(pss(hash, ofMask, salt, trailer, 32))).isEqualTo(RefusalCode.CSR_SIGALG);
    }

    @Test
    void pssWithParametersThatAreNoneIsRefused() {
        for (ASN1Encodable parameters :
                new ASN1Encodable[] {
                    DERNull.INSTANCE,
                    new ASN1Integer(1),
                    // SHA-1 for all
                    new DERSequence(),
                    new DERSequence(new ASN1Integer(1)),
                    new RSASSAPSSparams(
                            sha("SHA-256"),
                            new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1),
                            new ASN1Integer(32),
                            new ASN1Integer(1)),
                    new RSASSAPSSparams(
                            sha("SHA-256"), sha("SHA-256"), new ASN1Integer(32), new ASN1Integer(1))
                }) {
            assertThat(
                            code(
                                    RequestBuilder.of(TestKeys.RSA_2048)
                                            .signedWith(
                                                    new AlgorithmIdentifier(
                                                            PKCSObjectIdentifiers.id_RSASSA_PSS,
                                                            parameters),
                                                    "SHA256withRSA",
                                                    null)))
                    .isEqualTo(RefusalCode.CSR_SIGALG);
        }
        assertThat(
                        code(
                                RequestBuilder.of(TestKeys.RSA_2048)
                                        .signedWith(
                                                new AlgorithmIdentifier(
                                                        PKCSObjectIdentifiers.id_RSASSA_PSS),
                                                "SHA256withRSA",
                                                null)))
                .isEqualTo(RefusalCode.CSR_SIGALG);
    }

    @Test
    void aSignatureOfSomethingElseIsNoProof() {
        for (KeyPair keys :
                new KeyPair[] {TestKeys.RSA_2048, TestKeys.P256, TestKeys.P384, TestKeys.ED25519}) {
            assertThat(code(RequestBuilder.of(keys).wrongSignature()))
                    .isEqualTo(RefusalCode.CSR_SIGNATURE);
        }
        assertThat(code(pss("SHA-256", "SHA-256", 32, 1, 32).wrongSignature()))
                .isEqualTo(RefusalCode.CSR_SIGNATURE);
        assertThat(code(pss("SHA-256", "SHA-256", 33, 1, 32))).isEqualTo(RefusalCode.CSR_SIGNATURE);
    }

    @Test
    void aSignatureOfAnotherKeyIsNoProof() {
        RequestBuilder request =
                RequestBuilder.of(TestKeys.rsa(TestKeys.prime(1024), TestKeys.prime(1024)))
                        .key(ASN1Sequence.getInstance(TestKeys.RSA_2048.getPublic().getEncoded()));

        assertThat(code(request)).isEqualTo(RefusalCode.CSR_SIGNATURE);
    }

    @Test
    void whatIsNoSignatureIsNoProof() throws Exception {
        for (KeyPair keys : new KeyPair[] {TestKeys.RSA_2048, TestKeys.P256, TestKeys.ED25519}) {
            ASN1Sequence good = ASN1Sequence.getInstance(RequestBuilder.of(keys).der());
            byte[] bits = ((DERBitString) good.getObjectAt(2)).getOctets();
            for (DERBitString signature :
                    new DERBitString[] {
                        new DERBitString(new byte[0]),
                        new DERBitString(new byte[1]),
                        new DERBitString(new byte[bits.length]),
                        new DERBitString(new byte[300]),
                        new DERBitString(new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0}),
                        new DERBitString(new byte[] {4}, 2)
                    }) {
                byte[] request =
                        new DERSequence(
                                        new ASN1Encodable[] {
                                            good.getObjectAt(0), good.getObjectAt(1), signature
                                        })
                                .getEncoded(ASN1Encoding.DER);

                assertThat(new Desk().refusal(request).code()).isEqualTo(RefusalCode.CSR_SIGNATURE);
            }
        }
    }

    /** One that says this, and is signed with the hash if it is of SHA-2, and a salt so long. */
    private static RequestBuilder pss(
            String hash, String ofMask, int said, int trailer, int saltLength) {
        AlgorithmIdentifier algorithm =
                new AlgorithmIdentifier(
                        PKCSObjectIdentifiers.id_RSASSA_PSS,
                        new RSASSAPSSparams(
                                sha(hash),
                                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, sha(ofMask)),
                                new ASN1Integer(said),
                                new ASN1Integer(trailer)));
        return RequestBuilder.of(TestKeys.RSA_2048)
                .signedWith(
                        algorithm,
                        "RSASSA-PSS",
                        new PSSParameterSpec(
                                hash, "MGF1", new MGF1ParameterSpec(ofMask), saltLength, 1));
    }

    private static AlgorithmIdentifier sha(String name) {
        ASN1ObjectIdentifier type =
                switch (name) {
                    case "SHA-1" -> OIWObjectIdentifiers.idSHA1;
                    case "SHA-224" -> NISTObjectIdentifiers.id_sha224;
                    case "SHA-256" -> NISTObjectIdentifiers.id_sha256;
                    case "SHA-384" -> NISTObjectIdentifiers.id_sha384;
                    default -> NISTObjectIdentifiers.id_sha512;
                };
        return new AlgorithmIdentifier(type, DERNull.INSTANCE);
    }

    private static void accept(RequestBuilder request) {
        assertThatCode(() -> new Desk().accept(request)).doesNotThrowAnyException();
    }

    private static RefusalCode code(RequestBuilder request) {
        return new Desk().refusal(request).code();
    }
}
