/**
 * TLS of the management API: what it shows, whose certificates of clients it takes, and how long a
 * handshake may last. Knows the HTTP server and the rules for certificates; resources are told of a
 * client's certificate by {@link io.muster.hub.api.http.PeerCertificates}.
 */
@NullMarked
package io.muster.hub.api.tls;

import org.jspecify.annotations.NullMarked;
