/** What others ask of the ledger: acceptance of requests, revocation lists, OCSP. */
@NullMarked
package io.muster.ca.ledger.view;

import org.jspecify.annotations.NullMarked;
