package io.muster.ca.issuance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.jspecify.annotations.Nullable;

/**
 * Compares the extensions of a certificate with those that it is to have: these and no others (RFC
 * 5280, 4.2).
 */
final class ExtensionLinter {

    private static final Set<ASN1ObjectIdentifier> CRITICAL =
            Set.of(Extension.basicConstraints, Extension.keyUsage);

    private final CertificateContent content;
    private final Extensions extensions;
    private final List<String> faults = new ArrayList<>();

    private ExtensionLinter(CertificateContent content, Extensions extensions) {
        this.content = content;
        this.extensions = extensions;
    }

    static List<String> faults(CertificateContent content, TBSCertificate certificate) {
        Extensions extensions = certificate.getExtensions();
        if (extensions == null) {
            return List.of("it has no extensions");
        }
        ExtensionLinter linter = new ExtensionLinter(content, extensions);
        if (linter.hasTheRightOnes()) {
            linter.compareUse();
            linter.compareNames();
            linter.compareKeys(certificate);
            if (content.kind() != CertificateKind.ROOT) {
                linter.compareAddresses();
            }
        }
        return linter.faults;
    }

    private void require(boolean condition, String fault) {
        if (!condition) {
            faults.add(fault);
        }
    }

    private boolean hasTheRightOnes() {
        Map<ASN1ObjectIdentifier, Boolean> expected = new LinkedHashMap<>();
        for (ASN1ObjectIdentifier type : expectedTypes()) {
            expected.put(type, CRITICAL.contains(type));
        }
        Map<ASN1ObjectIdentifier, Boolean> found = new LinkedHashMap<>();
        for (ASN1ObjectIdentifier type : extensions.getExtensionOIDs()) {
            found.put(type, extensions.getExtension(type).isCritical());
        }
        boolean right =
                found.equals(expected) && extensions.getExtensionOIDs().length == expected.size();
        require(right, "its extensions are (and are critical) " + found + ", not " + expected);
        return right;
    }

    private List<ASN1ObjectIdentifier> expectedTypes() {
        CertificateKind kind = content.kind();
        List<ASN1ObjectIdentifier> types = new ArrayList<>();
        types.add(Extension.basicConstraints);
        types.add(Extension.keyUsage);
        types.add(Extension.subjectKeyIdentifier);
        types.add(Extension.authorityKeyIdentifier);
        if (!kind.isRoot()) {
            types.add(Extension.extendedKeyUsage);
        }
        if (content.profile().policy() != null) {
            types.add(Extension.certificatePolicies);
        }
        if (kind.hasNames()) {
            types.add(Extension.subjectAlternativeName);
        }
        if (kind == CertificateKind.OCSP_SIGNER) {
            types.add(OCSPObjectIdentifiers.id_pkix_ocsp_nocheck);
        }
        if (kind != CertificateKind.ROOT) {
            types.add(Extension.cRLDistributionPoints);
            types.add(Extension.authorityInfoAccess);
        }
        if (kind == CertificateKind.DEVICE) {
            types.add(MiscObjectIdentifiers.netscapeCARevocationURL);
        }
        return types;
    }

    private void compareUse() {
        CertificateKind kind = content.kind();
        BasicConstraints constraints = BasicConstraints.fromExtensions(extensions);
        require(constraints.isCA() == kind.isAuthority(), "it is an authority, or none, wrongly");
        Integer length =
                constraints.getPathLenConstraint() == null
                        ? null
                        : constraints.getPathLenConstraint().intValueExact();
        Integer expected = kind.pathLength().isPresent() ? kind.pathLength().getAsInt() : null;
        require(
                Optional.ofNullable(length).equals(Optional.ofNullable(expected)),
                "its path length is " + length + ", not " + expected);
        require(
                KeyUsage.fromExtensions(extensions).equals(new KeyUsage(kind.keyUsage())),
                "its key usage is another");
        ExtendedKeyUsage purposes = ExtendedKeyUsage.fromExtensions(extensions);
        List<KeyPurposeId> found = purposes == null ? List.of() : List.of(purposes.getUsages());
        require(
                found.equals(kind.purpose().map(List::of).orElse(List.of())),
                "the purposes of its key are " + found);
        if (kind == CertificateKind.OCSP_SIGNER) {
            require(
                    DERNull.INSTANCE.equals(
                            extensions.getExtensionParsedValue(
                                    OCSPObjectIdentifiers.id_pkix_ocsp_nocheck)),
                    "that nobody asks whether it is revoked is not said as it should be");
        }
        comparePolicy(CertificatePolicies.fromExtensions(extensions));
    }

    private void comparePolicy(@Nullable CertificatePolicies policies) {
        String expected = content.profile().policy();
        List<String> found =
                policies == null
                        ? List.of()
                        : Arrays.stream(policies.getPolicyInformation())
                                .map(policy -> policy.getPolicyIdentifier().getId())
                                .toList();
        require(
                found.equals(expected == null ? List.of() : List.of(expected)),
                "its policies are " + found);
    }

    private void compareNames() {
        List<AlternativeName> expected = content.subject().alternativeNames();
        GeneralNames names =
                GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
        GeneralName[] found = names == null ? new GeneralName[0] : names.getNames();
        boolean equal = found.length == expected.size();
        for (int i = 0; equal && i < found.length; i++) {
            equal = expected.get(i).isEncodedAs(found[i]);
        }
        require(equal, "its alternative names are " + Arrays.toString(found));
    }

    private void compareKeys(TBSCertificate certificate) {
        require(
                Arrays.equals(
                        SubjectKeyIdentifier.fromExtensions(extensions).getKeyIdentifier(),
                        KeyIdentifier.of(certificate.getSubjectPublicKeyInfo())),
                "its key is called otherwise");
        AuthorityKeyIdentifier issuer = AuthorityKeyIdentifier.fromExtensions(extensions);
        require(
                issuer.getAuthorityCertIssuer() == null
                        && issuer.getAuthorityCertSerialNumber() == null,
                "it names its issuer's certificate");
        require(
                Arrays.equals(issuer.getKeyIdentifierOctets(), content.issuer().keyIdentifier()),
                "it calls its issuer's key otherwise");
    }

    private void compareAddresses() {
        IssuerAddresses addresses = content.issuer().addresses();
        String list = addresses.revocationList(content.serial());
        DistributionPoint[] points =
                CRLDistPoint.getInstance(
                                extensions.getExtensionParsedValue(Extension.cRLDistributionPoints))
                        .getDistributionPoints();
        require(
                points.length == 1
                        && points[0].getReasons() == null
                        && points[0].getCRLIssuer() == null
                        && isAddress(points[0].getDistributionPoint(), list),
                "its revocation list is elsewhere");
        if (content.kind() == CertificateKind.DEVICE) {
            ASN1IA5String old =
                    ASN1IA5String.getInstance(
                            extensions.getExtensionParsedValue(
                                    MiscObjectIdentifiers.netscapeCARevocationURL));
            require(old.getString().equals(list), "older clients find another revocation list");
        }
        compareAccess(AuthorityInformationAccess.fromExtensions(extensions), addresses);
    }

    private static boolean isAddress(@Nullable DistributionPointName name, String address) {
        if (name == null || name.getType() != DistributionPointName.FULL_NAME) {
            return false;
        }
        GeneralName[] names = GeneralNames.getInstance(name.getName()).getNames();
        return names.length == 1 && isAddress(names[0], address);
    }

    private static boolean isAddress(GeneralName name, String address) {
        return name.getTagNo() == GeneralName.uniformResourceIdentifier
                && ASN1IA5String.getInstance(name.getName()).getString().equals(address);
    }

    private void compareAccess(AuthorityInformationAccess access, IssuerAddresses addresses) {
        AccessDescription[] found = access.getAccessDescriptions();
        String responder = addresses.responder();
        boolean equal =
                found.length == (responder == null ? 1 : 2)
                        && found[0].getAccessMethod().equals(AccessDescription.id_ad_caIssuers)
                        && isAddress(found[0].getAccessLocation(), addresses.certificate());
        if (equal && responder != null) {
            equal =
                    found[1].getAccessMethod().equals(AccessDescription.id_ad_ocsp)
                            && isAddress(found[1].getAccessLocation(), responder);
        }
        require(equal, "its issuer's certificate or responder are elsewhere");
    }
}
