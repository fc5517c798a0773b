package io.muster.hub;

import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.tls.Certificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The listener {@code mtls} of hubs whose clients have certificates of others. */
final class MutualTls {

    private MutualTls() {}

    /**
     * The same with that listener.
     *
     * @param files where the certificate of the server is, or is made
     * @param reload how often files are looked at
     */
    static HubConfig with(
            HubConfig config,
            Path files,
            TlsProvider provider,
            Duration reload,
            TrustConfig trust) {
        HubConfig.Tls usual = config.tls();
        HubConfig.Tls tls =
                new HubConfig.Tls(
                        provider,
                        List.of(server(files)),
                        Optional.empty(),
                        usual.handshakeTimeout(),
                        usual.handshakesMax(),
                        reload);
        HubConfig listening =
                RunningHub.withTls(config, tls, RunningHub.listener("mtls", TlsMode.MUTUAL));
        return RunningHub.withCertificates(listening, listening.certificates().with(trust));
    }

    private static HubConfig.Tls.CertificateFiles server(Path files) {
        HubConfig.Tls.CertificateFiles server =
                new HubConfig.Tls.CertificateFiles(
                        files.resolve("server.pem"), files.resolve("server.key"));
        if (!Files.exists(server.certificate())) {
            Certificates.server(
                            Certificates.ec(), "localhost", Instant.now().plus(Duration.ofDays(2)))
                    .write(server.certificate(), server.key());
        }
        return server;
    }
}
