package io.muster.ca.weakkey;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.util.Arrays;
import java.util.Optional;

/**
 * The curves on which keys are taken. Their numbers come from here and never from a request. Both
 * have a prime order, so that each point on them but infinity is a good one. Shared by threads;
 * does not block.
 */
public final class NamedCurve {
    /** secp256r1. */
    public static final NamedCurve P256 = new NamedCurve("secp256r1");

    /** secp384r1. */
    public static final NamedCurve P384 = new NamedCurve("secp384r1");

    private static final byte UNCOMPRESSED = 4;

    private final ECParameterSpec parameters;

    private NamedCurve(String name) {
        try {
            AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
            named.init(new ECGenParameterSpec(name));
            parameters = named.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no curve " + name + " in this Java", e);
        }
    }

    /** The key with this point, if it is one of the curve, uncompressed (RFC 5480, 2.2). */
    public Optional<ECPublicKeySpec> key(byte[] point) {
        int length = parameters.getCurve().getField().getFieldSize() / 8;
        if (point.length != 1 + 2 * length || point[0] != UNCOMPRESSED) {
            return Optional.empty();
        }
        BigInteger x = new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + length));
        BigInteger y = new BigInteger(1, Arrays.copyOfRange(point, 1 + length, point.length));
        return contains(x, y)
                ? Optional.of(new ECPublicKeySpec(new ECPoint(x, y), parameters))
                : Optional.empty();
    }

    private boolean contains(BigInteger x, BigInteger y) {
        EllipticCurve curve = parameters.getCurve();
        BigInteger prime = ((ECFieldFp) curve.getField()).getP();
        if (x.compareTo(prime) >= 0 || y.compareTo(prime) >= 0) {
            return false;
        }
        BigInteger right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB());
        return y.multiply(y).mod(prime).equals(right.mod(prime));
    }
}
