/**
 * The authority as a whole: its hierarchy of issuers, what it issues and what it revokes. Each act
 * is in the ledger before somebody hears of it.
 */
@NullMarked
package io.muster.ca.authority;

import org.jspecify.annotations.NullMarked;
