package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.key.KeyKind;
import io.muster.ca.weakkey.TestKeys;
import java.math.BigInteger;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X962Parameters;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules 6 to 9, about the key. */
class PublicKeyRulesTest {

    private static final BigInteger EXPONENT = BigInteger.valueOf(65537);
    private static final BigInteger MODULUS =
            ((java.security.interfaces.RSAPublicKey) TestKeys.RSA_2048.getPublic()).getModulus();
    private static final byte[] POINT =
            SubjectPublicKeyInfo.getInstance(TestKeys.P256.getPublic().getEncoded())
                    .getPublicKeyData()
                    .getOctets();

    @Test
    void eachKindThatIsAllowedIsTaken() throws RequestRefusedException {
        assertThat(kindOf(TestKeys.RSA_2048)).isEqualTo(KeyKind.RSA_2048);
        assertThat(kindOf(ofFourPrimes(768))).isEqualTo(KeyKind.RSA_3072);
        assertThat(kindOf(ofFourPrimes(1024))).isEqualTo(KeyKind.RSA_4096);
        assertThat(kindOf(TestKeys.P256)).isEqualTo(KeyKind.EC_P256);
        assertThat(kindOf(TestKeys.P384)).isEqualTo(KeyKind.EC_P384);
        assertThat(kindOf(TestKeys.ED25519)).isEqualTo(KeyKind.ED25519);
    }

    @Test
    void anAlgorithmThatIsNotInTheListIsRefused() {
        RequestRefusedException refused =
                new Desk()
                        .kinds(KeyKind.RSA_2048, KeyKind.EC_P256)
                        .refusal(RequestBuilder.of(TestKeys.ED25519));

        assertThat(refused.code()).isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertThat(refused)
                .hasMessageContaining("1.3.101.112")
                .hasMessageContaining("RSA of 2048 bits, EC on P-256");
    }

    @Test
    void anAlgorithmThatNobodyKnowsIsRefused() {
        assertThat(
                        code(
                                ec().key(
                                                new ASN1ObjectIdentifier("1.2.840.10040.4.1"),
                                                DERNull.INSTANCE,
                                                new byte[3])))
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        // RSA that is bound to PSS (RFC 4055, 1.2)
        assertThat(code(ec().key(PKCSObjectIdentifiers.id_RSASSA_PSS, null, new byte[3])))
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertThat(
                        new Desk()
                                .refusal(
                                        ec().key(
                                                        new ASN1ObjectIdentifier(
                                                                "1.2" + ".99999999".repeat(200)),
                                                        null,
                                                        new byte[3]))
                                .getMessage())
                .hasSizeLessThan(500);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2040, 2047, 2049, 2056, 4095, 8192, 16384})
    void anRsaKeyOfAnotherSizeIsRefused(int bits) {
        BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).setBit(0);

        RequestRefusedException refused = new Desk().refusal(rsa(modulus, EXPONENT));

        assertThat(refused.code()).isEqualTo(RefusalCode.KEY_SIZE_NOT_ALLOWED);
        assertThat(refused)
                .hasMessageContaining("has " + bits + " bits")
                .hasMessageContaining("RSA of 4096 bits");
    }

    @Test
    void aSizeThatThePolicyDoesNotHaveIsRefused() {
        RequestRefusedException refused =
                new Desk()
                        .kinds(KeyKind.RSA_3072, KeyKind.EC_P256)
                        .refusal(RequestBuilder.of(TestKeys.RSA_2048));

        assertThat(refused.code()).isEqualTo(RefusalCode.KEY_SIZE_NOT_ALLOWED);
    }

    @Test
    void anEvenModulusIsWeak() {
        assertThat(new Desk().refusal(rsa(MODULUS.clearBit(0), EXPONENT)))
                .hasMessageContaining("is even")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.KEY_WEAK);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 17, 65535, 65536, 65538, (1L << 32) + 1, -65537})
    void anExponentOutOfItsRangeIsWeak(long exponent) {
        assertThat(code(rsa(MODULUS, BigInteger.valueOf(exponent))))
                .isEqualTo(exponent < 0 ? RefusalCode.CSR_MALFORMED : RefusalCode.KEY_WEAK);
    }

    @Test
    void thePrecedingAndTheLastExponentAreTaken() {
        // The signature is of another key, which is looked at later
        assertThat(code(rsa(MODULUS, BigInteger.valueOf(65539)))).isEqualTo(RefusalCode.CSR_SIGALG);
        assertThat(code(rsa(MODULUS, BigInteger.valueOf((1L << 32) - 1))))
                .isEqualTo(RefusalCode.CSR_SIGALG);
    }

    @Test
    void anRsaKeyThatIsNoneIsMalformed() throws Exception {
        byte[] key = new RSAPublicKey(MODULUS, EXPONENT).getEncoded();
        ASN1ObjectIdentifier type = PKCSObjectIdentifiers.rsaEncryption;

        assertThat(code(ec().key(type, null, key))).isEqualTo(RefusalCode.CSR_MALFORMED);
        assertThat(code(ec().key(type, new ASN1Integer(1), key)))
                .isEqualTo(RefusalCode.CSR_MALFORMED);
        for (byte[] bad :
                new byte[][] {
                    {},
                    {1, 2, 3},
                    Arrays.copyOf(key, key.length - 1),
                    Arrays.copyOf(key, key.length + 1),
                    new DERSequence(new ASN1Integer(MODULUS)).getEncoded(),
                    new DERSequence(
                                    new ASN1Encodable[] {
                                        new ASN1Integer(MODULUS),
                                        new ASN1Integer(EXPONENT),
                                        new ASN1Integer(1)
                                    })
                            .getEncoded(),
                    new DERSequence(
                                    new ASN1Encodable[] {
                                        new ASN1Integer(
                                                MODULUS.subtract(BigInteger.ONE.shiftLeft(2048))),
                                        new ASN1Integer(EXPONENT)
                                    })
                            .getEncoded()
                }) {
            assertThat(code(ec().key(type, DERNull.INSTANCE, bad)))
                    .as(HexFormat.of().formatHex(bad))
                    .isEqualTo(RefusalCode.CSR_MALFORMED);
        }
        assertThat(
                        code(
                                ec().key(
                                                new DERSequence(
                                                        new ASN1Encodable[] {
                                                            new AlgorithmIdentifier(
                                                                    type, DERNull.INSTANCE),
                                                            new DERBitString(new byte[] {2, 2}, 1)
                                                        }))))
                .isEqualTo(RefusalCode.CSR_MALFORMED);
    }

    @Test
    void anRsaKeyWithASmallFactorIsWeak() {
        BigInteger factor = BigInteger.valueOf(997);
        BigInteger modulus = BigInteger.ONE.shiftLeft(2048).subtract(BigInteger.ONE).divide(factor);
        modulus = modulus.clearBit(0).subtract(BigInteger.ONE).multiply(factor);

        assertThat(new Desk().refusal(rsa(modulus, EXPONENT)))
                .hasMessageContaining("prime factor below 1000")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.KEY_WEAK);
    }

    @Test
    void anRsaKeyOfClosePrimesIsWeak() {
        KeyPair keys = TestKeys.rsa(TestKeys.closePrimes(1024, 60));

        assertThat(new Desk().refusal(RequestBuilder.of(keys)))
                .hasMessageContaining("too close to each other")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.KEY_WEAK);
    }

    @Test
    void anRsaKeyOfRocaIsWeak() {
        KeyPair keys = TestKeys.rsa(TestKeys.rocaPrime(1024), TestKeys.rocaPrime(1024));

        assertThat(new Desk().refusal(RequestBuilder.of(keys)))
                .hasMessageContaining("ROCA")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.KEY_WEAK);
    }

    @Test
    void aBlockedKeyIsWeakWhateverItsKind() {
        for (KeyPair keys : new KeyPair[] {TestKeys.RSA_2048, TestKeys.P256, TestKeys.ED25519}) {
            RequestRefusedException refused =
                    new Desk().blocks(keys.getPublic()).refusal(RequestBuilder.of(keys));

            assertThat(refused.code()).isEqualTo(RefusalCode.KEY_WEAK);
            assertThat(refused).hasMessageContaining("known to others");
        }
    }

    @Test
    void explicitParametersAreRefusedBeforeAnyPointIsRead() {
        X9ECParameters explicit = CustomNamedCurves.getByName("secp256r1");

        assertThat(
                        new Desk()
                                .refusal(
                                        ec().key(
                                                        X9ObjectIdentifiers.id_ecPublicKey,
                                                        new X962Parameters(explicit),
                                                        new byte[] {9})))
                .hasMessageContaining("no named curve")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
    }

    @Test
    void binaryFieldsAreRefusedInAllForms() {
        X9ECParameters binary = SECNamedCurves.getByOID(SECObjectIdentifiers.sect283r1);

        assertThat(codeOfCurve(new X962Parameters(binary)))
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertThat(codeOfCurve(SECObjectIdentifiers.sect283r1))
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
    }

    @Test
    void otherCurvesAndNoneAreRefused() {
        assertThat(codeOfCurve(SECObjectIdentifiers.secp521r1))
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertThat(codeOfCurve(SECObjectIdentifiers.secp256k1))
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertThat(codeOfCurve(DERNull.INSTANCE)).isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertThat(code(ec().key(X9ObjectIdentifiers.id_ecPublicKey, null, POINT)))
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertThat(
                        new Desk()
                                .kinds(KeyKind.EC_P384)
                                .refusal(RequestBuilder.of(TestKeys.P256))
                                .code())
                .isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
    }

    @Test
    void aCompressedOrHybridPointIsRefused() {
        byte[] compressed = Arrays.copyOf(POINT, 33);
        compressed[0] = (byte) (2 + (POINT[64] & 1));
        byte[] hybrid = POINT.clone();
        hybrid[0] = (byte) (6 + (POINT[64] & 1));

        assertThat(codeOfPoint(compressed)).isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
        assertThat(codeOfPoint(hybrid)).isEqualTo(RefusalCode.KEY_TYPE_NOT_ALLOWED);
    }

    @Test
    void aPointOffItsCurveAndInfinityAreWeak() {
        byte[] off = POINT.clone();
        off[64] ^= 1;
        byte[] zero = new byte[65];
        zero[0] = 4;
        byte[] beyond = new byte[65];
        Arrays.fill(beyond, (byte) -1);
        beyond[0] = 4;

        assertThat(codeOfPoint(off)).isEqualTo(RefusalCode.KEY_WEAK);
        assertThat(codeOfPoint(zero)).isEqualTo(RefusalCode.KEY_WEAK);
        assertThat(codeOfPoint(beyond)).isEqualTo(RefusalCode.KEY_WEAK);
        assertThat(codeOfPoint(new byte[] {0})).isEqualTo(RefusalCode.KEY_WEAK);
        assertThat(codeOfPoint(new byte[0])).isEqualTo(RefusalCode.KEY_WEAK);
        assertThat(codeOfPoint(new byte[] {2})).isEqualTo(RefusalCode.KEY_WEAK);
        assertThat(codeOfPoint(Arrays.copyOf(POINT, 64))).isEqualTo(RefusalCode.KEY_WEAK);
        assertThat(codeOfPoint(Arrays.copyOf(POINT, 66))).isEqualTo(RefusalCode.KEY_WEAK);
    }

    /** Neutral, of order 2, 4 and 8; one with x = 0 and the sign of minus; y not below p. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "0100000000000000000000000000000000000000000000000000000000000080",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0200000000000000000000000000000000000000000000000000000000000000"
            })
    void anEd25519KeyOutsideOfTheGroupIsWeak(String point) {
        assertThat(
                        code(
                                ec().key(
                                                EdECObjectIdentifiers.id_Ed25519,
                                                null,
                                                HexFormat.of().parseHex(point))))
                .isEqualTo(RefusalCode.KEY_WEAK);
    }

    @Test
    void anEd25519KeyThatIsNoneIsMalformed() {
        ASN1ObjectIdentifier type = EdECObjectIdentifiers.id_Ed25519;

        assertThat(code(ec().key(type, null, new byte[31]))).isEqualTo(RefusalCode.CSR_MALFORMED);
        assertThat(code(ec().key(type, null, new byte[33]))).isEqualTo(RefusalCode.CSR_MALFORMED);
        assertThat(code(ec().key(type, DERNull.INSTANCE, new byte[32])))
                .isEqualTo(RefusalCode.CSR_MALFORMED);
    }

    private static KeyKind kindOf(KeyPair keys) throws RequestRefusedException {
        AcceptedRequest accepted = new Desk().accept(RequestBuilder.of(keys));
        assertThat(accepted.publicKey()).isEqualTo(keys.getPublic());
        assertThat(accepted.subjectPublicKeyInfo())
                .isEqualTo(SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
        assertThat(accepted.keyHash()).isEqualTo(Desk.hash(keys.getPublic()));
        return accepted.keyKind();
    }

    /** Made faster than of two. */
    private static KeyPair ofFourPrimes(int bits) {
        // Two high bits of each are too few for four: the product may be a bit short
        KeyPair keys;
        do {
            keys =
                    TestKeys.rsa(
                            TestKeys.prime(bits),
                            TestKeys.prime(bits),
                            TestKeys.prime(bits),
                            TestKeys.prime(bits));
        } while (((java.security.interfaces.RSAPublicKey) keys.getPublic()).getModulus().bitLength()
                != 4 * bits);
        return keys;
    }

    /** One with this key, signed by another. */
    private static RequestBuilder rsa(BigInteger modulus, BigInteger exponent) {
        return ec().key(
                        new DERSequence(
                                new ASN1Encodable[] {
                                    new AlgorithmIdentifier(
                                            PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                                    new DERBitString(
                                            encoded(
                                                    new DERSequence(
                                                            new ASN1Encodable[] {
                                                                new ASN1Integer(modulus),
                                                                new ASN1Integer(exponent)
                                                            })))
                                }));
    }

    private static byte[] encoded(DERSequence sequence) {
        try {
            return sequence.getEncoded();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static RequestBuilder ec() {
        return RequestBuilder.of(TestKeys.P256);
    }

    private static RefusalCode codeOfCurve(ASN1Encodable parameters) {
        return code(ec().key(X9ObjectIdentifiers.id_ecPublicKey, parameters, POINT));
    }

    private static RefusalCode codeOfPoint(byte[] point) {
        return code(
                ec().key(
                                X9ObjectIdentifiers.id_ecPublicKey,
                                SECObjectIdentifiers.secp256r1,
                                point));
    }

    private static RefusalCode code(RequestBuilder request) {
        return new Desk().refusal(request).code();
    }
}
