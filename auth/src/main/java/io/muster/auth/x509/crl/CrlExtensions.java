package io.muster.auth.x509.crl;

import io.muster.auth.x509.encoding.DerReader;
import io.muster.auth.x509.encoding.Extensions;
import io.muster.auth.x509.encoding.MalformedException;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * The extensions of a list (RFC 5280, 5.2). Immutable.
 *
 * @param authorityKey in hexadecimal digits
 * @param isDelta has only changes
 * @param announcesDeltas there are lists of changes besides
 */
record CrlExtensions(
        Optional<String> authorityKey,
        Optional<BigInteger> number,
        IssuingDistributionPoint distributionPoint,
        boolean isDelta,
        boolean announcesDeltas) {

    /** No number of a list has more octets (RFC 5280, 5.2.3). */
    static final int NUMBER_OCTETS_MAX = 20;

    private static final int EXTENSIONS_MAX = 32;
    private static final int CRL_NUMBER = 20;
    private static final int DELTA_INDICATOR = 27;
    private static final int DISTRIBUTION_POINT = 28;
    private static final int AUTHORITY_KEY = 35;
    private static final int FRESHEST_CRL = 46;

    /** Those that are read, and whether they are critical wherever they are. */
    private static final Map<Integer, Boolean> KNOWN =
            Map.of(
                    CRL_NUMBER, false,
                    DELTA_INDICATOR, true,
                    DISTRIBUTION_POINT, true,
                    AUTHORITY_KEY, false);

    /** What a list without extensions has. */
    static final CrlExtensions NONE =
            new CrlExtensions(
                    Optional.empty(),
                    Optional.empty(),
                    IssuingDistributionPoint.EVERYTHING,
                    false,
                    false);

    static CrlExtensions read(DerReader extensions, X500Principal issuer)
            throws MalformedException, CrlRefusedException {
        Map<Integer, DerReader> values = values(extensions);
        DerReader key = values.get(AUTHORITY_KEY);
        Optional<String> authorityKey =
                key == null ? Optional.empty() : Extensions.authorityKey(key);
        DerReader crlNumber = values.get(CRL_NUMBER);
        Optional<BigInteger> number =
                crlNumber == null ? Optional.empty() : Optional.of(number(crlNumber));
        DerReader value = values.get(DISTRIBUTION_POINT);
        IssuingDistributionPoint point =
                value == null
                        ? IssuingDistributionPoint.EVERYTHING
                        : IssuingDistributionPoint.read(value, issuer);
        return new CrlExtensions(
                authorityKey,
                number,
                point,
                values.containsKey(DELTA_INDICATOR),
                values.containsKey(FRESHEST_CRL));
    }

    /** The values by the last part of their identifier; of others it is only known if critical. */
    private static Map<Integer, DerReader> values(DerReader extensions)
            throws MalformedException, CrlRefusedException {
        if (extensions.isAtEnd()) {
            throw extensions.malformed("there is a list of extensions without any");
        }
        Map<Integer, DerReader> values = new HashMap<>();
        Set<String> seen = new HashSet<>();
        while (!extensions.isAtEnd()) {
            DerReader extension = extensions.enter(DerReader.SEQUENCE);
            String identifier = extension.identifier();
            if (!seen.add(identifier) || seen.size() > EXTENSIONS_MAX) {
                throw extensions.malformed(
                        "an extension is there twice, or there are more than " + EXTENSIONS_MAX);
            }
            int number =
                    identifier.matches("2\\.5\\.29\\.\\d{1,3}")
                            ? Integer.parseInt(identifier.substring(7))
                            : -1;
            boolean isCritical = extension.flag(DerReader.BOOLEAN);
            Boolean mustBeCritical = KNOWN.get(number);
            if (mustBeCritical == null && isCritical) {
                throw new CrlRefusedException(
                        CrlFailure.CRITICAL_EXTENSION,
                        "the list has the unknown critical extension " + identifier);
            }
            if (mustBeCritical != null && mustBeCritical != isCritical) {
                throw extension.malformed(
                        "the extension %s is %scritical, which it must %sbe (RFC 5280, 5.2)"
                                .formatted(
                                        identifier,
                                        isCritical ? "" : "not ",
                                        mustBeCritical ? "" : "not "));
            }
            values.put(number, extension.enter(DerReader.OCTET_STRING));
            extension.requireEnd();
        }
        return values;
    }

    private static BigInteger number(DerReader value) throws MalformedException {
        BigInteger number = value.integer(NUMBER_OCTETS_MAX);
        value.requireEnd();
        if (number.signum() < 0) {
            throw value.malformed("the number of the list is negative");
        }
        return number;
    }
}
