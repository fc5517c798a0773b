package io.muster.hub.certificates.trust;

import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.certificates.trust.TrustedAuthority.Revocation;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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

    private final TrustConfig config;
    private final Optional<Path> clientCaFile;
    private final Function<CaSource, Optional<byte[]>> kept;
    private final List<String> problems = new ArrayList<>();

    /**
     * Those of a configuration.
     *
     * @param kept what an address has answered, if that is pinned. One that has not yet is left out
     */
    ExternalAuthorities(HubConfig.Certificates config, Function<CaSource, Optional<byte[]>> kept) {
        this.kept = kept;
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
            CaSource source = external.ca();
            if (source.isAddress() && kept.apply(source).isEmpty()) {
                continue;
            }
            String key =
                    "certificates.trust.external.%d.%s"
                            .formatted(i, source.isAddress() ? "ca-url" : "ca-file");
            List<X509Certificate> found = certificates(key, source);
            chain(key, source, found, 0).ifPresent(chain -> add(all, key, external, chain));
        }
        clientCaFile.ifPresent(file -> addAll(all, CaSource.of(file)));
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
                                    .formatted(key, external.ca(), above)
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
    private void addAll(List<TrustedAuthority> all, CaSource file) {
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

    private List<X509Certificate> certificates(String key, CaSource source) {
        try {
            return AuthorityFiles.parsed(octets(source));
        } catch (IOException e) {
            problems.add("%s = %s: cannot be read: %s".formatted(key, source, e.getMessage()));
        } catch (MalformedException e) {
            problems.add("%s = %s: %s".formatted(key, source, e.getMessage()));
        }
        return List.of();
    }

    private byte[] octets(CaSource source) throws IOException {
        return source.isAddress()
                ? kept.apply(source).orElseThrow(() -> new IOException("it was not fetched yet"))
                : AuthorityFiles.octets(source.file());
    }

    /** From one of these up to its root; empty if there is none. */
    private Optional<List<X509Certificate>> chain(
            String key, CaSource source, List<X509Certificate> found, int first) {
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(AuthorityFiles.chain(found, first));
        } catch (MalformedException e) {
            problems.add("%s = %s: %s".formatted(key, source, e.getMessage()));
            return Optional.empty();
        }
    }

    /** Tells whether anything in the files has changed, or was fetched. */
    String digest() {
        return Stream.concat(
                        config.external().stream().map(TrustConfig.External::ca),
                        clientCaFile.stream().map(CaSource::of))
                .map(this::digest)
                .collect(Collectors.joining(","));
    }

    private String digest(CaSource source) {
        try {
            return Sha256.of(octets(source)).hex();
        } catch (IOException e) {
            return "unreadable";
        }
    }
}
