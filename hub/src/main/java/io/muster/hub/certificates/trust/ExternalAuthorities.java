package io.muster.hub.certificates.trust;

import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.certificates.trust.TrustedAuthority.Revocation;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The authorities that are not ours, as their files are now: those of {@code
 * certificates.trust.external}, and those of {@code tls.client-ca-file}, which is short for some
 * that nobody revokes and whose certificates only open the way in. Reads once; blocks. Confined to
 * one thread.
 */
final class ExternalAuthorities {

    private static final String CLIENT_CA_FILE = "tls.client-ca-file";
    private static final int OCTETS_MAX = 1 << 20;

    private final TrustConfig config;
    private final Optional<Path> clientCaFile;
    private final List<String> problems = new ArrayList<>();

    ExternalAuthorities(HubConfig.Certificates config) {
        this.config = config.trust();
        this.clientCaFile = config.tls().clientCaFile();
    }

    /**
     * Reads them.
     *
     * @throws InvalidConfigException with a line for each that cannot be used
     */
    List<TrustedAuthority> read() {
        List<TrustedAuthority> all = new ArrayList<>();
        for (int i = 0; i < config.external().size(); i++) {
            TrustConfig.External external = config.external().get(i);
            String key = "certificates.trust.external." + i + ".ca-file";
            List<X509Certificate> found = certificates(key, external.caFile());
            chain(key, external.caFile(), found, 0)
                    .ifPresent(chain -> add(all, key, external, chain));
        }
        clientCaFile.ifPresent(file -> addAll(all, file));
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return all;
    }

    private void add(
            List<TrustedAuthority> all,
            String key,
            TrustConfig.External external,
            List<X509Certificate> chain) {
        int above = chain.size() - 1;
        if (external.isChecked() && external.authorityCrls().size() != above) {
            problems.add(
                    "%s = %s: there are %d authorities above the first one in it, so authority-crls must"
                                    .formatted(key, external.caFile(), above)
                            + " name as many places, and names "
                            + external.authorityCrls().size());
            return;
        }
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < chain.size(); i++) {
            links.add(link(chain.get(i), revocation(external, i)));
        }
        all.add(
                new TrustedAuthority(
                        external.name(), links, external.binding(), external.freshness()));
    }

    private static Revocation revocation(TrustConfig.External external, int place) {
        if (!external.isChecked()) {
            return Revocation.UNCHECKED;
        }
        return place == 0
                ? new Revocation(Revocation.Kind.LISTS, external.crls(), external.partitioned())
                : new Revocation(
                        Revocation.Kind.LISTS,
                        List.of(external.authorityCrls().get(place - 1)),
                        false);
    }

    private static Link link(X509Certificate certificate, Revocation revocation) {
        return new Link(
                certificate,
                TrustedAuthority.externalIssuer(certificate.getSubjectX500Principal()),
                revocation);
    }

    /** Each authority in the file lets clients in. */
    private void addAll(List<TrustedAuthority> all, Path file) {
        List<X509Certificate> found = certificates(CLIENT_CA_FILE, file);
        for (int i = 0; i < found.size(); i++) {
            String name = i == 0 ? "client-ca-file" : "client-ca-file-" + (i + 1);
            chain(CLIENT_CA_FILE, file, found, i)
                    .ifPresent(
                            chain ->
                                    all.add(
                                            new TrustedAuthority(
                                                    name,
                                                    chain.stream()
                                                            .map(
                                                                    each ->
                                                                            link(
                                                                                    each,
                                                                                    Revocation
                                                                                            .UNCHECKED))
                                                            .toList(),
                                                    Binding.NONE,
                                                    FreshnessPolicy.STRICT)));
        }
    }

    private List<X509Certificate> certificates(String key, Path file) {
        try {
            List<X509Certificate> found = Certificates.parseAll(octets(file));
            for (X509Certificate each : found) {
                if (each.getBasicConstraints() < 0) {
                    problems.add(
                            "%s = %s: the certificate of %s in it is not of an authority"
                                    .formatted(key, file, each.getSubjectX500Principal()));
                    return List.of();
                }
            }
            return found;
        } catch (IOException e) {
            problems.add("%s = %s: cannot be read: %s".formatted(key, file, reason(e)));
        } catch (MalformedException e) {
            problems.add("%s = %s: %s".formatted(key, file, e.getMessage()));
        }
        return List.of();
    }

    private static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return failure instanceof AccessDeniedException
                ? "permission denied"
                : String.valueOf(failure.getMessage());
    }

    private static byte[] octets(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("it is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(OCTETS_MAX + 1);
            if (octets.length > OCTETS_MAX) {
                throw new IOException("it has more than " + OCTETS_MAX + " bytes");
            }
            return octets;
        }
    }

    /** From one of these up to its root, as far as names tell; empty if there is none. */
    private Optional<List<X509Certificate>> chain(
            String key, Path file, List<X509Certificate> found, int first) {
        if (found.isEmpty()) {
            return Optional.empty();
        }
        List<X509Certificate> chain = new ArrayList<>(List.of(found.get(first)));
        while (chain.size() <= found.size()) {
            X509Certificate last = chain.get(chain.size() - 1);
            if (last.getSubjectX500Principal().equals(last.getIssuerX500Principal())) {
                return Optional.of(chain);
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
        problems.add(
                "%s = %s: the issuer of %s is not in it, and it is no root: %s"
                        .formatted(
                                key,
                                file,
                                last.getSubjectX500Principal(),
                                last.getIssuerX500Principal()));
        return Optional.empty();
    }

    /** Tells whether anything in the files has changed. */
    String digest() {
        return Stream.concat(
                        config.external().stream().map(TrustConfig.External::caFile),
                        clientCaFile.stream())
                .map(ExternalAuthorities::digest)
                .collect(Collectors.joining(","));
    }

    private static String digest(Path file) {
        try {
            return Sha256.of(octets(file)).hex();
        } catch (IOException e) {
            return "unreadable";
        }
    }
}
