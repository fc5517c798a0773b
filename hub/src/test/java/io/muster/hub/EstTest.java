package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.ca.SerialNumber;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.tls.Certificates;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.est.ESTService;
import org.bouncycastle.est.EnrollmentResponse;
import org.bouncycastle.est.jcajce.JcaHttpAuthBuilder;
import org.bouncycastle.est.jcajce.JsseESTServiceBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub and the EST client of BouncyCastle, and requests that a client should not make. */
class EstTest {

    private static RunningHub running;
    private static X509Certificate root;
    private static int devices;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        HubConfig usual = RunningHub.config(folder.resolve("data"));
        running =
                RunningHub.start(
                        RunningHub.with(
                                usual,
                                HubConfig.Certificates.NONE.with(AuthorityConfig.DEFAULT),
                                usual.management()
                                        .with(new HubConfig.ManagementTls(true, "127.0.0.1", 0))));
        root = rootOf(running.hub().authorityBundle().orElseThrow());
    }

    private static X509Certificate rootOf(Path file) throws Exception {
        try (InputStream bundle = Files.newInputStream(file)) {
            for (Certificate each :
                    CertificateFactory.getInstance("X.509").generateCertificates(bundle)) {
                X509Certificate certificate = (X509Certificate) each;
                if (certificate
                        .getIssuerX500Principal()
                        .equals(certificate.getSubjectX500Principal())) {
                    return certificate;
                }
            }
        }
        throw new AssertionError("there is no root in " + file);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    /** A device of the demo product. */
    private record Device(String key, String secret) {

        static synchronized Device create() {
            String key = "est-" + devices++;
            return new Device(key, running.createDevice(key));
        }

        String user() {
            return "demo/" + key;
        }

        String basic() {
            return EstTest.basic(user(), secret);
        }
    }

    /** A key and its certificate. */
    private record Owned(KeyPair keys, X509CertificateHolder certificate) {

        KeyManager[] managers() throws Exception {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry(
                    "own", keys.getPrivate(), new char[0], new Certificate[] {java(certificate)});
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(own, new char[0]);
            return factory.getKeyManagers();
        }
    }

    private static X509Certificate java(X509CertificateHolder holder) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(holder.getEncoded()));
    }

    private static String serial(X509CertificateHolder certificate) {
        return new SerialNumber(certificate.getSerialNumber().longValueExact()).toString();
    }

    private static String basic(String user, String password) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static int port() {
        return running.hub().managementTlsAddress().orElseThrow().getPort();
    }

    private static ESTService est(KeyManager... own) throws Exception {
        JsseESTServiceBuilder builder = new JsseESTServiceBuilder("localhost:" + port(), trust());
        return own.length == 0 ? builder.build() : builder.withKeyManagers(own).build();
    }

    private static PKCS10CertificationRequest request(X500Name subject, KeyPair keys, String... uri)
            throws Exception {
        JcaPKCS10CertificationRequestBuilder builder =
                new JcaPKCS10CertificationRequestBuilder(subject, keys.getPublic());
        if (uri.length > 0) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(
                            new GeneralName(GeneralName.uniformResourceIdentifier, uri[0])));
            builder.addAttribute(
                    PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        return builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
    }

    private static PKCS10CertificationRequest first(Device device, KeyPair keys) throws Exception {
        return request(new X500Name("CN=" + device.key()), keys);
    }

    private static Owned enrolled(Device device) throws Exception {
        KeyPair keys = Certificates.ec();
        EnrollmentResponse response =
                est().simpleEnroll(
                                false,
                                first(device, keys),
                                new JcaHttpAuthBuilder(
                                                "muster",
                                                device.user(),
                                                device.secret().toCharArray())
                                        .build());
        return new Owned(keys, only(response));
    }

    private static X509CertificateHolder only(EnrollmentResponse response) {
        var all = response.getStore().getMatches(null);
        assertThat(all).hasSize(1);
        return all.iterator().next();
    }

    /** A request by a client that shows this, or nothing. */
    private static HttpResponse<String> post(
            @Nullable Owned own, String operation, String type, String body, String... headers)
            throws Exception {
        return client(own).send(posted(operation, type, body, headers), BodyHandlers.ofString());
    }

    /** A request for a first certificate by a device that shows none, and sends its secret. */
    private static HttpResponse<String> bySecret(Device device, String body) throws Exception {
        return post(
                null, "simpleenroll", "application/pkcs10", body, "Authorization", device.basic());
    }

    private static HttpRequest posted(
            String operation, String type, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "https://localhost:%d/.well-known/est/%s"
                                                .formatted(port(), operation)))
                        .timeout(Duration.ofSeconds(20))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body));
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    private static HttpClient client(@Nullable Owned own) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own == null ? null : own.managers(), new TrustManager[] {trust()}, null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    /** Trusts the root of the hub. */
    private static X509TrustManager trust() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", root);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        return (X509TrustManager) trust.getTrustManagers()[0];
    }

    private static String base64(PKCS10CertificationRequest request) throws IOException {
        return Base64.getMimeEncoder().encodeToString(request.getEncoded());
    }

    @Test
    void tellsWhomToTrust() throws Exception {
        List<X500Name> names =
                est().getCACerts().getCertificateStore().getMatches(null).stream()
                        .map(X509CertificateHolder::getSubject)
                        .toList();
        assertThat(names)
                .extracting(X500Name::toString)
                .anySatisfy(name -> assertThat(name).contains("Muster Root G1"))
                .anySatisfy(name -> assertThat(name).contains("Muster Devices EC G1"))
                .anySatisfy(name -> assertThat(name).contains("Muster Devices RSA G1"));
    }

    @Test
    void tellsWhatRequestsShouldBeLike() throws Exception {
        assertThat(est().getCSRAttributes().getAttributesResponse().getRequirements())
                .contains(X9ObjectIdentifiers.ecdsa_with_SHA256);
        HttpResponse<String> rsa =
                client(null)
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "https://localhost:%d/.well-known/est/rsa/csrattrs"
                                                                .formatted(port())))
                                        .build(),
                                BodyHandlers.ofString());
        assertThat(rsa.headers().firstValue("Content-Type")).contains("application/csrattrs");
        assertThat(rsa.body()).isNotEqualTo(attributesOfEc());
    }

    private static String attributesOfEc() throws Exception {
        return client(null)
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "https://localhost:%d/.well-known/est/ec/csrattrs"
                                                        .formatted(port())))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    @Test
    void aDeviceWithItsSecretGetsItsFirstCertificate() throws Exception {
        Device device = Device.create();
        Owned owned = enrolled(device);

        X509Certificate certificate = java(owned.certificate());
        assertThat(certificate.getPublicKey()).isEqualTo(owned.keys().getPublic());
        assertThat(certificate.getSubjectX500Principal().getName())
                .isEqualTo("CN=" + device.key() + ",OU=demo,O=Muster");
        assertThat(certificate.getSubjectAlternativeNames().toString())
                .contains("urn:device:demo:" + device.key());
        assertThat(
                        running.operator()
                                .get(
                                        "/api/v1/products/demo/devices/"
                                                + device.key()
                                                + "/certificates")
                                .text())
                .contains(serial(owned.certificate()));
    }

    @Test
    void whoGotNoAnswerAndAsksAgainGetsTheSameCertificate() throws Exception {
        Device device = Device.create();
        String request = base64(first(device, Certificates.ec()));
        String once = bySecret(device, request).body();
        String again = bySecret(device, request).body();
        assertThat(serial(again)).isEqualTo(serial(once));
    }

    private static Object serial(String body) throws Exception {
        CMSSignedData message = new CMSSignedData(Base64.getMimeDecoder().decode(body));
        return message.getCertificates().getMatches(null).iterator().next().getSerialNumber();
    }

    @Test
    void theLabelChoosesTheIssuer() throws Exception {
        Device device = Device.create();
        HttpResponse<String> answer =
                post(
                        null,
                        "rsa/simpleenroll",
                        "application/pkcs10",
                        base64(first(device, Certificates.ec())),
                        "Authorization",
                        basic(device.key() + "&demo", device.secret()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                .isEqualTo("application/pkcs7-mime; smime-type=certs-only");
        CMSSignedData message = new CMSSignedData(Base64.getMimeDecoder().decode(answer.body()));
        assertThat(
                        message.getCertificates()
                                .getMatches(null)
                                .iterator()
                                .next()
                                .getIssuer()
                                .toString())
                .contains("Devices RSA");
        assertThat(
                        post(
                                        null,
                                        "other/simpleenroll",
                                        "application/pkcs10",
                                        "",
                                        "Authorization",
                                        device.basic())
                                .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aWrongSecretGetsNothingAndSoonIsNotLookedAt() throws Exception {
        Device device = Device.create();
        String request = base64(first(device, Certificates.ec()));
        HttpResponse<String> none = post(null, "simpleenroll", "application/pkcs10", request);
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.headers().firstValue("WWW-Authenticate").orElseThrow())
                .startsWith("Basic realm=");
        for (int i = 0; i < 6; i++) {
            HttpResponse<String> wrong =
                    post(
                            null,
                            "simpleenroll",
                            "application/pkcs10",
                            request,
                            "Authorization",
                            basic(device.user(), "wrong"));
            assertThat(wrong.statusCode()).isEqualTo(401);
        }
        HttpResponse<String> barred = bySecret(device, request);
        assertThat(barred.statusCode()).isEqualTo(401);
        assertThat(barred.body()).contains("too many");
    }

    @Test
    void aDeviceWithItsCertificateRenewsItWithANewKey() throws Exception {
        Device device = Device.create();
        Owned before = enrolled(device);
        KeyPair keys = Certificates.ec();
        PKCS10CertificationRequest request =
                request(before.certificate().getSubject(), keys, "urn:device:demo:" + device.key());

        X509CertificateHolder renewed =
                only(est(before.managers()).simpleEnroll(true, request, null));

        assertThat(java(renewed).getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(renewed.getSerialNumber()).isNotEqualTo(before.certificate().getSerialNumber());
    }

    @Test
    void aRenewalNeedsTheCertificateAndItsNames() throws Exception {
        Device device = Device.create();
        Owned before = enrolled(device);
        String otherNames =
                base64(
                        request(
                                new X500Name("CN=" + device.key()),
                                Certificates.ec(),
                                "urn:device:demo:" + device.key()));
        HttpResponse<String> other =
                post(before, "simplereenroll", "application/pkcs10", otherNames);
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(other.body()).contains("SUBJECT_MISMATCH", "the subject of the request");
        String noAlternative =
                base64(request(before.certificate().getSubject(), Certificates.ec()));
        HttpResponse<String> without =
                post(before, "simplereenroll", "application/pkcs10", noAlternative);
        assertThat(without.statusCode()).isEqualTo(422);
        assertThat(without.body()).contains("SAN_NOT_ALLOWED", "alternative name");
        HttpResponse<String> withSecret =
                post(
                        null,
                        "simplereenroll",
                        "application/pkcs10",
                        otherNames,
                        "Authorization",
                        device.basic());
        assertThat(withSecret.statusCode()).isEqualTo(403);
        assertThat(withSecret.body()).contains("NOT_AUTHORIZED");
        HttpResponse<String> deep =
                post(
                        before,
                        "simplereenroll",
                        "application/pkcs10",
                        Base64.getEncoder().encodeToString(nested(1_000)));
        assertThat(deep.statusCode()).isEqualTo(400);
        assertThat(deep.body()).contains("CSR_MALFORMED", "DER");
    }

    /** Sequences in sequences, which a parser that follows them all may not survive. */
    private static byte[] nested(int depth) {
        byte[] der = {};
        for (int i = 0; i < depth; i++) {
            ByteArrayOutputStream outer = new ByteArrayOutputStream();
            outer.write(0x30);
            if (der.length < 128) {
                outer.write(der.length);
            } else {
                outer.write(0x82);
                outer.write(der.length >> 8);
                outer.write(der.length);
            }
            outer.writeBytes(der);
            der = outer.toByteArray();
        }
        return der;
    }

    /** As devices show one of their manufacturer. */
    @Test
    void theSecretCountsWhateverCertificateIsShownBesides() throws Exception {
        Device other = Device.create();
        Device device = Device.create();
        HttpResponse<String> answer =
                post(
                        enrolled(other),
                        "simpleenroll",
                        "application/pkcs10",
                        base64(first(device, Certificates.ec())),
                        "Authorization",
                        device.basic());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void whatIsNoRequestIsCounted() throws Exception {
        Device device = Device.create();
        HttpResponse<String> answer = bySecret(device, "AAAA");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("CSR_MALFORMED");
        assertThat(running.operator().withoutToken().get("/metrics").text())
                .contains("muster_certificates_refused_total{code=\"csr_malformed\"}");
    }

    @Test
    void aRevokedCertificateIsRefusedOnTheConnectionThatIsThereAndOnNewOnes() throws Exception {
        Device device = Device.create();
        Owned owned = enrolled(device);
        HttpClient client = client(owned);
        HttpRequest renewal = posted("simplereenroll", "application/pkcs10", "none");
        assertThat(client.send(renewal, BodyHandlers.ofString()).statusCode()).isEqualTo(400);

        String serial = serial(owned.certificate());
        assertThat(
                        running.operator()
                                .post(
                                        "/api/v1/products/demo/devices/%s/certificates/%s/revoke"
                                                .formatted(device.key(), serial),
                                        "{}")
                                .status())
                .isEqualTo(200);

        HttpResponse<String> refused = client.send(renewal, BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("revoked");
        // On health pages too, that need nothing.
        assertThat(
                        client.send(
                                        HttpRequest.newBuilder(
                                                        URI.create(
                                                                "https://localhost:%d/health/live"
                                                                        .formatted(port())))
                                                .build(),
                                        BodyHandlers.ofString())
                                .statusCode())
                .isEqualTo(403);
        assertThatThrownBy(() -> client(owned).send(renewal, BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aCertificateThatNobodyHereIssuedEndsTheHandshake() throws Exception {
        Certificates.Pair stranger = Certificates.authority("stranger");
        Certificates.Pair issued = Certificates.issued(stranger, "stranger", "device");
        Owned owned =
                new Owned(
                        issued.keys(),
                        new X509CertificateHolder(issued.certificate().getEncoded()));
        SSLContext context = SSLContext.getInstance("TLS");
        // Shown whatever the server asks for.
        context.init(
                new KeyManager[] {
                    new ShowsOneCertificate(owned.keys().getPrivate(), java(owned.certificate()))
                },
                new TrustManager[] {new TrustsAnybody()},
                null);
        HttpClient client = HttpClient.newBuilder().sslContext(context).build();
        assertThatThrownBy(
                        () ->
                                client.send(
                                        posted("simpleenroll", "application/pkcs10", ""),
                                        BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void isNotSpokenWithoutTls() throws Exception {
        HttpResponse<String> plain =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:%d/.well-known/est/cacerts"
                                                                .formatted(
                                                                        running.hub()
                                                                                .managementAddress()
                                                                                .getPort())))
                                        .build(),
                                BodyHandlers.ofString());
        assertThat(plain.statusCode()).isEqualTo(403);
        assertThat(plain.body()).contains("TLS");
    }

    @Test
    void aBodyOfAnotherTypeOrFormIsRefused() throws Exception {
        Device device = Device.create();
        assertThat(
                        post(
                                        null,
                                        "simpleenroll",
                                        "text/plain",
                                        "x",
                                        "Authorization",
                                        device.basic())
                                .statusCode())
                .isEqualTo(415);
        assertThat(bySecret(device, "%%%").statusCode()).isEqualTo(400);
        assertThat(bySecret(device, "AAAA".repeat(10_000)).body()).contains("413", "CSR_TOO_LARGE");
        assertThat(bySecret(device, "AAAA".repeat(40_000)).body()).contains("413", "CSR_TOO_LARGE");
    }

    @Test
    void nobodyGetsACertificateForAnotherDevice() throws Exception {
        Device device = Device.create();
        Device other = Device.create();
        HttpResponse<String> answer = bySecret(device, base64(first(other, Certificates.ec())));
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("SUBJECT_MISMATCH");
    }
}
