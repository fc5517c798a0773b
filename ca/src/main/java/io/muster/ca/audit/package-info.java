/**
 * The chain of what the authority was asked, decided and did: records in files that only grow, of
 * which each holds the hash of the one before, so that none can be changed, moved or taken away
 * without being missed.
 *
 * <p>Whoever can write to the folder can make a whole new chain. So its head goes into the log with
 * each CRL: who has the log can tell that it is another.
 */
@NullMarked
package io.muster.ca.audit;

import org.jspecify.annotations.NullMarked;
