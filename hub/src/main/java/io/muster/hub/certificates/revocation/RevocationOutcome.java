package io.muster.hub.certificates.revocation;

import io.muster.devices.certificate.Certificate;
import java.util.OptionalLong;

/**
 * What is true after a revocation.
 *
 * @param certificate with the revocation that stands
 * @param crlNumber the number of the list that it is on; empty if that could not be published yet,
 *     which is tried again, or if there is none of its issuer
 * @param connectionsClosed whether it is known that no connection is left that was made with it
 */
public record RevocationOutcome(
        Certificate certificate, OptionalLong crlNumber, boolean connectionsClosed) {}
