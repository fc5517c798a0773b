/**
 * Certificate revocation lists: partitioned, numbered, signed, and published without a moment in
 * which there is none. What is revoked, and which number comes next, is told by ports; the files
 * are this room's own.
 *
 * <p>{@link io.muster.ca.crl.RevocationLists} is the door. It blocks: for event loops it is not.
 */
@NullMarked
package io.muster.ca.crl;

import org.jspecify.annotations.NullMarked;
