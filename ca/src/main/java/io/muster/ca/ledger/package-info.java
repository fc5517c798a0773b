/**
 * What the authority keeps in mind: which serial numbers it has given, to whom and for which key,
 * and what was revoked. The port is here; what stands behind it is chosen by whoever assembles the
 * authority.
 */
@NullMarked
package io.muster.ca.ledger;

import org.jspecify.annotations.NullMarked;
