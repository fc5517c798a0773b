/**
 * Revocations of certificates within transactions that others have begun: below the registry of
 * devices, which revokes the certificates of those that it deletes.
 */
@NullMarked
package io.muster.devices.registry.revocation;

import org.jspecify.annotations.NullMarked;
