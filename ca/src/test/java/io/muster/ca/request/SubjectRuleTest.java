package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.weakkey.TestKeys;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERT61String;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule 15, and what authorities demand that copy the subject. */
class SubjectRuleTest {

    private static final String COMPLETE = "C=CN,ST=Shanghai,L=Pudong,O=Maker,OU=Things,CN=meter 7";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "CN=dev1",
                "CN=dev1,OU=pk1",
                "OU=pk1,CN=dev1",
                "CN=dev1+OU=pk1",
                "C=DE,ST=Berlin,L=Berlin,O=Maker,O=Other,OU=pk1,CN=dev1"
            })
    void ownNamesAreTaken(String subject) {
        assertThatCode(() -> new Desk().accept(request(subject))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CN=dev2",
                "CN=DEV1",
                "CN=dev1\\ ",
                "CN=dev1\\,OU\\=pk1",
                "OU=pk1",
                "O=Maker",
                "CN=dev1,CN=dev1",
                "CN=dev1,CN=dev2",
                "CN=dev1+CN=dev2",
                "CN=dev1,OU=pk2",
                "CN=dev1,OU=pk1,OU=pk1",
                "CN=dev1,E=dev1@example.com",
                "CN=dev1,UID=dev1",
                "CN=dev1,SERIALNUMBER=1",
                "CN=dev1,DC=example",
                "CN=dev1+E=dev2"
            })
    void otherNamesAreRefused(String subject) {
        RequestRefusedException refused = new Desk().refusal(request(subject));

        assertThat(refused.code()).isEqualTo(RefusalCode.SUBJECT_MISMATCH);
        assertThat(refused).hasMessageContaining("it may be empty, or have one CN");
    }

    @Test
    void aNameMayBeAnyKindOfTextButNothingElse() {
        for (ASN1Encodable text :
                new ASN1Encodable[] {
                    new DERUTF8String("dev1"),
                    new DERPrintableString("dev1"),
                    new DERT61String("dev1"),
                    new DERBMPString("dev1")
                }) {
            assertThatCode(
                            () ->
                                    new Desk()
                                            .accept(
                                                    RequestBuilder.of(TestKeys.P256)
                                                            .subject(commonName(text))))
                    .doesNotThrowAnyException();
        }
        for (ASN1Encodable other :
                new ASN1Encodable[] {
                    new ASN1Integer(1),
                    new DEROctetString("dev1".getBytes(StandardCharsets.US_ASCII)),
                    new DERBitString("dev1".getBytes(StandardCharsets.US_ASCII)),
                    new DERSequence(new DERUTF8String("dev1"))
                }) {
            assertThat(
                            new Desk()
                                    .refusal(
                                            RequestBuilder.of(TestKeys.P256)
                                                    .subject(commonName(other)))
                                    .code())
                    .isEqualTo(RefusalCode.SUBJECT_MISMATCH);
        }
    }

    @Test
    void textThatIsNoUtf8IsRefused() throws Exception {
        RequestBuilder request = request("CN=zzzzzz");
        String info = HexFormat.of().formatHex(request.info().getEncoded("DER"));
        byte[] changed = HexFormat.of().parseHex(info.replace("7a7a7a7a7a7a", "c080c080c080"));

        byte[] signed = request.der(ASN1Primitive.fromByteArray(changed));

        assertThat(new Desk().refusal(signed))
                .hasMessageContaining("no text")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.SUBJECT_MISMATCH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                COMPLETE,
                COMPLETE + ",E=maker@example.com",
                COMPLETE + ",OU=More",
                "CN=dev1,OU=pk1,O=x,L=x,ST=x,C=DE"
            })
    void aCompleteSubjectIsTakenWhoeverItNames(String subject) {
        assertThatCode(() -> complete().accept(request(subject))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "ST", "L", "O", "OU", "CN"})
    void whatASubjectLacksIsNamed(String type) {
        String subject = COMPLETE.replaceAll("(^|,)" + type + "=[^,]*", "").replaceAll("^,", "");

        assertThat(complete().refusal(request(subject)))
                .hasMessageContaining(" has no " + type + ";")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.SUBJECT_MISMATCH);
    }

    @Test
    void aCompleteSubjectHasSixtyFourCharactersInEachName() {
        String longest = "\u00fc".repeat(64);

        assertThatCode(() -> complete().accept(request(COMPLETE.replace("Maker", longest))))
                .doesNotThrowAnyException();
        for (String subject :
                new String[] {
                    "",
                    COMPLETE.replace("Maker", longest + "x"),
                    COMPLETE.replace("Maker", ""),
                    COMPLETE.replace("Maker", "\\ "),
                    COMPLETE + ",CN=meter 8",
                    COMPLETE + ",E=" + "x".repeat(65),
                    COMPLETE + ",E=a@example.com,E=b@example.com",
                    COMPLETE + ",UID=1"
                }) {
            assertThat(complete().refusal(request(subject)).code())
                    .as(subject)
                    .isEqualTo(RefusalCode.SUBJECT_MISMATCH);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "CHN"})
    void aCountryHasTwoCharacters(String country) {
        X500NameBuilder subject = new X500NameBuilder();
        for (RDN rdn : new X500Name(COMPLETE).getRDNs()) {
            AttributeTypeAndValue name = rdn.getFirst();
            subject.addRDN(
                    name.getType(),
                    name.getType().equals(BCStyle.C)
                            ? new DERPrintableString(country)
                            : name.getValue());
        }
        RequestBuilder request = RequestBuilder.of(TestKeys.P256).subject(subject.build());

        assertThat(complete().refusal(request))
                .hasMessageContaining("too short or too long: C;")
                .extracting(RequestRefusedException::code)
                .isEqualTo(RefusalCode.SUBJECT_MISMATCH);
    }

    private static Desk complete() {
        return new Desk().subject(SubjectRule.COMPLETE);
    }

    private static RequestBuilder request(String subject) {
        return RequestBuilder.of(TestKeys.P256).subject(subject);
    }

    private static DERSequence commonName(ASN1Encodable value) {
        return new DERSequence(
                new DERSet(new DERSequence(new ASN1Encodable[] {BCStyle.CN, value})));
    }
}
