package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.junit.jupiter.api.Test;

/** What is refused whatever this Java would say. */
class EcdsaSignatureTest {

    private static final BigInteger ORDER = BigInteger.valueOf(1009);

    @Test
    void numbersFromOneToLessThanTheOrderAreASignature() throws Exception {
        assertThat(isInRange(1, 1008)).isTrue();
        assertThat(isInRange(1008, 1)).isTrue();
    }

    @Test
    void zeroesWhichSomeJavasTakeForAnybodysSignatureAreNone() throws Exception {
        assertThat(isInRange(0, 0)).isFalse();
        assertThat(isInRange(0, 1)).isFalse();
        assertThat(isInRange(1, 0)).isFalse();
    }

    @Test
    void numbersBeyondTheOrderAndNegativeOnesAreNone() throws Exception {
        assertThat(isInRange(1009, 1)).isFalse();
        assertThat(isInRange(1, 1009)).isFalse();
        assertThat(isInRange(-1, 1)).isFalse();
    }

    @Test
    void whatIsNotTwoNumbersIsNone() throws Exception {
        ASN1Integer one = new ASN1Integer(1);

        for (DERSequence other :
                List.of(
                        new DERSequence(),
                        new DERSequence(one),
                        new DERSequence(new ASN1Encodable[] {one, one, one}),
                        new DERSequence(new ASN1Encodable[] {one, new DERUTF8String("1")}))) {
            assertThat(EcdsaSignature.isInRange(other.getEncoded(), ORDER)).isFalse();
        }
        assertThat(EcdsaSignature.isInRange(new byte[0], ORDER)).isFalse();
        assertThat(EcdsaSignature.isInRange(new byte[] {0x30, 0x7f, 1}, ORDER)).isFalse();
    }

    private static boolean isInRange(long r, long s) throws IOException {
        ASN1Encodable[] numbers = {new ASN1Integer(r), new ASN1Integer(s)};
        return EcdsaSignature.isInRange(new DERSequence(numbers).getEncoded(), ORDER);
    }
}
