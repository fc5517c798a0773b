/**
 * Certificates in the database: the ledger of the certificate authority, and which device each
 * certificate is bound to. Everything here that asks the database blocks and belongs on threads
 * that may wait.
 *
 * <p>The authority ({@code io.muster.ca}) knows a ledger as a port, and its names for the same.
 * What stands behind that port asks here, one call for one:
 *
 * <table>
 * <caption>What the ledger of the authority is here</caption>
 * <tr><td>certificate id, key hash, reason</td><td>{@code CertificateId}, whose issuer is the text
 *     of the authority's issuer id; {@code Sha256}; the number of the reason</td></tr>
 * <tr><td>kind</td><td>{@code CertificateKind} of the same name; {@code OCSP_RESPONDER} is the
 *     authority's {@code OCSP_SIGNER}, and {@code EXTERNAL} is never its</td></tr>
 * <tr><td>owner</td><td>{@code Owner}: of a device, of a server, of an authority by its issuer id.
 *     None can be called so that it is another's</td></tr>
 * <tr><td>actor, request key</td><td>1 to 200 characters in one line; the actor of a reservation is
 *     that of its {@code IssuanceRequest}</td></tr>
 * <tr><td>renewed from</td><td>{@code Reservation.renews}</td></tr>
 * <tr><td>{@code reserve}</td><td>{@code CertificateRegistry.reserve}, with the greatest number of
 *     certificates that a device may have. Empty is {@code RESERVED}; {@code SERIAL_NUMBER_TAKEN},
 *     {@code ALREADY_REQUESTED}, {@code KEY_OF_ANOTHER}, {@code KEY_COMPROMISED} and {@code
 *     NOT_RENEWABLE} are the outcomes of those names; {@code TOO_MANY}, {@code DEVICE_UNKNOWN} and
 *     {@code DEVICE_DISABLED} are the refusals {@code CERT_LIMIT}, {@code DEVICE_UNKNOWN} and {@code
 *     DEVICE_DISABLED}. Repeated as it was, it is empty once more</td></tr>
 * <tr><td>{@code record}</td><td>{@code record}; {@code false}, and {@code NotFoundException}, are
 *     the conflict: it is not handed out</td></tr>
 * <tr><td>{@code revoke}</td><td>{@code CertificateRevocations.revoke}; {@code NotFoundException} is
 *     empty. {@code Revoked.changed} tells which serial numbers come into the set of revoked ones
 *     and onto CRLs; if it is empty, the CRL that is published says all. A later revocation follows
 *     the first as in {@code Revocation.followedBy}. A compromise takes all certificates of the key
 *     along</td></tr>
 * <tr><td>{@code revokeAll}</td><td>{@code CertificateRevocations.revokeSome} of a device, step by
 *     step; of others {@code findLive}, and {@code revoke} of each</td></tr>
 * <tr><td>revocation of a key</td><td>{@code CertificateRevocations.revokeKey}, also of a key that
 *     has no certificate; then {@code findRenewedByKey} for what was got by its certificates
 *     </td></tr>
 * <tr><td>{@code abandon}</td><td>{@code CertificateRevocations.revokeReserved(id)}; those of a
 *     process that ended, {@code revokeReserved(before)} until it is empty. Both tell what they
 *     revoked</td></tr>
 * <tr><td>{@code find}</td><td>{@code CertificateRegistry.find}, and {@code findDer} for the
 *     certificate itself</td></tr>
 * <tr><td>{@code findRequest}</td><td>{@code findRequested}: what is neither revoked nor expired. Kind
 *     and issuer are for the authority to compare</td></tr>
 * <tr><td>{@code findByKey}, {@code findRenewedByKey}</td><td>of those names, some at a time</td></tr>
 * <tr><td>{@code findLive}</td><td>{@code findLive}: with those that are reserved</td></tr>
 * <tr><td>history of a key</td><td>{@code findByPublicKey}, whose rows say whose it is and whether one is live;
 *     {@code isCompromised}</td></tr>
 * <tr><td>revoked certificates of an issuer</td><td>{@code CertificateRevocations.list} from the
 *     last position on, kept in memory by partition; {@code findRevoked} for the known ones
 *     </td></tr>
 * <tr><td>CRL numbers</td><td>{@code nextCrlNumber} and {@code lastCrlNumber}; the partition is the
 *     shard</td></tr>
 * <tr><td>restoring after a backup</td><td>for each partition whose published CRL has a greater
 *     number than {@code lastCrlNumber}: {@code raiseCrlNumber}, then {@code adopt} with its entries.
 *     Both may be repeated</td></tr>
 * </table>
 */
@NullMarked
package io.muster.devices.registry.certificates;

import org.jspecify.annotations.NullMarked;
