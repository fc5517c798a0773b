/**
 * The hub's own certificate authority: made at the first start, kept below the data folder, with
 * the lists of what it revoked and the certificates that the hub itself shows.
 */
@NullMarked
package io.muster.hub.certificates.authority;

import org.jspecify.annotations.NullMarked;
