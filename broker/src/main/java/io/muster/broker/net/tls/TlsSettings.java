package io.muster.broker.net.tls;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What listeners over TLS show, whom they trust, and how long they wait.
 *
 * <p>Versions, suites and groups follow RFC 9325 and are not for configuration: what is left out
 * has known weaknesses (CBC, static RSA) or nobody's need.
 *
 * @param provider whose code is used
 * @param certificates what the broker shows, at least one; asked at the start and at each {@link
 *     io.muster.broker.Broker#renewTls}. A client gets the first that names the host it asks for
 *     and whose key suits it; one that asks for no host, or an unknown one, the first that suits it
 * @param clientTrust judges the certificates of clients on {@link TlsMode#MUTUAL} listeners; asked
 *     for likewise, once a listener. It is given each chain that a client shows, with the engine,
 *     and the chain of a session that is resumed, without one: what it refuses then is refused as
 *     well. The issuers that it accepts are told to clients. Called by several threads, event loops
 *     among them: it must not block
 * @param handshakeTimeout how long a client may take until the handshake is over, what comes before
 *     it included
 * @param handshakesMax handshakes under way at once, from the first message of the client on; a
 *     client that comes then is closed
 * @param statusOf the answer of an OCSP responder that goes with a certificate to clients that ask
 *     for it (RFC 6066, section 8), in DER, if there is one; asked by event loops in each such
 *     handshake, so it must not block. {@link TlsProvider#JDK} sends none
 */
public record TlsSettings(
        TlsProvider provider,
        Supplier<List<ServerCertificate>> certificates,
        Supplier<X509ExtendedTrustManager> clientTrust,
        Duration handshakeTimeout,
        int handshakesMax,
        Function<ServerCertificate, Optional<byte[]>> statusOf) {

    /** The same without answers of OCSP. */
    public TlsSettings(
            TlsProvider provider,
            Supplier<List<ServerCertificate>> certificates,
            Supplier<X509ExtendedTrustManager> clientTrust,
            Duration handshakeTimeout,
            int handshakesMax) {
        this(
                provider,
                certificates,
                clientTrust,
                handshakeTimeout,
                handshakesMax,
                certificate -> Optional.empty());
    }

    /** The versions of TLS that are spoken, the best first. */
    public static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

    /** The suites that are agreed on, the best first. */
    public static final List<String> SUITES =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
}
