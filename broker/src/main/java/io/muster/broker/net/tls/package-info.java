/**
 * TLS: certificates, contexts, and the handshake of each connection. Only the pipeline of {@code
 * net} and the assembly come in here; behind this room are bytes, and the client's certificates.
 */
@NullMarked
package io.muster.broker.net.tls;

import org.jspecify.annotations.NullMarked;
