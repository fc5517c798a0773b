package io.muster.ca.key;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Locale;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.jspecify.annotations.Nullable;

/**
 * A key pair in a key store of Java. Such stores keep private keys with a certificate only; ours is
 * signed by the key itself, holds the public key and is for nothing else. The certificates under
 * which a key signs are files, since there may be several.
 */
final class KeyStoreEntry {

    private static final Instant FROM = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("9999-12-31T23:59:59Z");

    private KeyStoreEntry() {}

    static void put(
            KeyStore store, String name, KeyPair pair, SigningKey key, char @Nullable [] password)
            throws GeneralSecurityException {
        Certificate[] holder = {holder(name, key)};
        store.setKeyEntry(name, pair.getPrivate(), password, holder);
    }

    private static Certificate holder(String name, SigningKey key) throws GeneralSecurityException {
        X500Name self = new X500Name("CN=key " + name);
        X509v3CertificateBuilder certificate =
                new X509v3CertificateBuilder(
                        self,
                        BigInteger.ONE,
                        Date.from(FROM),
                        Date.from(UNTIL),
                        Locale.ROOT,
                        self,
                        SubjectPublicKeyInfo.getInstance(key.publicKey().getEncoded()));
        return new JcaX509CertificateConverter().getCertificate(certificate.build(key.signer()));
    }

    static @Nullable KeyPair get(KeyStore store, String name, char @Nullable [] password)
            throws GeneralSecurityException {
        Key key = store.getKey(name, password);
        Certificate holder = store.getCertificate(name);
        boolean found = key instanceof PrivateKey && holder != null;
        return found ? new KeyPair(holder.getPublicKey(), (PrivateKey) key) : null;
    }
}
