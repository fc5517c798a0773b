/**
 * The ledger of the certificate authority in the registry: what the authority knows as a port is
 * the table of certificates here, which binds them to devices as well.
 */
@NullMarked
package io.muster.hub.certificates.ledger;

import org.jspecify.annotations.NullMarked;
