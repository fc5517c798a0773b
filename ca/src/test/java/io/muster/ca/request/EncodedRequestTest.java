package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.weakkey.TestKeys;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedRequestTest {

    private static final byte[] DER = RequestBuilder.of(TestKeys.P256).der();
    private static final String BASE64 =
            Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(DER);

    @Test
    void derIsTaken() throws Exception {
        assertThat(EncodedRequest.of(DER).read().getEncoded()).isEqualTo(DER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"})
    void pemIsTakenWithBothLabels(String label) throws Exception {
        assertThat(EncodedRequest.of(pem(label, BASE64)).read().getEncoded()).isEqualTo(DER);
    }

    @Test
    void lineEndsAndLengthsDoNotMatter() throws Exception {
        String inOneLine = pem("CERTIFICATE REQUEST", BASE64.replace("\n", ""));
        String withReturns = "\r\n" + pem("CERTIFICATE REQUEST", BASE64).replace("\n", "\r\n");

        assertThat(EncodedRequest.of(inOneLine).read().getEncoded()).isEqualTo(DER);
        assertThat(EncodedRequest.of(withReturns).read().getEncoded()).isEqualTo(DER);
    }

    @Test
    void moreThanSixteenKibibytesAreTooLargeWhateverTheyAre() {
        byte[] body = Arrays.copyOf(DER, EncodedRequest.MAX_BYTES + 1);
        String pem = pem("CERTIFICATE REQUEST", BASE64) + "\n".repeat(EncodedRequest.MAX_BYTES);

        assertThat(refusal(body).code()).isEqualTo(RefusalCode.CSR_TOO_LARGE);
        assertThat(refusal(body)).hasMessageContaining("16384 bytes");
        assertThat(refusalOf(pem).code()).isEqualTo(RefusalCode.CSR_TOO_LARGE);
        assertThat(refusalOf("€".repeat(EncodedRequest.MAX_BYTES)).code())
                .isEqualTo(RefusalCode.CSR_TOO_LARGE);
        assertThat(refusal(Arrays.copyOf(DER, EncodedRequest.MAX_BYTES)).code())
                .isEqualTo(RefusalCode.CSR_MALFORMED);
    }

    @Test
    void bytesBehindTheEndAreMalformedBeforeAnybodyReads() {
        for (int length : new int[] {DER.length + 1, DER.length - 1}) {
            assertThat(
                            catchThrowableOfType(
                                    RequestRefusedException.class,
                                    () -> EncodedRequest.of(Arrays.copyOf(DER, length))))
                    .hasMessageContaining("it is not DER: ")
                    .extracting(RequestRefusedException::code)
                    .isEqualTo(RefusalCode.CSR_MALFORMED);
        }
    }

    @Test
    void whatIsLeftOverOfTheLastDigitMustBeZero() throws Exception {
        String base64 = "";
        for (String name = "x"; !base64.endsWith("="); name += "x") {
            byte[] der = RequestBuilder.of(TestKeys.ED25519).subject("CN=" + name).der();
            base64 = Base64.getEncoder().encodeToString(der);
        }
        int last = base64.indexOf('=') - 1;
        String other =
                base64.substring(0, last)
                        + (char) (base64.charAt(last) + 1)
                        + base64.substring(last + 1);

        assertThat(EncodedRequest.of(pem("CERTIFICATE REQUEST", base64)).read()).isNotNull();
        assertThat(refusalOf(pem("CERTIFICATE REQUEST", other)))
                .hasMessageContaining("is not base64");
    }

    @Test
    void bytesBehindTheEndInPemAreMalformed() {
        byte[] longer = Arrays.copyOf(DER, DER.length + 1);
        String pem = pem("CERTIFICATE REQUEST", Base64.getEncoder().encodeToString(longer));

        assertThat(refusalOf(pem).code()).isEqualTo(RefusalCode.CSR_MALFORMED);
    }

    @Test
    void whatIsNoSinglePemBlockIsMalformed() {
        String good = pem("CERTIFICATE REQUEST", BASE64);
        String[] bad = {
            "",
            " ",
            "hello",
            good + "\n" + good,
            good + "\nhello",
            "hello\n" + good,
            "\ufeff" + good,
            good.replace("-----END CERTIFICATE REQUEST-----", ""),
            good.replace("-----END CERTIFICATE", "-----END NEW CERTIFICATE"),
            good.replace("-----BEGIN CERTIFICATE", "-----BEGIN NEW CERTIFICATE"),
            good.replace("CERTIFICATE REQUEST", "CERTIFICATE"),
            "-----BEGIN CERTIFICATE REQUEST-----END CERTIFICATE REQUEST-----",
            pem("CERTIFICATE REQUEST", ""),
            pem("CERTIFICATE REQUEST", "Proc-Type: 4,ENCRYPTED\n\n" + BASE64),
            pem("CERTIFICATE REQUEST", BASE64 + "="),
            pem("CERTIFICATE REQUEST", "=" + BASE64),
            pem("CERTIFICATE REQUEST", BASE64.replace('\n', '\u00a0')),
            pem("CERTIFICATE REQUEST", "!" + BASE64),
        };

        for (String pem : bad) {
            assertThat(refusalOf(pem).code()).as(pem).isEqualTo(RefusalCode.CSR_MALFORMED);
            assertThat(refusalOf(pem)).hasMessageContaining("Allowed is one PKCS#10 request");
        }
    }

    @Test
    void anotherVersionIsMalformed() {
        assertThat(refusal(RequestBuilder.of(TestKeys.P256).version(1).der()))
                .hasMessageContaining("version is not 0");
        assertThat(refusal(RequestBuilder.of(TestKeys.P256).version(-1).der()).code())
                .isEqualTo(RefusalCode.CSR_MALFORMED);
    }

    @Test
    void missingAttributesAreMalformed() {
        assertThat(refusal(RequestBuilder.of(TestKeys.P256).withoutAttributes().der()))
                .hasMessageContaining("attributes are missing");
    }

    @Test
    void attributesThatAreNoneAreMalformed() {
        assertThat(
                        refusal(
                                        RequestBuilder.of(TestKeys.P256)
                                                .attribute(new ASN1Integer(1))
                                                .der())
                                .code())
                .isEqualTo(RefusalCode.CSR_MALFORMED);
        assertThat(
                        refusal(
                                        RequestBuilder.of(TestKeys.P256)
                                                .attribute(
                                                        PKCSObjectIdentifiers
                                                                .pkcs_9_at_unstructuredName)
                                                .der())
                                .code())
                .isEqualTo(RefusalCode.CSR_MALFORMED);
        assertThat(
                        refusal(
                                        RequestBuilder.of(TestKeys.P256)
                                                .attribute(
                                                        new DERSequence(
                                                                new ASN1Encodable[] {
                                                                    PKCSObjectIdentifiers
                                                                            .pkcs_9_at_unstructuredName,
                                                                    new DERSet(
                                                                            new DERUTF8String("a")),
                                                                    new DERSet()
                                                                }))
                                                .der())
                                .code())
                .isEqualTo(RefusalCode.CSR_MALFORMED);
    }

    @Test
    void aSubjectThatIsNoneIsMalformed() {
        DERSequence name =
                new DERSequence(new ASN1Encodable[] {BCStyle.CN, new DERUTF8String("dev1")});
        for (ASN1Encodable subject :
                new ASN1Encodable[] {
                    new DERSet(),
                    new DERSequence(new ASN1Integer(1)),
                    new DERSequence(name),
                    new DERSequence(new DERSet()),
                    new DERSequence(new DERSet(new ASN1Integer(1))),
                    new DERSequence(new DERSet(new DERSequence(BCStyle.CN))),
                    new DERSequence(
                            new DERSet(
                                    new DERSequence(
                                            new ASN1Encodable[] {
                                                BCStyle.CN,
                                                new DERUTF8String("dev1"),
                                                new ASN1Integer(1)
                                            })))
                }) {
            assertThat(refusal(RequestBuilder.of(TestKeys.P256).subject(subject).der()).code())
                    .isEqualTo(RefusalCode.CSR_MALFORMED);
        }
    }

    @Test
    void moreElementsThanThereAreAreMalformed() throws Exception {
        ASN1Sequence request = ASN1Sequence.getInstance(DER);
        ASN1EncodableVector outer = new ASN1EncodableVector();
        request.forEach(outer::add);
        outer.add(new DERSequence());
        ASN1EncodableVector inner = new ASN1EncodableVector();
        ASN1Sequence.getInstance(request.getObjectAt(0)).forEach(inner::add);
        inner.add(new DERSequence());

        byte[] longer = new DERSequence(outer).getEncoded(ASN1Encoding.DER);

        assertThat(refusal(longer).code()).isEqualTo(RefusalCode.CSR_MALFORMED);
        assertThat(refusal(RequestBuilder.of(TestKeys.P256).der(new DERSequence(inner))).code())
                .isEqualTo(RefusalCode.CSR_MALFORMED);
    }

    @Test
    void aSetInAnotherOrderIsNotDer() {
        byte[] sorted =
                RequestBuilder.of(TestKeys.P256)
                        .attribute(
                                PKCSObjectIdentifiers.pkcs_9_at_unstructuredName,
                                new DERUTF8String("aaaa"),
                                new DERUTF8String("bbbb"))
                        .der();
        String asText = new String(sorted, StandardCharsets.ISO_8859_1);
        byte[] unsorted =
                asText.replace("aaaa", "####")
                        .replace("bbbb", "aaaa")
                        .replace("####", "bbbb")
                        .getBytes(StandardCharsets.ISO_8859_1);

        assertThat(asText).contains("aaaa");
        assertThat(refusal(unsorted)).hasMessageContaining("not in DER");
    }

    @Test
    void aRequestIsNotChangedFromOutside() throws RequestRefusedException {
        byte[] body = DER.clone();
        EncodedRequest request = EncodedRequest.of(body);

        Arrays.fill(body, (byte) 0);

        assertThat(request.read()).isNotNull();
    }

    private static String pem(String label, String base64) {
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    private static RequestRefusedException refusalOf(String pem) {
        return catchThrowableOfType(
                RequestRefusedException.class, () -> EncodedRequest.of(pem).read());
    }

    private static RequestRefusedException refusal(byte[] body) {
        return catchThrowableOfType(
                RequestRefusedException.class, () -> EncodedRequest.of(body).read());
    }
}
