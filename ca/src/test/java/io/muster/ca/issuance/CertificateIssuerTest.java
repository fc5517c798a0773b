package io.muster.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.muster.ca.DeviceUrn;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import io.muster.ca.pki.Issuers;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bouncycastle.operator.ContentSigner;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CertificateIssuerTest {

    private static final Subject SUBJECT = Subject.device(new DeviceUrn("pk", "dk"), null);

    private static Issuer issuer;
    private static PublicKey key;

    private final CertificateIssuer certificates = new CertificateIssuer(new SecureRandom());

    @BeforeAll
    static void makeIssuer() {
        issuer = Issuers.below(CertificateKind.DEVICE_ISSUING, KeyKind.EC_P256, null);
        key = Issuers.key(KeyKind.EC_P256).publicKey();
    }

    private static CertificateContent content() {
        return Issuers.content(issuer, CertificateKind.DEVICE, SUBJECT, key);
    }

    /** The issuer, with a key that does something else when it is to sign. */
    private static Issuer withKey(SigningKey other) {
        return Issuer.of(
                issuer.id(),
                issuer.kind(),
                issuer.certificate(),
                new SigningKey() {
                    @Override
                    public PublicKey publicKey() {
                        return issuer.key().publicKey();
                    }

                    @Override
                    public ContentSigner signer() {
                        return other.signer();
                    }
                },
                issuer.addresses());
    }

    private static CertificateContent by(Issuer other) {
        CertificateContent content = content();
        return new CertificateContent(
                other,
                content.serial(),
                content.profile(),
                content.subject(),
                content.key(),
                content.validity());
    }

    @Test
    void whatWasPreparedIsSignedOnce() {
        PreparedCertificate prepared = certificates.prepare(content());
        IssuedCertificate certificate = certificates.issue(prepared);

        assertThat(certificate.serial()).isEqualTo(prepared.content().serial());
        assertThatIllegalStateException()
                .isThrownBy(() -> certificates.issue(prepared))
                .withMessageContaining("signed before");
    }

    @Test
    void nothingIsSignedThatIsNotAsItShouldBe() {
        List<String> signatures = new ArrayList<>();
        Issuer watched =
                withKey(
                        new SigningKey() {
                            @Override
                            public PublicKey publicKey() {
                                return issuer.key().publicKey();
                            }

                            @Override
                            public ContentSigner signer() {
                                signatures.add("signed");
                                return issuer.key().signer();
                            }
                        });
        CertificateContent wrong =
                new CertificateContent(
                        watched,
                        new SerialNumber(1),
                        IssuanceProfile.of(CertificateKind.DEVICE),
                        Subject.server(List.of("localhost"), null),
                        key,
                        Issuers.validity(Duration.ofDays(1)));

        assertThatExceptionOfType(FaultyCertificateException.class)
                .isThrownBy(() -> certificates.prepare(wrong))
                .withMessageContaining("to be signed")
                .satisfies(faulty -> assertThat(faulty.isSigned()).isFalse());
        assertThat(signatures).isEmpty();
    }

    @Test
    void whatAnotherKeyHasSignedDoesNotLeaveTheHouse() {
        CertificateContent content = by(withKey(Issuers.key(KeyKind.EC_P256)));
        PreparedCertificate prepared = certificates.prepare(content);

        assertThatExceptionOfType(FaultyCertificateException.class)
                .isThrownBy(() -> certificates.issue(prepared))
                .withMessageContaining("its signature is wrong")
                .satisfies(faulty -> assertThat(faulty.isSigned()).isTrue());
    }

    @Test
    void aKeyThatCannotBeUsedIsNoticedBefore() {
        Issuer locked =
                withKey(
                        new SigningKey() {
                            @Override
                            public PublicKey publicKey() {
                                return key;
                            }

                            @Override
                            public ContentSigner signer() {
                                throw new KeyUnusableException("token is gone");
                            }
                        });

        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(() -> certificates.prepare(by(locked)));
    }

    @Test
    void aCertificateNeverOutlivesItsIssuerAndIsNotCutSilently() {
        Duration rest =
                Duration.between(
                        issuer.certificate().validity().notBefore(),
                        issuer.certificate().validity().notAfter());
        CertificateContent content = content();
        IssuanceProfile profile = content.profile();

        for (int more : List.of(0, 1)) {
            CertificateContent late =
                    new CertificateContent(
                            issuer,
                            content.serial(),
                            profile,
                            SUBJECT,
                            key,
                            Validity.from(
                                    issuer.certificate()
                                            .validity()
                                            .notBefore()
                                            .plus(rest.minusDays(1))
                                            .plusSeconds(more),
                                    Duration.ofDays(1)));
            if (more == 0) {
                assertThat(certificates.issue(certificates.prepare(late)).validity())
                        .isEqualTo(late.validity());
            } else {
                assertRefused(
                        RefusalCode.VALIDITY_RANGE, late, "but its issuer device-g1 only until");
            }
        }
    }

    @Test
    void anIssuerSignsWhatItIsFor() {
        Subject server = Subject.server(List.of("localhost"), null);
        Subject authority = Subject.authority("Other", null);

        assertRefused(
                RefusalCode.ISSUER_UNAVAILABLE,
                Issuers.content(issuer, CertificateKind.SERVER, server, key),
                "device-g1 signs no certificates of a SERVER");
        assertRefused(
                RefusalCode.ISSUER_UNAVAILABLE,
                Issuers.content(issuer, CertificateKind.DEVICE_ISSUING, authority, key),
                "DEVICE_ISSUING");
        assertRefused(
                RefusalCode.ISSUER_UNAVAILABLE,
                Issuers.content(Issuers.root(), CertificateKind.DEVICE, SUBJECT, key),
                "root-g1 signs no");
    }

    @Test
    void onlyKeysOfTheProfileAreCertified() {
        CertificateContent content = content();
        IssuanceProfile onlyRsa = content.profile().withKeys(Set.of(KeyKind.RSA_2048));

        assertRefused(
                RefusalCode.KEY_TYPE_NOT_ALLOWED,
                new CertificateContent(
                        issuer, content.serial(), onlyRsa, SUBJECT, key, content.validity()),
                "the key is EC_P256; allowed are [RSA_2048]");
    }

    @Test
    void anIssuerHasTheKeyOfItsCertificate() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                Issuer.of(
                                        issuer.id(),
                                        issuer.kind(),
                                        issuer.certificate(),
                                        Issuers.key(KeyKind.EC_P256),
                                        issuer.addresses()))
                .withMessageContaining("another key");
    }

    private void assertRefused(RefusalCode refusal, CertificateContent content, String message) {
        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> certificates.prepare(content))
                .withMessageContaining(message)
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(refusal));
    }
}
