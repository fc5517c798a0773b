package io.muster.ca.key;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Security;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys in a token that is spoken to by PKCS#11, by way of Java's SunPKCS11. They are made there and
 * never leave it. Shared; it blocks.
 *
 * <p>A token that was away, or has forgotten who is signed in, is signed in to again by whoever
 * needs a key next. Keys that were loaded before then sign again.
 */
public final class Pkcs11Token implements KeyStorage {

    private static final Logger LOG = LoggerFactory.getLogger(Pkcs11Token.class);

    /**
     * So long one that does not answer is not tried again; twice as long each time, to the last.
     */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Duration PAUSE_MAX = Duration.ofMinutes(5);

    private final Path library;
    private final int slot;
    private final KeyPassword pin;
    private volatile Access access;

    /** When it was signed in to last, or that was tried; with the lock. */
    private long triedNanos;

    /** How long it is left alone then; with the lock. */
    private Duration pause = PAUSE;

    /** Being signed in: what spoke to the token then. */
    private static final class Access {
        private final Provider provider;
        private final KeyStore store;

        Access(Provider provider, KeyStore store) {
            this.provider = provider;
            this.store = store;
        }
    }

    private Pkcs11Token(Path library, int slot, KeyPassword pin) {
        this.library = library;
        this.slot = slot;
        this.pin = pin;
        this.access = signIn();
        this.triedNanos = System.nanoTime() - PAUSE.toNanos();
    }

    /**
     * Signs in to a token.
     *
     * @param library the token's library for PKCS#11
     * @param slot which of the slots that have a token, from 0
     * @param pin the PIN of its user
     * @throws KeyUnusableException if that does not work
     */
    public static Pkcs11Token open(Path library, int slot, KeyPassword pin) {
        if (!Files.isReadable(library)) {
            throw new KeyUnusableException("there is no library " + library + " for PKCS#11");
        }
        return new Pkcs11Token(library, slot, pin);
    }

    private Access signIn() {
        Provider base = Security.getProvider("SunPKCS11");
        if (base == null) {
            throw new KeyUnusableException("this Java has no SunPKCS11 (jdk.crypto.cryptoki)");
        }
        try {
            Provider provider = base.configure(configuration(library, slot));
            return new Access(provider, signIn(provider));
        } catch (ProviderException unusable) {
            throw new KeyUnusableException(this + " cannot be used: " + unusable, unusable);
        }
    }

    /** Once for all who had the same trouble, and not again and again. */
    private synchronized Access signInAgain(Access failed, KeyUnusableException why) {
        if (access == failed) {
            if (System.nanoTime() - triedNanos < pause.toNanos()) {
                throw why;
            }
            triedNanos = System.nanoTime();
            pause = longer(pause);
            LOG.warn("{} is signed in to again: {}", this, why.getMessage());
            access = signInOrPause();
            pause = PAUSE;
        }
        return access;
    }

    /** A PIN that is wrong by now is not tried often: that would lock the token. */
    private Access signInOrPause() {
        try {
            return signIn();
        } catch (KeyUnusableException refused) {
            if (String.valueOf(refused.getMessage()).contains("CKR_PIN")) {
                pause = PAUSE_MAX;
            }
            throw refused;
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(PAUSE_MAX) < 0 ? twice : PAUSE_MAX;
    }

    /** What a use of the token gives; if it fails, that of another try after signing in again. */
    private <T> T use(Function<Access, T> act) {
        Access before = access;
        try {
            return act.apply(before);
        } catch (KeyUnusableException failed) {
            return act.apply(signInAgain(before, failed));
        }
    }

    /**
     * Keys are made so that the token neither shows nor gives them away. In ASCII digits, wherever
     * this runs.
     */
    private static String configuration(Path library, int slot) {
        return String.format(
                Locale.ROOT,
                """
                --name=muster-%s
                library="%s"
                slotListIndex=%d
                attributes(*,CKO_PRIVATE_KEY,*) = {
                  CKA_SIGN = true
                }
                attributes(generate,CKO_PRIVATE_KEY,*) = {
                  CKA_SENSITIVE = true
                  CKA_EXTRACTABLE = false
                }
                """,
                slot,
                library.toAbsolutePath(),
                slot);
    }

    private KeyStore signIn(Provider provider) {
        char[] characters = {};
        try {
            characters = pin.read();
            KeyStore store = KeyStore.getInstance("PKCS11", provider);
            store.load(null, characters);
            return store;
        } catch (GeneralSecurityException | IOException refused) {
            throw new KeyUnusableException(
                    this + " does not let us in: " + reason(refused), refused);
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    private static String reason(Exception refused) {
        Throwable cause = refused;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    @Override
    public boolean holds(String name) {
        requireName(name);
        return use(present -> holds(present, name));
    }

    private boolean holds(Access present, String name) {
        try {
            return present.store.isKeyEntry(name);
        } catch (GeneralSecurityException | ProviderException unusable) {
            throw unusable(name, unusable);
        }
    }

    @Override
    public SigningKey load(String name) {
        requireName(name);
        return use(present -> find(present, name).map(key -> new TokenKey(name, key, present)))
                .orElseThrow(() -> isNotHere(name));
    }

    private KeyUnusableException isNotHere(String name) {
        return new KeyUnusableException(
                "key " + name + " is not here: the " + this + " does not hold it");
    }

    private Optional<ProviderKey> find(Access present, String name) {
        try {
            return Optional.ofNullable(KeyStoreEntry.get(present.store, name, null))
                    .map(pair -> ProviderKey.of(name, pair, present.provider));
        } catch (GeneralSecurityException | ProviderException unusable) {
            throw unusable(name, unusable);
        }
    }

    /** One at a time, so that none takes another's name. */
    @Override
    public synchronized SigningKey generate(String name, KeyKind kind) {
        if (holds(name)) {
            throw new KeyUnusableException("the " + this + " holds a key " + name + " already");
        }
        Access present = access;
        try {
            KeyPair pair = kind.generate(present.provider);
            KeyStoreEntry.put(
                    present.store, name, pair, ProviderKey.of(name, pair, present.provider), null);
        } catch (GeneralSecurityException | ProviderException unusable) {
            throw unusable(name, unusable);
        }
        return load(name);
    }

    @Override
    public synchronized void destroy(String name) {
        if (!holds(name)) {
            return;
        }
        try {
            access.store.deleteEntry(name);
        } catch (GeneralSecurityException | ProviderException unusable) {
            throw unusable(name, unusable);
        }
    }

    /** A key in this token, which is found again when the token is. Shared. */
    private final class TokenKey implements SigningKey {

        private final String name;
        private final PublicKey publicKey;
        private volatile Found found;

        /** Where it was found last. */
        private record Found(ProviderKey key, Access by) {}

        TokenKey(String name, ProviderKey key, Access by) {
            this.name = name;
            this.publicKey = key.publicKey();
            this.found = new Found(key, by);
        }

        @Override
        public PublicKey publicKey() {
            return publicKey;
        }

        @Override
        public AlgorithmIdentifier algorithm() {
            return found.key().algorithm();
        }

        @Override
        public ContentSigner signer() {
            Found before = found;
            try {
                return before.key().signer();
            } catch (KeyUnusableException failed) {
                return again(signInAgain(before.by(), failed)).signer();
            }
        }

        private ProviderKey again(Access present) {
            ProviderKey key = find(present, name).orElseThrow(() -> isNotHere(name));
            if (!Arrays.equals(key.publicKey().getEncoded(), publicKey.getEncoded())) {
                throw new KeyUnusableException(
                        "key " + name + " in the " + Pkcs11Token.this + " is another one now");
            }
            found = new Found(key, present);
            return key;
        }

        /** Its name and where it is. */
        @Override
        public String toString() {
            return "TokenKey[name=" + name + ", in=" + Pkcs11Token.this + "]";
        }
    }

    private static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a key");
        }
        return name;
    }

    private KeyUnusableException unusable(String name, Exception cause) {
        return new KeyUnusableException(
                "key " + name + " in the " + this + " cannot be used: " + reason(cause), cause);
    }

    /** Which token it is. */
    @Override
    public String toString() {
        return "token in slot " + slot + " of " + library;
    }
}
