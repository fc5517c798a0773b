package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.file.DurableFile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.IssuerAddresses;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The certificates of authorities, a PEM file each, where each of them publishes, which generation
 * of each one issues ({@code active.properties}), which are retired ({@code retired.properties}),
 * and whose keys are deleted ({@code destroyed.properties}). Confined to whoever holds the lock of
 * the hierarchy; it blocks.
 *
 * <pre>
 * device-ec-g1.crt            the certificate of an issuer or a root
 * device-ec-g1.properties     the addresses that are in the certificates that it signs
 * root-g2.by.root-g1.crt      the key of a root, signed by another
 * </pre>
 */
final class AuthorityFolder {

    private static final String SUFFIX = ".crt";
    private static final Pattern CROSS = Pattern.compile("[a-z0-9-]+\\.by\\.[a-z0-9-]+");
    private static final int LONGEST_FILE = 64 * 1024;

    private static final String LISTS = "lists";
    private static final String COMPLETE = "complete";
    private static final String LIST_ADDRESS = "list-address";
    private static final String CERTIFICATE = "certificate";
    private static final String RESPONDER = "responder";

    private final Path folder;

    AuthorityFolder(Path folder) {
        this.folder = folder;
    }

    /** Where it is. */
    Path path() {
        return folder;
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

    /** Deletes what a process left that ended while it wrote. */
    void tidy() {
        try {
            DurableFile.deleteDrafts(folder);
        } catch (IOException unwritable) {
            throw new HierarchyUnusableException(
                    "folder " + folder + " cannot be tidied: " + unwritable, unwritable);
        }
    }

    /** Where a generation publishes, as was written down before it had a certificate. */
    IssuerAddresses addresses(IssuerId id) {
        Path file = addressFile(id);
        try {
            Properties lines = properties(file);
            String lists = line(lines, LISTS);
            String base = line(lines, LIST_ADDRESS);
            return new IssuerAddresses(
                    lists.equals(COMPLETE)
                            ? CrlPartitions.complete(base)
                            : CrlPartitions.ofUserCertificates(Integer.parseInt(lists), base),
                    line(lines, CERTIFICATE),
                    lines.getProperty(RESPONDER));
        } catch (IOException | IllegalArgumentException damaged) {
            throw new HierarchyUnusableException(
                    "file "
                            + file
                            + " does not say where "
                            + id
                            + " publishes, which stands in the certificates that it signed: "
                            + damaged,
                    damaged);
        }
    }

    private static String line(Properties lines, String key) {
        String value = lines.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("there is no line " + key + "=");
        }
        return value.strip();
    }

    /** To be called before there is a certificate: from then on they stay. */
    void setAddresses(IssuerId id, IssuerAddresses addresses) {
        CrlPartitions lists = addresses.lists();
        String responder = addresses.responder();
        String text =
                "# Stands in the certificates that "
                        + id
                        + " signs. Never to be changed.\n"
                        + (LISTS + "=" + (lists.isComplete() ? COMPLETE : lists.count()) + "\n")
                        + (LIST_ADDRESS + "=" + lists.base() + "\n")
                        + (CERTIFICATE + "=" + addresses.certificate() + "\n")
                        + (responder == null ? "" : RESPONDER + "=" + responder + "\n");
        replace(addressFile(id), text);
    }

    private Path addressFile(IssuerId id) {
        return folder.resolve(id + ".properties");
    }

    private static Properties properties(Path file) throws IOException {
        Properties lines = new Properties();
        lines.load(new StringReader(Files.readString(file)));
        return lines;
    }

    private static void replace(Path file, String text) {
        try {
            DurableFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException unwritable) {
            throw new HierarchyUnusableException(
                    "file " + file + " cannot be written: " + unwritable, unwritable);
        }
    }

    /** Which generation of each authority issues. */
    Map<String, Integer> active() {
        Path file = activeFile();
        Map<String, Integer> active = new TreeMap<>();
        try {
            Properties lines = Files.exists(file) ? properties(file) : new Properties();
            for (String authority : lines.stringPropertyNames()) {
                int generation = Integer.parseInt(lines.getProperty(authority).strip());
                active.put(authority, new IssuerId(authority, generation).generation());
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
        replace(activeFile(), lines.toString());
    }

    /** Of whom nothing is to be taken any more. */
    Set<IssuerId> retired() {
        return named(retiredFile());
    }

    /** Whose keys are deleted. */
    Set<IssuerId> destroyed() {
        return named(destroyedFile());
    }

    private static Set<IssuerId> named(Path file) {
        try {
            Properties lines = Files.exists(file) ? properties(file) : new Properties();
            Set<IssuerId> named = new TreeSet<>(Hierarchy.ORDER);
            lines.stringPropertyNames().forEach(name -> named.add(IssuerId.parse(name)));
            return named;
        } catch (IOException | IllegalArgumentException damaged) {
            throw new HierarchyUnusableException(
                    "file " + file + " does not name generations of authorities: " + damaged,
                    damaged);
        }
    }

    void setRetired(Set<IssuerId> retired) {
        StringBuilder lines =
                new StringBuilder("# Generations of whom no certificate is taken any more.\n");
        retired.forEach(id -> lines.append(id).append("=retired\n"));
        replace(retiredFile(), lines.toString());
    }

    void setDestroyed(Set<IssuerId> destroyed) {
        StringBuilder lines = new StringBuilder("# Generations whose keys are deleted.\n");
        destroyed.forEach(id -> lines.append(id).append("=destroyed\n"));
        replace(destroyedFile(), lines.toString());
    }

    private Path destroyedFile() {
        return folder.resolve("destroyed.properties");
    }

    private Path retiredFile() {
        return folder.resolve("retired.properties");
    }

    /** Whether it is written down where a generation publishes: it was begun here. */
    boolean hasAddresses(IssuerId id) {
        return Files.exists(addressFile(id));
    }

    private Path activeFile() {
        return folder.resolve("active.properties");
    }
}
