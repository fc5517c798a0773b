package io.muster.ca.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.DeviceUrn;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.Subject;
import io.muster.ca.pki.Issuers;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.util.Locale;
import org.bouncycastle.operator.ContentSigner;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Pkcs11TokenTest {

    private static SoftHsm hsm;

    @BeforeAll
    static void makeToken(@TempDir Path folder) throws Exception {
        hsm = SoftHsm.create(folder);
    }

    private static Pkcs11Token open() {
        return Pkcs11Token.open(hsm.library(), 0, SoftHsm.PIN::toCharArray);
    }

    @ParameterizedTest
    @EnumSource(
            value = KeyKind.class,
            names = {"EC_P256", "EC_P384", "RSA_2048"})
    void anIssuerSignsWithAKeyThatNobodyGetsOut(KeyKind kind) throws Exception {
        String name = "device-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        PublicKey made = open().generate(name, kind).publicKey();

        SigningKey key = open().load(name);

        assertThat(open().holds(name)).isTrue();
        assertThat(key.publicKey()).isEqualTo(made);
        Issuer issuer = Issuers.withKey(CertificateKind.DEVICE_ISSUING, key);
        IssuedCertificate device =
                Issuers.issue(
                        issuer,
                        CertificateKind.DEVICE,
                        Subject.device(new DeviceUrn("pk", "dk"), null),
                        Issuers.key(KeyKind.EC_P256).publicKey());
        device.toJava().verify(made);
    }

    @Test
    void aKeyIsNeverReplaced() {
        Pkcs11Token token = open();
        PublicKey first = token.generate("once", KeyKind.EC_P256).publicKey();

        assertUnusable(() -> token.generate("once", KeyKind.EC_P256), "already");
        assertThat(token.load("once").publicKey()).isEqualTo(first);
    }

    @Test
    void aKeyThatIsDestroyedIsNotThereAnyMore() {
        Pkcs11Token token = open();
        token.generate("doomed", KeyKind.EC_P256);
        token.generate("kept", KeyKind.EC_P256);

        token.destroy("doomed");
        token.destroy("doomed");

        assertThat(token.holds("doomed")).isFalse();
        assertThat(open().holds("doomed")).isFalse();
        assertUnusable(() -> open().load("doomed"), "key doomed is not here");
        assertThat(open().load("kept").publicKey()).isNotNull();
    }

    @Test
    void aKeyThatIsNotThereIsNamed() {
        assertThat(open().holds("none")).isFalse();
        assertUnusable(() -> open().load("none"), "key none is not here");
    }

    /** As a module does that was restarted, or whose link was lost. */
    @Test
    void aTokenThatHasForgottenWhoIsSignedInIsSignedInToByWhoeverNeedsItNext() throws Exception {
        Pkcs11Token token = open();
        SigningKey key = token.generate("forgotten", KeyKind.EC_P256);
        sign(key);

        signOut();

        sign(key);
        sign(token.load("forgotten"));
        assertThat(token.holds("forgotten")).isTrue();
    }

    private static void sign(SigningKey key) throws Exception {
        ContentSigner signer = key.signer();
        signer.getOutputStream().write(new byte[100]);
        byte[] signature = signer.getSignature();
        Signature verifier = Signature.getInstance("SHA256withECDSA");
        verifier.initVerify(key.publicKey());
        verifier.update(new byte[100]);
        assertThat(verifier.verify(signature)).isTrue();
    }

    /** Whoever signs out of a token has all of his process out. */
    private static void signOut() throws Exception {
        AuthProvider another =
                (AuthProvider)
                        Security.getProvider("SunPKCS11")
                                .configure(
                                        "--name=another\nlibrary=\"%s\"\nslotListIndex=0\n"
                                                .formatted(hsm.library()));
        another.logout();
    }

    /** Before a process has signed in, after which tokens ask it no more. */
    @Test
    @Order(1)
    void anotherPinDoesNotSignIn() {
        assertUnusable(
                () -> Pkcs11Token.open(hsm.library(), 0, "000000"::toCharArray),
                "does not let us in");
    }

    @Test
    void aLibraryThatIsNotThereIsNamed() {
        assertUnusable(
                () -> Pkcs11Token.open(Path.of("no.so"), 0, SoftHsm.PIN::toCharArray),
                "there is no library");
    }

    @Test
    void aSlotThatIsNotThereIsNamed() {
        assertUnusable(
                () -> Pkcs11Token.open(hsm.library(), 99, SoftHsm.PIN::toCharArray), "slot 99");
    }

    private static void assertUnusable(Runnable use, String words) {
        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(use::run)
                .withMessageContaining(words);
    }
}
