package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.file.DurableFile;
import io.muster.ca.issuance.IssuedCertificate;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The certificates of authorities, a PEM file each, and which generation of each one issues ({@code
 * active.properties}). Confined to whoever holds the lock of the hierarchy; it blocks.
 *
 * <pre>
 * device-ec-g1.crt            the certificate of an issuer or a root
 * root-g2.by.root-g1.crt      the key of a root, signed by another
 * </pre>
 */
final class AuthorityFolder {

    private static final String SUFFIX = ".crt";
    private static final Pattern CROSS = Pattern.compile("[a-z0-9-]+\\.by\\.[a-z0-9-]+");
    private static final int LONGEST_FILE = 64 * 1024;

    private final Path folder;

    AuthorityFolder(Path folder) {
        this.folder = folder;
    }

    /** The certificates of issuers and roots. */
    Map<IssuerId, IssuedCertificate> certificates() {
        Map<IssuerId, IssuedCertificate> certificates = new TreeMap<>(Hierarchy.ORDER);
        files().forEach(
                        (name, certificate) -> {
                            if (!CROSS.matcher(name).matches()) {
                                certificates.put(id(name), certificate);
                            }
                        });
        return certificates;
    }

    /** Roots' keys that are signed by other roots, by the names of their files. */
    Map<String, IssuedCertificate> crossCertificates() {
        Map<String, IssuedCertificate> certificates = files();
        certificates.keySet().removeIf(name -> !CROSS.matcher(name).matches());
        return certificates;
    }

    private IssuerId id(String name) {
        try {
            return IssuerId.parse(name);
        } catch (IllegalArgumentException stray) {
            throw new HierarchyUnusableException(
                    "file "
                            + folder.resolve(name + SUFFIX)
                            + " is not named after an authority and its generation, device-ec-g1",
                    stray);
        }
    }

    private Map<String, IssuedCertificate> files() {
        Map<String, IssuedCertificate> certificates = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return certificates;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                certificates.put(name.substring(0, name.length() - SUFFIX.length()), read(file));
            }
        } catch (IOException unreadable) {
            throw new HierarchyUnusableException(
                    "folder " + folder + " cannot be read: " + unreadable, unreadable);
        }
        return certificates;
    }

    private static IssuedCertificate read(Path file) throws IOException {
        if (Files.size(file) > LONGEST_FILE) {
            throw new HierarchyUnusableException(
                    "file " + file + " is too large for a certificate");
        }
        try {
            return IssuedCertificate.parsePem(Files.readString(file, StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException | IOException damaged) {
            throw new HierarchyUnusableException(
                    "file " + file + " holds no certificate of ours: " + damaged.getMessage(),
                    damaged);
        }
    }

    void add(String name, IssuedCertificate certificate) {
        Path file = folder.resolve(name + SUFFIX);
        try {
            DurableFile.create(file, certificate.pem().getBytes(StandardCharsets.US_ASCII));
        } catch (FileAlreadyExistsException there) {
            throw new HierarchyUnusableException("there is a file " + file + " already", there);
        } catch (IOException unwritable) {
            throw new HierarchyUnusableException(
                    "file " + file + " cannot be written: " + unwritable, unwritable);
        }
    }

    /** Which generation of each authority issues. */
    Map<String, Integer> active() {
        Path file = activeFile();
        Properties lines = new Properties();
        Map<String, Integer> active = new TreeMap<>();
        try {
            if (Files.exists(file)) {
                lines.load(new StringReader(Files.readString(file)));
            }
            for (String authority : lines.stringPropertyNames()) {
                active.put(authority, Integer.valueOf(lines.getProperty(authority).strip()));
            }
        } catch (IOException | IllegalArgumentException damaged) {
            throw new HierarchyUnusableException(
                    "file " + file + " does not say a generation for each authority: " + damaged,
                    damaged);
        }
        return active;
    }

    void setActive(Map<String, Integer> active) {
        StringBuilder lines =
                new StringBuilder("# The generation of each authority that issues.\n");
        new TreeMap<>(active)
                .forEach(
                        (authority, generation) ->
                                lines.append(authority)
                                        .append('=')
                                        .append(generation)
                                        .append('\n'));
        try {
            DurableFile.replace(activeFile(), lines.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException unwritable) {
            throw new HierarchyUnusableException(
                    "file " + activeFile() + " cannot be written: " + unwritable, unwritable);
        }
    }

    private Path activeFile() {
        return folder.resolve("active.properties");
    }
}
