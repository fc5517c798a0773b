package io.muster.broker.net.tls;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;

/**
 * What the broker shows of itself: a certificate, those that it descends from, and its key.
 * Immutable.
 *
 * @param chain its own first, then each issuer, without the root
 * @param key of the first
 */
public record ServerCertificate(List<X509Certificate> chain, PrivateKey key) {

    private static final int RSA_BITS_MIN = 2048;
    private static final List<Integer> EC_BITS = List.of(256, 384);
    private static final int DNS_NAME = 2;
    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=([^,+]+)");
    private static final byte[] PROBE = {'p', 'r', 'o', 'b', 'e'};

    /**
     * Copies and checks.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public ServerCertificate {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("there is no certificate in it");
        }
        requireOrder(chain);
        requireKind(chain.get(0));
        requirePair(chain.get(0), key);
    }

    private static void requireOrder(List<X509Certificate> chain) {
        for (int i = 1; i < chain.size(); i++) {
            X500Principal issuer = chain.get(i - 1).getIssuerX500Principal();
            if (!issuer.equals(chain.get(i).getSubjectX500Principal())) {
                throw new IllegalArgumentException(
                        ("certificate %d was not issued by certificate %d: the server's own comes"
                                        + " first, then each issuer")
                                .formatted(i, i + 1));
            }
        }
    }

    private static void requireKind(X509Certificate certificate) {
        Key key = certificate.getPublicKey();
        boolean isAllowed =
                (key instanceof RSAKey rsa && rsa.getModulus().bitLength() >= RSA_BITS_MIN)
                        || (key instanceof ECKey ec && EC_BITS.contains(bits(ec)));
        if (!isAllowed) {
            throw new IllegalArgumentException(
                    "its key is of another kind than those that are used: EC on P-256 or P-384, and"
                            + " RSA of at least %d bits".formatted(RSA_BITS_MIN));
        }
    }

    private static int bits(ECKey key) {
        return key.getParams().getCurve().getField().getFieldSize();
    }

    /** Both are used once: whatever they are made of, what one signs the other has to verify. */
    private static void requirePair(X509Certificate certificate, PrivateKey key) {
        try {
            Signature signature =
                    Signature.getInstance(isEc(certificate) ? "SHA256withECDSA" : "SHA256withRSA");
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(PROBE);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            // Of another kind, or another length.
        }
        throw new IllegalArgumentException("the key does not belong to the certificate");
    }

    /** Its first name, for people. */
    public String name() {
        return names().findFirst().orElse(own().getSubjectX500Principal().getName());
    }

    /** From when on nobody accepts it any more. */
    public Instant notAfter() {
        return own().getNotAfter().toInstant();
    }

    private X509Certificate own() {
        return chain.get(0);
    }

    /** Whether its key is one of elliptic curves; if not, it is RSA. */
    public boolean isEc() {
        return isEc(own());
    }

    private static boolean isEc(X509Certificate certificate) {
        return certificate.getPublicKey() instanceof ECKey;
    }

    /** Whether it names this host (RFC 6125, section 6.4). A wildcard stands for one label. */
    public boolean isFor(String serverName) {
        String wanted = serverName.toLowerCase(Locale.ROOT);
        int dot = wanted.indexOf('.');
        String wildcard = dot < 0 ? wanted : "*" + wanted.substring(dot);
        return names().anyMatch(name -> name.equals(wanted) || name.equals(wildcard));
    }

    /** The host names in small letters; the common name counts only where there are none. */
    private Stream<String> names() {
        List<String> names = dnsNames();
        return (names.isEmpty() ? commonName().stream() : names.stream())
                .map(name -> name.toLowerCase(Locale.ROOT));
    }

    private List<String> dnsNames() {
        try {
            Collection<List<?>> names = own().getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> Integer.valueOf(DNS_NAME).equals(name.get(0)))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private Optional<String> commonName() {
        Matcher matcher = COMMON_NAME.matcher(own().getSubjectX500Principal().getName());
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "ServerCertificate[" + name() + ", until " + notAfter() + "]";
    }
}
