package io.muster.ca.weakkey;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Good keys, and such as nobody should have. */
public final class TestKeys {

    /** One for all tests, since they take time. */
    public static final KeyPair RSA_2048 = rsa(prime(1024), prime(1024));

    /** Of this curve. */
    public static final KeyPair P256 = generate("EC", new ECGenParameterSpec("secp256r1"));

    /** Of this curve. */
    public static final KeyPair P384 = generate("EC", new ECGenParameterSpec("secp384r1"));

    /** One of these. */
    public static final KeyPair ED25519 = generate("Ed25519", null);

    private TestKeys() {}

    /** A prime with so many bits, the two highest of which are set. */
    public static BigInteger prime(int bits) {
        return new BigInteger(bits, new Random())
                .setBit(bits - 1)
                .setBit(bits - 2)
                .nextProbablePrime();
    }

    /** The RSA key with these factors, of which there may be more than two. */
    public static KeyPair rsa(BigInteger... primes) {
        BigInteger one = BigInteger.ONE;
        BigInteger modulus = Arrays.stream(primes).reduce(one, BigInteger::multiply);
        BigInteger order =
                Arrays.stream(primes).map(p -> p.subtract(one)).reduce(one, BigInteger::multiply);
        BigInteger exponent = BigInteger.valueOf(65537);
        try {
            KeyFactory factory = KeyFactory.getInstance("RSA");
            return new KeyPair(
                    factory.generatePublic(new RSAPublicKeySpec(modulus, exponent)),
                    factory.generatePrivate(
                            privateKey(modulus, exponent, exponent.modInverse(order), primes)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With the factors, if there are two: then it signs four times as fast. */
    private static RSAPrivateKeySpec privateKey(
            BigInteger modulus, BigInteger exponent, BigInteger secret, BigInteger... primes) {
        if (primes.length != 2) {
            return new RSAPrivateKeySpec(modulus, secret);
        }
        return new RSAPrivateCrtKeySpec(
                modulus,
                exponent,
                secret,
                primes[0],
                primes[1],
                secret.mod(primes[0].subtract(BigInteger.ONE)),
                secret.mod(primes[1].subtract(BigInteger.ONE)),
                primes[1].modInverse(primes[0]));
    }

    /** Two primes of a size, so far apart that Fermat's method takes about as many rounds. */
    public static BigInteger[] closePrimes(int bits, int rounds) {
        // The sum of p and q is above twice the root of pq by (p - q)² / 4 roots, or so
        BigInteger p = prime(bits);
        BigInteger distance = p.multiply(BigInteger.valueOf(8L * rounds)).sqrt();
        return new BigInteger[] {p, p.add(distance).nextProbablePrime()};
    }

    /** A prime as the chips of ROCA made them, in their way for the shortest keys. */
    public static BigInteger rocaPrime(int bits) {
        BigInteger product = BigInteger.ONE;
        BigInteger prime = BigInteger.TWO;
        for (int i = 0; i < 39; i++) {
            product = product.multiply(prime);
            prime = prime.nextProbablePrime();
        }
        Random random = new Random();
        BigInteger candidate;
        do {
            BigInteger power =
                    BigInteger.valueOf(65537).modPow(new BigInteger(64, random), product);
            BigInteger size = new BigInteger(bits - 2, random).setBit(bits - 1).setBit(bits - 2);
            candidate = size.divide(product).multiply(product).add(power);
        } while (candidate.bitLength() != bits
                || !candidate.testBit(bits - 2)
                || !candidate.isProbablePrime(50));
        return candidate;
    }

    private static KeyPair generate(String algorithm, @Nullable AlgorithmParameterSpec parameters) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (parameters != null) {
                generator.initialize(parameters);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
