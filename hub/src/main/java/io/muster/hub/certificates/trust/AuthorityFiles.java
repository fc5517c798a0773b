package io.muster.hub.certificates.trust;

import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.config.certificates.CaSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the certificates of authorities, and finds the way from one up to its root. No state. */
final class AuthorityFiles {

    /** No file and no answer has more. */
    static final int OCTETS_MAX = 1 << 20;

    private AuthorityFiles() {}

    /** What a file has; blocks. */
    static byte[] octets(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("it is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(OCTETS_MAX + 1);
            if (octets.length > OCTETS_MAX) {
                throw new IOException("it has more than " + OCTETS_MAX + " bytes");
            }
            return octets;
        } catch (NoSuchFileException e) {
            throw new IOException("there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new IOException("permission denied", e);
        }
    }

    /**
     * The certificates that stand in PEM.
     *
     * @throws MalformedException if it cannot be read, or one is not of an authority
     */
    static List<X509Certificate> parsed(byte[] octets) throws MalformedException {
        List<X509Certificate> found = Certificates.parseAll(octets);
        for (X509Certificate each : found) {
            if (each.getBasicConstraints() < 0) {
                throw new MalformedException(
                        "the certificate of %s in it is not of an authority"
                                .formatted(each.getSubjectX500Principal()));
            }
        }
        return found;
    }

    /**
     * The way from one of these up to its root, as far as names tell.
     *
     * @throws MalformedException if there is none
     */
    static List<X509Certificate> chain(List<X509Certificate> found, int first)
            throws MalformedException {
        List<X509Certificate> chain = new ArrayList<>(List.of(found.get(first)));
        while (chain.size() <= found.size()) {
            X509Certificate last = chain.get(chain.size() - 1);
            if (last.getSubjectX500Principal().equals(last.getIssuerX500Principal())) {
                return chain;
            }
            Optional<X509Certificate> issuer =
                    found.stream()
                            .filter(
                                    each ->
                                            each.getSubjectX500Principal()
                                                    .equals(last.getIssuerX500Principal()))
                            .findFirst();
            if (issuer.isEmpty()) {
                break;
            }
            chain.add(issuer.get());
        }
        X509Certificate last = chain.get(chain.size() - 1);
        throw new MalformedException(
                "the issuer of %s is not in it, and it is no root: %s"
                        .formatted(last.getSubjectX500Principal(), last.getIssuerX500Principal()));
    }

    /**
     * Whoever sends it, and whoever has changed it in the data folder: what an address answered is
     * trusted only if its own certificate and all above it are those that the operator has named.
     *
     * @throws MalformedException if not
     */
    static void requirePinned(CaSource source, byte[] octets) throws MalformedException {
        List<X509Certificate> found = parsed(octets);
        List<X509Certificate> chain = chain(found, 0);
        if (chain.size() != found.size()) {
            throw new MalformedException(
                    "there are certificates in it that are not above the first");
        }
        requirePinned(chain.get(0), source.pins(), "ca-sha256");
        for (X509Certificate above : chain.subList(1, chain.size())) {
            requirePinned(above, source.pinsAbove(), "authority-sha256");
        }
    }

    private static void requirePinned(X509Certificate certificate, Set<Sha256> pins, String key)
            throws MalformedException {
        Sha256 fingerprint = fingerprint(certificate);
        if (!pins.contains(fingerprint)) {
            throw new MalformedException(
                    "the certificate of %s with the SHA-256 %s is not among %s"
                            .formatted(certificate.getSubjectX500Principal(), fingerprint, key));
        }
    }

    /** The SHA-256 of a certificate. */
    static Sha256 fingerprint(X509Certificate certificate) throws MalformedException {
        try {
            return Sha256.of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new MalformedException("a certificate cannot be encoded", e);
        }
    }
}
