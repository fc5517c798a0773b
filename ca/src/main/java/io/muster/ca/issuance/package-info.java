/**
 * How a certificate comes to be: a profile says what it may be, {@code CertificateIssuer} makes it.
 *
 * <p>The order is that of a written configuration that becomes a checked {@link
 * io.muster.ca.issuance.IssuanceProfile}, a certificate with a throwaway key that is looked at
 * ({@code CertificateLinter}), and one signature with the issuer's key.
 */
@NullMarked
package io.muster.ca.issuance;

import org.jspecify.annotations.NullMarked;
