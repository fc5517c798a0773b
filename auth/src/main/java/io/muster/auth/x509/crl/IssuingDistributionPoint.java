package io.muster.auth.x509.crl;

import io.muster.auth.x509.encoding.DerReader;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.encoding.MalformedException;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * Which part of an issuer's certificates a list is about (RFC 5280, 5.2.5). Immutable.
 *
 * @param names of the distribution point; none for a list of all
 * @param scope what certificates it is about; empty for both
 */
record IssuingDistributionPoint(Set<DistributionPointName> names, Optional<CrlScope> scope) {

    /** A list of everything. */
    static final IssuingDistributionPoint EVERYTHING =
            new IssuingDistributionPoint(Set.of(), Optional.empty());

    IssuingDistributionPoint {
        names = Set.copyOf(names);
    }

    static IssuingDistributionPoint read(DerReader extension, X500Principal issuer)
            throws MalformedException, CrlRefusedException {
        DerReader point = extension.enter(DerReader.SEQUENCE);
        extension.requireEnd();
        Set<DistributionPointName> names = Set.of();
        if (point.isNext(DerReader.constructed(0))) {
            names = DistributionPointName.read(point.enter(DerReader.constructed(0)), issuer);
        }
        boolean ofEndEntities = point.flag(DerReader.primitive(1));
        boolean ofAuthorities = point.flag(DerReader.primitive(2));
        if (point.isNext(DerReader.primitive(3))) {
            throw new CrlRefusedException(
                    CrlFailure.SOME_REASONS, "the list has revocations for some reasons only");
        }
        if (point.flag(DerReader.primitive(4))) {
            throw new CrlRefusedException(
                    CrlFailure.INDIRECT, "the list has entries of other issuers");
        }
        if (point.flag(DerReader.primitive(5)) || (ofEndEntities && ofAuthorities)) {
            throw new CrlRefusedException(
                    CrlFailure.SCOPE, "the list is about no certificates of public keys");
        }
        point.requireEnd();
        return new IssuingDistributionPoint(names, scope(ofEndEntities, ofAuthorities));
    }

    private static Optional<CrlScope> scope(boolean ofEndEntities, boolean ofAuthorities) {
        if (ofEndEntities) {
            return Optional.of(CrlScope.END_ENTITY);
        }
        return ofAuthorities ? Optional.of(CrlScope.AUTHORITY) : Optional.empty();
    }
}
