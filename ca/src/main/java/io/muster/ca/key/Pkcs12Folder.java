package io.muster.ca.key;

import io.muster.ca.file.DurableFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.UnrecoverableKeyException;
import java.util.Arrays;

/**
 * Keys in a folder, each in a PKCS#12 file of its own, so that one can be moved to where nobody
 * gets at it. Encrypted with AES-256 under one password; made with permissions for their owner
 * only, and refused if others have any. Shared; it blocks.
 */
public final class Pkcs12Folder implements KeyStorage {

    /** The shortest password, in characters. */
    public static final int SHORTEST_PASSWORD = 16;

    private static final int LONGEST_FILE = 64 * 1024;

    private final Path folder;
    private final KeyPassword password;
    private final SecureRandom random;

    /** The folder is made with the first key. */
    public Pkcs12Folder(Path folder, KeyPassword password, SecureRandom random) {
        this.folder = folder;
        this.password = password;
        this.random = random;
    }

    /** The file of a key. */
    public Path file(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a key");
        }
        return folder.resolve(name + ".p12");
    }

    @Override
    public boolean holds(String name) {
        return Files.exists(file(name));
    }

    @Override
    public SigningKey load(String name) {
        Path file = file(name);
        byte[] bytes = read(name, file);
        char[] characters = password(name);
        try {
            return ProviderKey.of(name, open(name, file, bytes, characters));
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    private static byte[] read(String name, Path file) {
        try {
            if (DurableFile.isOpenToOthers(file)) {
                throw new KeyUnusableException(
                        "file "
                                + file
                                + " of key "
                                + name
                                + " is open to others; allow its owner only (0600)");
            }
            if (Files.size(file) > LONGEST_FILE) {
                throw new KeyUnusableException(
                        "file " + file + " of key " + name + " is too large for one key");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException missing) {
            throw new KeyUnusableException(
                    "key "
                            + name
                            + " is not here: there is no file "
                            + file
                            + "; if it is kept elsewhere, bring it back for this",
                    missing);
        } catch (AccessDeniedException denied) {
            throw new KeyUnusableException(
                    "file " + file + " of key " + name + " may not be read by this user", denied);
        } catch (IOException unreadable) {
            throw new KeyUnusableException(
                    "file " + file + " of key " + name + " cannot be read: " + unreadable,
                    unreadable);
        }
    }

    private static KeyPair open(String name, Path file, byte[] bytes, char[] characters) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(bytes), characters);
            KeyPair pair = KeyStoreEntry.get(store, name, characters);
            if (pair == null) {
                throw new KeyUnusableException("file " + file + " does not hold key " + name);
            }
            return pair;
        } catch (IOException | GeneralSecurityException unreadable) {
            throw new KeyUnusableException(
                    isWrongPassword(unreadable)
                            ? "the password does not open file " + file + " of key " + name
                            : "file " + file + " of key " + name + " is damaged",
                    unreadable);
        }
    }

    private static boolean isWrongPassword(Exception unreadable) {
        return unreadable instanceof UnrecoverableKeyException
                || unreadable.getCause() instanceof UnrecoverableKeyException;
    }

    @Override
    public SigningKey generate(String name, KeyKind kind) {
        Path file = file(name);
        char[] characters = password(name);
        try {
            KeyPair pair = kind.generate(random);
            SigningKey key = ProviderKey.of(name, pair);
            DurableFile.create(file, encode(name, pair, key, characters));
            return key;
        } catch (FileAlreadyExistsException there) {
            throw new KeyUnusableException("there is a file " + file + " already", there);
        } catch (IOException | GeneralSecurityException failed) {
            throw new KeyUnusableException(
                    "key " + name + " cannot be written to " + file + ": " + failed, failed);
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    @Override
    public void destroy(String name) {
        Path file = file(name);
        try {
            DurableFile.delete(file);
        } catch (IOException failed) {
            throw new KeyUnusableException(
                    "file " + file + " of key " + name + " cannot be deleted: " + failed, failed);
        }
    }

    private static byte[] encode(String name, KeyPair pair, SigningKey key, char[] characters)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        KeyStoreEntry.put(store, name, pair, key, characters);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, characters);
        return bytes.toByteArray();
    }

    private char[] password(String name) {
        char[] characters;
        try {
            characters = password.read();
        } catch (IOException missing) {
            throw new KeyUnusableException(
                    "there is no password for key " + name + ": " + missing.getMessage(), missing);
        }
        if (characters.length < SHORTEST_PASSWORD) {
            int length = characters.length;
            Arrays.fill(characters, '\0');
            throw new KeyUnusableException(
                    "the password for key "
                            + name
                            + " has "
                            + length
                            + " characters, less than "
                            + SHORTEST_PASSWORD);
        }
        return characters;
    }
}
