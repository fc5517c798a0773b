package io.muster.hub.tls;

import io.muster.broker.net.tls.ServerCertificate;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What was in the files of TLS when they were read. Immutable.
 *
 * @param certificates of the server, as configured
 * @param warnings what is wrong with them and no reason not to start: a sentence for each
 */
public record TlsFiles(List<ServerCertificate> certificates, List<String> warnings) {

    /** Copies the lists. */
    public TlsFiles {
        certificates = List.copyOf(certificates);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads them all. Blocks.
     *
     * @throws InvalidConfigException with a line for each that cannot be used: key, file, and what
     *     is wrong
     */
    public static TlsFiles read(HubConfig.Tls config, Instant now) {
        return new Reader(config, now).read();
    }

    /** Reads once. Confined to one thread. */
    private static final class Reader {

        private final HubConfig.Tls config;
        private final Instant now;
        private final List<String> problems = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();

        private Reader(HubConfig.Tls config, Instant now) {
            this.config = config;
            this.now = now;
        }

        private TlsFiles read() {
            List<ServerCertificate> certificates = new ArrayList<>();
            for (int i = 0; i < config.certificates().size(); i++) {
                certificate("tls.certificates." + i, config.certificates().get(i))
                        .ifPresent(certificates::add);
            }
            if (!problems.isEmpty()) {
                throw new InvalidConfigException(problems);
            }
            return new TlsFiles(certificates, warnings);
        }

        private Optional<ServerCertificate> certificate(
                String key, HubConfig.Tls.CertificateFiles files) {
            String keyOfCertificate = key + ".certificate-file";
            String keyOfKey = key + ".key-file";
            Optional<List<X509Certificate>> chain =
                    tried(keyOfCertificate, files.certificate(), PemFile::certificates);
            Optional<PrivateKey> privateKey = tried(keyOfKey, files.key(), PemFile::privateKey);
            if (chain.isEmpty() || privateKey.isEmpty()) {
                return Optional.empty();
            }
            chain.get().forEach(each -> checkDates(keyOfCertificate, files.certificate(), each));
            try {
                return Optional.of(new ServerCertificate(chain.get(), privateKey.get()));
            } catch (IllegalArgumentException e) {
                problems.add(
                        "%s = %s, %s = %s: %s"
                                .formatted(
                                        keyOfCertificate,
                                        files.certificate(),
                                        keyOfKey,
                                        files.key(),
                                        e.getMessage()));
                return Optional.empty();
            }
        }

        private void checkDates(String key, Path file, X509Certificate certificate) {
            Instant from = certificate.getNotBefore().toInstant();
            Instant until = certificate.getNotAfter().toInstant();
            if (now.isAfter(until) || now.isBefore(from)) {
                warnings.add(
                        "%s = %s: the certificate of %s %s %s"
                                .formatted(
                                        key,
                                        file,
                                        certificate.getSubjectX500Principal(),
                                        now.isAfter(until) ? "expired at" : "is not valid before",
                                        now.isAfter(until) ? until : from));
            }
        }

        private <T> Optional<T> tried(String key, Path file, Step<T> step) {
            try {
                return Optional.of(step.take(PemFile.read(file)));
            } catch (IOException e) {
                problems.add("%s = %s: cannot be read: %s".formatted(key, file, reason(e)));
            } catch (IllegalArgumentException e) {
                problems.add("%s = %s: %s".formatted(key, file, e.getMessage()));
            }
            return Optional.empty();
        }

        private static String reason(IOException failure) {
            return failure instanceof AccessDeniedException
                    ? "permission denied"
                    : String.valueOf(failure.getMessage());
        }
    }

    /** What is made of a file. */
    private interface Step<T> {
        T take(PemFile file);
    }

    /** Tells whether anything in the files has changed. Blocks. */
    static String digest(HubConfig.Tls config) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files(config).forEach(file -> digest.update(digest(file)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] digest(Path file) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(PemFile.bytes(file));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } catch (IOException e) {
            return new byte[0]; // another than that of any file
        }
    }

    private static Stream<Path> files(HubConfig.Tls config) {
        return config.certificates().stream()
                .flatMap(each -> Stream.of(each.certificate(), each.key()));
    }
}
