package io.muster.hub.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file in PEM (RFC 7468): what stands between its lines BEGIN and END; all else is comment.
 * Immutable.
 *
 * @param parts in their order
 */
public record PemFile(List<Part> parts) {

    private static final int BYTES_MAX = 1 << 20;
    private static final Pattern PART =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----([^-]*)-----END \\1-----");

    /**
     * One of its parts.
     *
     * @param label what it is
     * @param text its Base64, with what older files have before that
     */
    public record Part(String label, String text) {

        byte[] der() {
            try {
                return Base64.getMimeDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("its %s is no Base64".formatted(label), e);
            }
        }

        /** Not the bytes, which may be a key. */
        @Override
        public String toString() {
            return label;
        }
    }

    /** Copies the list. */
    public PemFile {
        parts = List.copyOf(parts);
    }

    /**
     * Reads a file. Blocks.
     *
     * @throws IOException with a sentence that says why, if it cannot be read
     */
    public static PemFile read(Path file) throws IOException {
        Matcher matcher = PART.matcher(new String(bytes(file), ISO_8859_1));
        List<Part> parts = new ArrayList<>();
        while (matcher.find()) {
            parts.add(new Part(matcher.group(1), matcher.group(2)));
        }
        return new PemFile(parts);
    }

    /** What is in a file, at most {@value #BYTES_MAX} bytes. */
    static byte[] bytes(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("it is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException("it has more than " + BYTES_MAX + " bytes");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new IOException("there is no such file", e);
        }
    }

    /**
     * Its certificates.
     *
     * @throws IllegalArgumentException if there are none, or one cannot be read
     */
    public List<X509Certificate> certificates() {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Part part : parts) {
            if (part.label().equals("CERTIFICATE") || part.label().equals("X509 CERTIFICATE")) {
                certificates.add(certificate(part.der()));
            }
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("there is no -----BEGIN CERTIFICATE----- in it");
        }
        return certificates;
    }

    private static X509Certificate certificate(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IllegalArgumentException(
                    "a certificate in it cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Its private key.
     *
     * @throws IllegalArgumentException if there is none, or it cannot be read
     */
    public PrivateKey privateKey() {
        return parts.stream()
                .filter(part -> part.label().endsWith("PRIVATE KEY"))
                .findFirst()
                .map(PrivateKeyForm::read)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no -----BEGIN PRIVATE KEY----- in it"));
    }
}
