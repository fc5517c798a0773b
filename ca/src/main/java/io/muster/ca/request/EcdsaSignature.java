package io.muster.ca.request;

import java.io.IOException;
import java.math.BigInteger;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;

/**
 * The two numbers of a signature with ECDSA (RFC 3279, 2.2.3). Java before 17.0.3 takes two zeroes
 * for the signature of anything by anybody (CVE-2022-21449), so they are looked at before Java is
 * asked.
 */
final class EcdsaSignature {

    private static final int NUMBERS = 2;

    private EcdsaSignature() {}

    /**
     * Whether it is two numbers from 1 up to less than the order of the curve, and nothing else.
     *
     * @param encoded whatever was sent
     */
    static boolean isInRange(byte[] encoded, BigInteger order) {
        try {
            ASN1Sequence numbers = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(encoded));
            return numbers != null
                    && numbers.size() == NUMBERS
                    && isInRange(ASN1Integer.getInstance(numbers.getObjectAt(0)), order)
                    && isInRange(ASN1Integer.getInstance(numbers.getObjectAt(1)), order);
        } catch (IOException | RuntimeException unreadable) {
            return false;
        }
    }

    private static boolean isInRange(ASN1Integer number, BigInteger order) {
        BigInteger value = number.getValue();
        return value.signum() > 0 && value.compareTo(order) < 0;
    }
}
