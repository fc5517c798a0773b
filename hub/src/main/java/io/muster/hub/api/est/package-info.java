/**
 * Enrolment over Secure Transport (EST, RFC 7030): devices that speak it fetch and renew their
 * certificates here. Knows how that is said over HTTP; whether a certificate is issued is decided
 * where the own API of the hub asks too.
 */
@NullMarked
package io.muster.hub.api.est;

import org.jspecify.annotations.NullMarked;
