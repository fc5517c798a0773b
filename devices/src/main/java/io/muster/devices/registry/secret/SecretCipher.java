package io.muster.devices.registry.secret;

import io.muster.devices.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts secrets before they are stored; shared.
 *
 * <p>Devices sign with a digest of their secret (EnOS sign-in), so the registry must know the
 * secret itself and cannot keep a hash. Encrypted with a key that lies in a file of its own, a
 * copied database alone gives nothing away. AES-256-GCM (NIST SP 800-38D) with a random 96-bit
 * nonce; the owner of a secret is authenticated with it, so that a row does not decrypt under
 * another owner's name. A stored text is Base64 of: format (1 byte), nonce, ciphertext, tag.
 */
public final class SecretCipher {

    private static final byte FORMAT = 1;
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int SHORTEST_BYTES = 1 + NONCE_BYTES + TAG_BITS / 8;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path keyFile;
    private final SecretKey key;

    /** Kept, as one that had the same key before need not expand it again. */
    private final ThreadLocal<Cipher> ciphers = ThreadLocal.withInitial(SecretCipher::newCipher);

    private SecretCipher(Path keyFile, byte[] key) {
        this.keyFile = keyFile;
        this.key = new SecretKeySpec(key, "AES");
    }

    /**
     * Reads the key, which is 32 bytes in Base64. A missing file is made, with a new key and
     * readable by its owner only; of several processes that try, one makes it and all read the
     * same.
     *
     * @throws IOException if the file cannot be read or made, is not a key, or other users may read
     *     or change it
     */
    public static SecretCipher load(Path keyFile) throws IOException {
        if (!Files.exists(keyFile)) {
            create(keyFile);
        }
        requirePrivate(keyFile);
        return new SecretCipher(keyFile, read(keyFile));
    }

    private static byte[] read(Path keyFile) throws IOException {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(Files.readString(keyFile).strip());
        } catch (IllegalArgumentException notBase64) {
            throw new IOException("key file " + keyFile + " is not Base64", notBase64);
        }
        if (key.length != KEY_BYTES) {
            throw new IOException(
                    "key file " + keyFile + " holds " + key.length + " bytes instead of 32");
        }
        return key;
    }

    /** The key is complete and on disk before it gets its name, so nobody reads half of it. */
    private static void create(Path keyFile) throws IOException {
        OwnerOnly.createFolderOf(keyFile);
        byte[] key = new byte[KEY_BYTES];
        RANDOM.nextBytes(key);
        String line = Base64.getEncoder().encodeToString(key) + "\n";
        Path draft = OwnerOnly.createDraft(keyFile);
        try {
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
                channel.force(true);
            }
            linkUnlessThere(keyFile, draft);
        } finally {
            Files.delete(draft);
        }
        OwnerOnly.syncFolderOf(keyFile);
    }

    /** A link never replaces a file, as a rename would: the first process wins. */
    private static void linkUnlessThere(Path keyFile, Path draft) throws IOException {
        try {
            Files.createLink(keyFile, draft);
        } catch (FileAlreadyExistsException another) {
            // Another process was first; its key is read.
        }
    }

    private static void requirePrivate(Path keyFile) throws IOException {
        if (!OwnerOnly.isSupported(keyFile)) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(keyFile);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    "key file " + keyFile + " is open to all users; allow its owner only (0600)");
        }
    }

    /**
     * Encrypts for storage.
     *
     * @param owner names the row that holds it; needed again to decrypt
     */
    public String encrypt(Secret secret, String owner) {
        return encryptText(secret.reveal(), owner);
    }

    /** Encrypts any text for storage; see {@link #encrypt}. */
    public String encryptText(String text, String owner) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, nonce, owner)
                            .doFinal(text.getBytes(StandardCharsets.UTF_8));
            byte[] stored =
                    ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
                            .put(FORMAT)
                            .put(nonce)
                            .put(sealed)
                            .array();
            return Base64.getEncoder().encodeToString(stored);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no AES-GCM", missing);
        }
    }

    /**
     * Decrypts what {@link #encrypt} made for the same owner.
     *
     * @throws SecretUnreadableException if it is anything else
     */
    public Secret decrypt(String stored, String owner) {
        String text = decryptText(stored, owner);
        try {
            return Secret.of(text);
        } catch (IllegalArgumentException noSecret) {
            throw unreadable(owner, noSecret);
        }
    }

    /**
     * Decrypts what {@link #encryptText} made for the same owner.
     *
     * @throws SecretUnreadableException if it is anything else
     */
    public String decryptText(String stored, String owner) {
        try {
            byte[] bytes = Base64.getDecoder().decode(stored);
            if (bytes.length < SHORTEST_BYTES || bytes[0] != FORMAT) {
                throw new GeneralSecurityException("unknown format");
            }
            byte[] nonce = new byte[NONCE_BYTES];
            System.arraycopy(bytes, 1, nonce, 0, NONCE_BYTES);
            int sealed = 1 + NONCE_BYTES;
            byte[] characters =
                    cipher(Cipher.DECRYPT_MODE, nonce, owner)
                            .doFinal(bytes, sealed, bytes.length - sealed);
            return new String(characters, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException unreadable) {
            throw unreadable(owner, unreadable);
        }
    }

    private SecretUnreadableException unreadable(String owner, Exception cause) {
        return new SecretUnreadableException(
                "secret of "
                        + owner
                        + " cannot be decrypted with key file "
                        + keyFile
                        + ": it was encrypted with another key, or its row was changed",
                cause);
    }

    /**
     * A key of its own for another purpose, 32 bytes; the same for as long as the key file is. It
     * tells nothing of the key itself (HMAC-SHA256 as a key derivation, NIST SP 800-108).
     */
    public byte[] deriveKey(String purpose) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no HmacSHA256", missing);
        }
    }

    private static Cipher newCipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no AES-GCM", missing);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String owner) throws GeneralSecurityException {
        Cipher cipher = ciphers.get();
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(owner.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    /** The file only. */
    @Override
    public String toString() {
        return "SecretCipher[keyFile=" + keyFile + "]";
    }
}
