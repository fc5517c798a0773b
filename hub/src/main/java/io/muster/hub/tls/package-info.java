/**
 * The files of TLS: certificates and keys in PEM, watched for change, handed to the broker as what
 * they hold. Knows the configuration the broker's room of TLS and what counts, and no other room of
 * the hub.
 */
@NullMarked
package io.muster.hub.tls;

import org.jspecify.annotations.NullMarked;
