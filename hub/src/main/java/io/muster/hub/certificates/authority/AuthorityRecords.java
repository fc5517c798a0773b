package io.muster.hub.certificates.authority;

import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.CrlLedger;

/**
 * Where the authority writes down what it does, and reads it again. Shared by threads; all of it
 * blocks.
 *
 * @param certificates what was issued to whom, and what is revoked
 * @param crls what revocation lists are made from, and their numbers
 */
public record AuthorityRecords(CertificateLedger certificates, CrlLedger crls) {}
