package io.muster.broker.net.tls;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What listeners over TLS show, whom they trust, and how long they wait.
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
 */
public record TlsSettings(
        TlsProvider provider,
        Supplier<List<ServerCertificate>> certificates,
        Supplier<X509ExtendedTrustManager> clientTrust,
        Duration handshakeTimeout,
        int handshakesMax) {}
