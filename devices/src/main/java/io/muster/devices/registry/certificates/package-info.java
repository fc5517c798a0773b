/**
 * Certificates in the database: the ledger of the certificate authority, and which device each
 * certificate is bound to. Everything here that asks the database blocks and belongs on threads
 * that may wait.
 */
@NullMarked
package io.muster.devices.registry.certificates;

import org.jspecify.annotations.NullMarked;
