package io.muster.ca.issuance;

import java.util.Date;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
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
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;

/** Writes down what is to be signed (tbsCertificate, RFC 5280, 4.1.2); confined to a thread. */
final class ToBeSigned {

    private final CertificateContent content;
    private final X509v3CertificateBuilder certificate;

    private ToBeSigned(CertificateContent content) {
        this.content = content;
        this.certificate =
                new X509v3CertificateBuilder(
                        content.issuer().name(),
                        content.serial().toInteger(),
                        time(Date.from(content.validity().notBefore())),
                        time(Date.from(content.validity().notAfter())),
                        content.subject().toName(),
                        content.keyInfo());
    }

    /** The default locale may write other digits. */
    private static Time time(Date date) {
        return new Time(date, Locale.ROOT);
    }

    static X509v3CertificateBuilder of(CertificateContent content) {
        ToBeSigned toBeSigned = new ToBeSigned(content);
        try {
            toBeSigned.addUse();
            toBeSigned.addNames();
            toBeSigned.addAddresses();
        } catch (CertIOException unencodable) {
            throw new IllegalStateException("an extension cannot be encoded", unencodable);
        }
        return toBeSigned.certificate;
    }

    private void add(ASN1ObjectIdentifier type, ASN1Encodable value) throws CertIOException {
        certificate.addExtension(type, false, value);
    }

    private void addUse() throws CertIOException {
        CertificateKind kind = content.kind();
        BasicConstraints constraints =
                kind.pathLength().isPresent()
                        ? new BasicConstraints(kind.pathLength().getAsInt())
                        : new BasicConstraints(kind.isAuthority());
        certificate.addExtension(Extension.basicConstraints, true, constraints);
        certificate.addExtension(Extension.keyUsage, true, new KeyUsage(kind.keyUsage()));
        if (kind.purpose().isPresent()) {
            add(Extension.extendedKeyUsage, new ExtendedKeyUsage(kind.purpose().get()));
        }
        if (kind == CertificateKind.OCSP_SIGNER) {
            add(OCSPObjectIdentifiers.id_pkix_ocsp_nocheck, DERNull.INSTANCE);
        }
        String policy = content.profile().policy();
        if (policy != null) {
            PolicyInformation information = new PolicyInformation(new ASN1ObjectIdentifier(policy));
            add(Extension.certificatePolicies, new CertificatePolicies(information));
        }
    }

    private void addNames() throws CertIOException {
        if (!content.subject().alternativeNames().isEmpty()) {
            GeneralName[] names =
                    content.subject().alternativeNames().stream()
                            .map(AlternativeName::toGeneralName)
                            .toArray(GeneralName[]::new);
            add(Extension.subjectAlternativeName, new GeneralNames(names));
        }
        byte[] identifier = KeyIdentifier.of(content.keyInfo());
        add(Extension.subjectKeyIdentifier, new SubjectKeyIdentifier(identifier));
        byte[] issuer = content.issuer().keyIdentifier();
        add(Extension.authorityKeyIdentifier, new AuthorityKeyIdentifier(issuer));
    }

    private void addAddresses() throws CertIOException {
        if (content.kind() == CertificateKind.ROOT) {
            return;
        }
        IssuerAddresses addresses = content.issuer().addresses();
        String list = addresses.revocationList(content.serial());
        GeneralNames place = new GeneralNames(address(list));
        DistributionPoint point =
                new DistributionPoint(new DistributionPointName(place), null, null);
        add(Extension.cRLDistributionPoints, new CRLDistPoint(new DistributionPoint[] {point}));
        if (content.kind() == CertificateKind.DEVICE) {
            // Where older clients of EnOS look.
            add(MiscObjectIdentifiers.netscapeCARevocationURL, new DERIA5String(list, true));
        }
        AccessDescription issuer =
                new AccessDescription(
                        AccessDescription.id_ad_caIssuers, address(addresses.certificate()));
        String responder = addresses.responder();
        AccessDescription[] access =
                responder == null
                        ? new AccessDescription[] {issuer}
                        : new AccessDescription[] {
                            issuer,
                            new AccessDescription(AccessDescription.id_ad_ocsp, address(responder))
                        };
        add(Extension.authorityInfoAccess, new AuthorityInformationAccess(access));
    }

    private static GeneralName address(String uri) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String(uri, true));
    }
}
