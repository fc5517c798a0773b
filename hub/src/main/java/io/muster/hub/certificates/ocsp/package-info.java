/**
 * The responder that says online whether a certificate of the hub's own authority is good (OCSP):
 * who signs its answers, and where it looks. Knows the authority and its ledger; how requests come
 * is others' business.
 */
@NullMarked
package io.muster.hub.certificates.ocsp;

import org.jspecify.annotations.NullMarked;
