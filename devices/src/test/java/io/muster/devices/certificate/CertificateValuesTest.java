package io.muster.devices.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.DeviceId;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateValuesTest {

    private static final Sha256 HASH = Sha256.of("x".getBytes(StandardCharsets.US_ASCII));
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    @Test
    void aSha256HasSixtyFourDigitsAndThirtyTwoBytes() {
        assertThat(HASH.hex())
                .isEqualTo("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
                .isEqualTo(HASH.toString());
        assertThat(Sha256.ofDigest(HASH.bytes())).isEqualTo(HASH);
        assertThatIllegalArgumentException().isThrownBy(() -> new Sha256("2D"));
        assertThatIllegalArgumentException().isThrownBy(() -> Sha256.ofDigest(new byte[31]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "g1/0000000000000001",
                "devices-G1/7fffffffffffffff",
                "g1/ffffffffffffffffffffffffffffffffffffffff"
            })
    void aCertificateIsNamedByItsIssuerAndItsSerialNumber(String text) {
        assertThat(CertificateId.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "000a0d0352e792ed, 000a0d0352e792ed",
        "0A0D0352E792ED, 000a0d0352e792ed",
        "00:0a:0d:03:52:e7:92:ed, 000a0d0352e792ed",
        "1, 0000000000000001",
        "00ffffffffffffffff, ffffffffffffffff",
        "01ffffffffffffffff, 1ffffffffffffffff"
    })
    void aSerialNumberIsTheSameHoweverItIsWritten(String written, String serial) {
        assertThat(CertificateId.serialOf(written)).isEqualTo(serial);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "00:00",
                "g1",
                "-1",
                "0x1f",
                "1 2",
                "123456789012345678901234567890123456789012"
            })
    void whatIsNoSerialNumberIsNamedAndRefused(String written) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateId.serialOf(written))
                .withMessageContaining("hexadecimal digits");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "g1",
                "/0000000000000001",
                "g 1/0000000000000001",
                "g1/0000000000000000",
                "g1/1",
                "g1/000000000000000A",
                "g1/00000000000000001",
                "g1/10000000000000000000000000000000000000000",
                "g1/2/0000000000000001",
                "sha256:12/0000000000000001"
            })
    void whatIsNoNameIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> CertificateId.parse(text));
    }

    @Test
    void aSerialNumberOfSomebodyElseHasOneText() {
        assertThat(CertificateId.external(HASH, BigInteger.TEN))
                .hasToString("sha256:" + HASH + "/000000000000000a")
                .satisfies(id -> assertThat(id.isExternal()).isTrue());
        BigInteger longest = BigInteger.ONE.shiftLeft(159).subtract(BigInteger.ONE);
        assertThat(CertificateId.external(HASH, longest).serial()).isEqualTo("7" + "f".repeat(39));
        for (BigInteger wrong :
                new BigInteger[] {
                    BigInteger.ZERO, BigInteger.ONE.negate(), longest.add(BigInteger.ONE)
                }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CertificateId.external(HASH, wrong));
        }
        assertThat(new CertificateId("sha256", "0000000000000001").isExternal()).isFalse();
    }

    @Test
    void aRevocationHasOneOfTheReasonsThatCannotBeTakenBack() {
        for (int reason : new int[] {0, 1, 2, 3, 4, 5, 9}) {
            assertThat(new Revocation(NOW, reason, "anna").reason()).isEqualTo(reason);
        }
        for (int reason : new int[] {-1, 6, 7, 8, 10}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Revocation(NOW, reason, "anna"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\ud800"})
    void anActorIsAShortTextInOneLine(String actor) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Revocation(NOW, 0, actor));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IssuanceRequest(actor, NOW, Optional.empty()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Revocation(NOW, 0, "a".repeat(201)));
        assertThat(new Revocation(NOW.plusNanos(1), 0, "\ud83d\ude00".repeat(200)).at())
                .isEqualTo(NOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\u0000", "a\nb"})
    void anIdempotencyKeyIsAShortTextInOneLine(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IssuanceRequest("anna", NOW, Optional.of(key)))
                .withMessageContaining("idempotency key");
        assertThat(new IssuanceRequest("anna", NOW, Optional.of("k".repeat(200))).idempotencyKey())
                .isPresent();
    }

    @Test
    void aValidityHasWholeSecondsInOrder() {
        assertThat(new Validity(NOW, NOW).notAfter()).isEqualTo(NOW);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Validity(NOW, NOW.minusSeconds(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Validity(NOW, NOW.plusMillis(1500)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Validity(NOW.plusMillis(1), NOW.plusSeconds(1)));
    }

    @Test
    void aCertificateIsOfAnOwnerOfItsKind() {
        Owner device = new Owner.Device(new DeviceId("pk", "dk"));
        Owner authority = new Owner.Authority("device-ec-g1");
        assertThat(reservation("g1", CertificateKind.DEVICE, device).device())
                .contains(new DeviceId("pk", "dk"));
        assertThat(reservation("g1", CertificateKind.CROSS, authority).device()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reservation("g1", CertificateKind.DEVICE, authority));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reservation("g1", CertificateKind.SERVER, device));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reservation("g1", CertificateKind.ROOT, new Owner.Server("g1")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reservation("g1", CertificateKind.EXTERNAL, device));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reservation("sha256:" + HASH, CertificateKind.DEVICE, device));
    }

    /** A product may be called as anything, and a device too. */
    @Test
    void noTwoOwnersHaveOneText() {
        List<Owner> owners =
                List.of(
                        new Owner.Device(new DeviceId("authority", "device-ec-g1")),
                        new Owner.Device(new DeviceId("ca", "device-ec-g1")),
                        new Owner.Device(new DeviceId("server", "hub")),
                        new Owner.Server("hub"),
                        new Owner.Server("device-ec-g1"),
                        new Owner.Authority("device-ec-g1"));

        assertThat(owners).extracting(Owner::toString).doesNotHaveDuplicates();
        assertThat(owners)
                .allSatisfy(each -> assertThat(Owner.parse(each.toString())).isEqualTo(each));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pk/dk",
                "device/",
                "device/pk",
                "device/pk/a/b",
                "server/",
                "server/a/b",
                "authority/",
                "authority/a/b",
                "server/a b"
            })
    void whatIsNoOwnerIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Owner.parse(text));
    }

    @Test
    void anAuthorityThatOwnsIsOurs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Owner.Authority("sha256:" + HASH));
    }

    private static Reservation reservation(String issuer, CertificateKind kind, Owner owner) {
        return new Reservation(
                new CertificateId(issuer, "0000000000000001"),
                kind,
                owner,
                HASH,
                new Validity(NOW, NOW),
                new IssuanceRequest("anna", NOW, Optional.empty()),
                Optional.empty());
    }

    @Test
    void whatACrlTellsHasASerialNumberAndAReasonThatThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ListedRevocation("1", NOW, 0, NOW));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ListedRevocation("0000000000000001", NOW, 6, NOW));
    }
}
