package io.muster.ca.weakkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.EllipticCurve;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;

class NamedCurveTest {

    private static final EllipticCurve CURVE =
            ((ECPublicKey) TestKeys.P256.getPublic()).getParams().getCurve();
    private static final BigInteger PRIME = ((ECFieldFp) CURVE.getField()).getP();

    @Test
    void aCoordinateIsBelowThePrime() {
        // As small that there is room for the prime to be added: the same point, written otherwise
        BigInteger x = BigInteger.ZERO;
        while (!root(right(x)).modPow(BigInteger.TWO, PRIME).equals(right(x))) {
            x = x.add(BigInteger.ONE);
        }
        BigInteger y = root(right(x));

        assertThat(NamedCurve.P256.key(point(x, y))).isPresent();
        assertThat(NamedCurve.P256.key(point(x.add(PRIME), y))).isEmpty();
        assertThat(NamedCurve.P256.key(point(x, y.add(BigInteger.ONE)))).isEmpty();
    }

    @Test
    void aPointOfOneCurveIsNotOfTheOther() {
        ECPublicKey key = (ECPublicKey) TestKeys.P256.getPublic();
        byte[] point = point(key.getW().getAffineX(), key.getW().getAffineY());

        assertThat(NamedCurve.P256.key(point))
                .hasValueSatisfying(spec -> assertThat(spec.getW()).isEqualTo(key.getW()));
        assertThat(NamedCurve.P384.key(point)).isEmpty();
    }

    private static BigInteger right(BigInteger x) {
        return x.pow(3).add(CURVE.getA().multiply(x)).add(CURVE.getB()).mod(PRIME);
    }

    /** The prime is 3 by 4. */
    private static BigInteger root(BigInteger square) {
        return square.modPow(PRIME.add(BigInteger.ONE).shiftRight(2), PRIME);
    }

    private static byte[] point(BigInteger x, BigInteger y) {
        ByteArrayOutputStream point = new ByteArrayOutputStream();
        point.write(4);
        point.writeBytes(BigIntegers.asUnsignedByteArray(32, x));
        point.writeBytes(BigIntegers.asUnsignedByteArray(32, y));
        return point.toByteArray();
    }
}
