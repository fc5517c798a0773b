package io.muster.ca.key;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.Arrays;
import java.util.Locale;

/**
 * Keys in a token that is spoken to by PKCS#11, by way of Java's SunPKCS11. They are made there and
 * never leave it. Shared; it blocks.
 */
public final class Pkcs11Token implements KeyStorage {

    private final String description;
    private final Provider provider;
    private final KeyStore store;

    private Pkcs11Token(String description, Provider provider, KeyStore store) {
        this.description = description;
        this.provider = provider;
        this.store = store;
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
        String description = "token in slot " + slot + " of " + library;
        if (!Files.isReadable(library)) {
            throw new KeyUnusableException("there is no library " + library + " for PKCS#11");
        }
        Provider base = Security.getProvider("SunPKCS11");
        if (base == null) {
            throw new KeyUnusableException("this Java has no SunPKCS11 (jdk.crypto.cryptoki)");
        }
        try {
            Provider provider = base.configure(configuration(library, slot));
            return new Pkcs11Token(description, provider, signIn(description, provider, pin));
        } catch (ProviderException unusable) {
            throw new KeyUnusableException(description + " cannot be used: " + unusable, unusable);
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

    private static KeyStore signIn(String description, Provider provider, KeyPassword pin) {
        char[] characters = {};
        try {
            characters = pin.read();
            KeyStore store = KeyStore.getInstance("PKCS11", provider);
            store.load(null, characters);
            return store;
        } catch (GeneralSecurityException | IOException refused) {
            throw new KeyUnusableException(
                    description + " does not let us in: " + reason(refused), refused);
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
        try {
            return store.isKeyEntry(requireName(name));
        } catch (GeneralSecurityException | ProviderException unusable) {
            throw unusable(name, unusable);
        }
    }

    @Override
    public SigningKey load(String name) {
        try {
            KeyPair pair = KeyStoreEntry.get(store, requireName(name), null);
            if (pair == null) {
                throw new KeyUnusableException(
                        "key " + name + " is not here: the " + description + " does not hold it");
            }
            return ProviderKey.of(name, pair, provider);
        } catch (GeneralSecurityException | ProviderException unusable) {
            throw unusable(name, unusable);
        }
    }

    /** One at a time, so that none takes another's name. */
    @Override
    public synchronized SigningKey generate(String name, KeyKind kind) {
        if (holds(name)) {
            throw new KeyUnusableException(
                    "the " + description + " holds a key " + name + " already");
        }
        try {
            KeyPair pair = kind.generate(provider);
            KeyStoreEntry.put(store, name, pair, ProviderKey.of(name, pair, provider), null);
        } catch (GeneralSecurityException | ProviderException unusable) {
            throw unusable(name, unusable);
        }
        return load(name);
    }

    private static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a key");
        }
        return name;
    }

    private KeyUnusableException unusable(String name, Exception cause) {
        return new KeyUnusableException(
                "key " + name + " in the " + description + " cannot be used: " + reason(cause),
                cause);
    }
}
