package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.Owner;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.issuance.Subject;
import io.muster.ca.weakkey.TestKeys;
import java.util.List;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.junit.jupiter.api.Test;

/** Rule 16, about what a request asks for beside its key. */
class ExtensionRulesTest {

    private static final ASN1ObjectIdentifier EXTENSION_REQUEST =
            PKCSObjectIdentifiers.pkcs_9_at_extensionRequest;
    private static final ASN1ObjectIdentifier OLD_EXTENSION_REQUEST =
            new ASN1ObjectIdentifier("1.3.6.1.4.1.311.2.1.14");
    private static final GeneralName OWN =
            new GeneralName(GeneralName.uniformResourceIdentifier, Desk.URI);

    @Test
    void whatTheCertificateHasAnywayMayBeAskedFor() {
        SubjectPublicKeyInfo key =
                SubjectPublicKeyInfo.getInstance(TestKeys.P256.getPublic().getEncoded());

        accept(request());
        accept(name(OWN));
        accept(
                name(OWN)
                        .extension(Extension.basicConstraints, new BasicConstraints(false))
                        .extension(Extension.keyUsage, new KeyUsage(KeyUsage.digitalSignature))
                        .extension(
                                Extension.extendedKeyUsage,
                                new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth))
                        .extension(
                                Extension.subjectKeyIdentifier,
                                new BcX509ExtensionUtils().createSubjectKeyIdentifier(key)));
    }

    @Test
    void aServerAsksForItsNamesInAnyOrderAndForNoOthers() {
        Applicant server =
                Applicant.server(
                        new Owner.Server("hub2.example"),
                        Subject.server(List.of("hub2.example", "10.0.0.2"), null));
        GeneralName host = new GeneralName(GeneralName.dNSName, "hub2.example");
        GeneralName address = new GeneralName(GeneralName.iPAddress, "10.0.0.2");
        GeneralName other = new GeneralName(GeneralName.dNSName, "hub3.example");
        ExtendedKeyUsage ofServers = new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth);

        assertThatCode(
                        () ->
                                new Desk()
                                        .accept(
                                                name(address, host)
                                                        .subject("CN=hub2.example")
                                                        .extension(
                                                                Extension.extendedKeyUsage,
                                                                ofServers),
                                                server))
                .doesNotThrowAnyException();
        for (GeneralName[] names :
                new GeneralName[][] {
                    {host}, {host, address, other}, {host, other}, {host, host}, {OWN}, {}
                }) {
            assertThat(refusal(name(names).subject("CN=10.0.0.2"), server))
                    .isEqualTo(RefusalCode.SAN_NOT_ALLOWED);
        }
        assertThat(refusal(request().subject("CN=hub3.example"), server))
                .isEqualTo(RefusalCode.SUBJECT_MISMATCH);
        assertThat(refusal(request().subject("CN=hub2.example,OU=pk1"), server))
                .isEqualTo(RefusalCode.SUBJECT_MISMATCH);
        ExtendedKeyUsage ofClients = new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth);
        assertThat(
                        refusal(
                                request()
                                        .subject("CN=hub2.example")
                                        .extension(Extension.extendedKeyUsage, ofClients),
                                server))
                .isEqualTo(RefusalCode.EXTENSION_NOT_ALLOWED);
    }

    private static RefusalCode refusal(RequestBuilder request, Applicant applicant) {
        return assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> new Desk().accept(request, applicant))
                .actual()
                .code();
    }

    @Test
    void anotherAlternativeNameIsRefused() {
        GeneralName[][] others = {
            {new GeneralName(GeneralName.uniformResourceIdentifier, "urn:device:pk1:dev2")},
            {new GeneralName(GeneralName.uniformResourceIdentifier, "URN:device:pk1:dev1")},
            {new GeneralName(GeneralName.uniformResourceIdentifier, Desk.URI + "\0")},
            {OWN, OWN},
            {OWN, new GeneralName(GeneralName.dNSName, "dev1")},
            {new GeneralName(GeneralName.dNSName, Desk.URI)},
            {new GeneralName(GeneralName.rfc822Name, "dev1@example.com")},
            {new GeneralName(GeneralName.iPAddress, "127.0.0.1")},
            {new GeneralName(new X500Name("CN=dev2"))},
            {
                new GeneralName(
                        GeneralName.otherName,
                        new OtherName(
                                new ASN1ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"),
                                new DERUTF8String("admin@example.com")))
            },
            {}
        };
        for (GeneralName[] names : others) {
            RequestRefusedException refused = new Desk().refusal(name(names));

            assertThat(refused.code()).isEqualTo(RefusalCode.SAN_NOT_ALLOWED);
            assertThat(refused).hasMessageContaining(Desk.URI);
        }
    }

    @Test
    void whatTheCertificateWillNotHaveIsRefusedAndNotDropped() {
        refuse(request().extension(Extension.basicConstraints, new BasicConstraints(true)));
        refuse(request().extension(Extension.basicConstraints, new BasicConstraints(0)));
        refuse(
                request()
                        .extension(
                                Extension.keyUsage,
                                new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)));
        refuse(request().extension(Extension.keyUsage, new KeyUsage(KeyUsage.keyEncipherment)));
        refuse(
                request()
                        .extension(
                                Extension.extendedKeyUsage,
                                new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth)));
        refuse(
                request()
                        .extension(
                                Extension.extendedKeyUsage,
                                new ExtendedKeyUsage(
                                        new KeyPurposeId[] {
                                            KeyPurposeId.id_kp_clientAuth,
                                            KeyPurposeId.id_kp_serverAuth
                                        })));
        refuse(
                request()
                        .extension(
                                Extension.extendedKeyUsage,
                                new ExtendedKeyUsage(KeyPurposeId.anyExtendedKeyUsage)));
        refuse(
                request()
                        .extension(
                                Extension.subjectKeyIdentifier,
                                new SubjectKeyIdentifier(new byte[20])));
        refuse(request().extension(Extension.issuerAlternativeName, new GeneralNames(OWN)));
        refuse(request().extension(new ASN1ObjectIdentifier("1.2.3.4"), new ASN1Integer(1)));
    }

    @Test
    void theSameExtensionTwiceIsRefused() {
        refuse(
                request()
                        .extension(Extension.basicConstraints, new BasicConstraints(false))
                        .extension(Extension.basicConstraints, new BasicConstraints(false)));
    }

    @Test
    void theOldAttributeAsksForExtensionsToo() {
        DERSequence authority =
                new DERSequence(extension(Extension.basicConstraints, new BasicConstraints(true)));

        refuse(request().attribute(OLD_EXTENSION_REQUEST, authority));
    }

    @Test
    void moreThanOneListOfExtensionsIsRefused() {
        DERSequence harmless =
                new DERSequence(extension(Extension.basicConstraints, new BasicConstraints(false)));
        DERSequence harmlessToo =
                new DERSequence(
                        extension(Extension.keyUsage, new KeyUsage(KeyUsage.digitalSignature)));

        accept(request().attribute(EXTENSION_REQUEST, harmless));
        refuse(request().attribute(EXTENSION_REQUEST, harmless, harmlessToo));
        refuse(
                request()
                        .attribute(EXTENSION_REQUEST, harmless)
                        .attribute(EXTENSION_REQUEST, harmlessToo));
        refuse(
                request()
                        .attribute(EXTENSION_REQUEST, harmless)
                        .attribute(OLD_EXTENSION_REQUEST, harmlessToo));
    }

    @Test
    void aListOfExtensionsThatIsNoneIsRefused() {
        DEROctetString value = new DEROctetString(new byte[] {0x30, 0});
        refuse(request().attribute(EXTENSION_REQUEST, new ASN1Integer(1)));
        refuse(request().attribute(EXTENSION_REQUEST, new DERSequence(new ASN1Integer(1))));
        refuse(
                request()
                        .attribute(
                                EXTENSION_REQUEST,
                                new DERSequence(new DERSequence(Extension.basicConstraints))));
        refuse(
                request()
                        .attribute(
                                EXTENSION_REQUEST,
                                new DERSequence(
                                        new DERSequence(
                                                new ASN1Encodable[] {
                                                    Extension.basicConstraints, value, value
                                                }))));
        // Critical FALSE is not DER
        refuse(
                request()
                        .attribute(
                                EXTENSION_REQUEST,
                                new DERSequence(
                                        new DERSequence(
                                                new ASN1Encodable[] {
                                                    Extension.basicConstraints,
                                                    ASN1Boolean.FALSE,
                                                    value
                                                }))));
    }

    @Test
    void attributesThatAskForNothingAreLeftAlone() {
        accept(
                request()
                        .attribute(
                                PKCSObjectIdentifiers.pkcs_9_at_challengePassword,
                                new DERUTF8String("secret"))
                        .attribute(
                                PKCSObjectIdentifiers.pkcs_9_at_unstructuredName,
                                new DERUTF8String("a meter")));
    }

    private static Extension extension(ASN1ObjectIdentifier type, ASN1Encodable value) {
        try {
            return new Extension(type, false, value.toASN1Primitive().getEncoded());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static RequestBuilder request() {
        return RequestBuilder.of(TestKeys.P256);
    }

    private static RequestBuilder name(GeneralName... names) {
        return request().extension(Extension.subjectAlternativeName, new GeneralNames(names));
    }

    private static void accept(RequestBuilder request) {
        assertThatCode(() -> new Desk().accept(request)).doesNotThrowAnyException();
    }

    private static void refuse(RequestBuilder request) {
        RequestRefusedException refused = new Desk().refusal(request);
        assertThat(refused.code()).isEqualTo(RefusalCode.EXTENSION_NOT_ALLOWED);
    }
}
