package io.muster.ca.key;

import io.muster.ca.file.DurableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/** A password in a file that only its owner may read: its first line. Shared; it blocks. */
public final class PasswordFile implements KeyPassword {

    private static final int RANDOM_BYTES = 32;
    private static final int LONGEST_BYTES = 1024;

    private final Path file;

    /** The file is read when the password is asked for. */
    public PasswordFile(Path file) {
        this.file = file;
    }

    /** Makes the file with a password of 256 random bits, unless it is there. */
    public PasswordFile createIfMissing(SecureRandom random) throws IOException {
        if (Files.exists(file)) {
            return this;
        }
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        byte[] line = (HexFormat.of().formatHex(bytes) + "\n").getBytes(StandardCharsets.US_ASCII);
        try {
            DurableFile.create(file, line);
        } catch (FileAlreadyExistsException another) {
            // Another process was first; its password is read.
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Arrays.fill(line, (byte) 0);
        }
        return this;
    }

    @Override
    public char[] read() throws IOException {
        byte[] bytes = bytes();
        CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes));
        Arrays.fill(bytes, (byte) 0);
        int end = 0;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
            end++;
        }
        char[] password = Arrays.copyOf(text.array(), end);
        Arrays.fill(text.array(), '\0');
        return password;
    }

    private byte[] bytes() throws IOException {
        try {
            if (DurableFile.isOpenToOthers(file)) {
                throw new IOException(
                        "password file "
                                + file
                                + " is open to others; allow its owner only (0600)");
            }
            if (Files.size(file) > LONGEST_BYTES) {
                throw new IOException(
                        "password file " + file + " has more than " + LONGEST_BYTES + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException missing) {
            throw new IOException("password file " + file + " is missing", missing);
        }
    }
}
