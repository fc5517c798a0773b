package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How one generation of an authority follows another, and how it ends. */
class GenerationsTest {

    private static final IssuerId ROOT = new IssuerId("root", 1);
    private static final IssuerId DEVICES = new IssuerId("device-ec", 1);
    private static final IssuerId SERVERS = new IssuerId("server", 1);

    private final TestHierarchy test;

    GenerationsTest(@TempDir Path folder) {
        test = new TestHierarchy(folder);
    }

    private static IssuedCertificate certificate(Hierarchy hierarchy, IssuerId id) {
        return Objects.requireNonNull(hierarchy.certificates().get(id));
    }

    private static int certificatesIn(String bundle) {
        return bundle.split("-----BEGIN CERTIFICATE-----", -1).length - 1;
    }

    @Test
    void aGenerationIsNextThenActiveThenPreviousThenRetired() throws Exception {
        Hierarchy hierarchy = test.open();
        IssuerId next = hierarchy.prepareNext("device-ec");
        assertThat(hierarchy.stateOf(DEVICES)).isEqualTo(GenerationState.ACTIVE);
        assertThat(hierarchy.stateOf(next)).isEqualTo(GenerationState.NEXT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> hierarchy.retire(DEVICES))
                .withMessageContaining("issues now");
        hierarchy.activate(next);
        assertThat(hierarchy.stateOf(DEVICES)).isEqualTo(GenerationState.PREVIOUS);
        assertThat(hierarchy.bundle()).contains(certificate(hierarchy, DEVICES).pem());

        hierarchy.retire(DEVICES);
        hierarchy.retire(DEVICES);

        for (Hierarchy one : List.of(hierarchy, test.open())) {
            assertThat(one.stateOf(DEVICES)).isEqualTo(GenerationState.RETIRED);
            assertThat(one.stateOf(next)).isEqualTo(GenerationState.ACTIVE);
            assertThat(one.bundle())
                    .doesNotContain(certificate(one, DEVICES).pem())
                    .contains(certificate(one, next).pem());
            assertThat(one.issuer(DEVICES)).isPresent();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> one.activate(DEVICES))
                    .withMessageContaining("retired");
        }
    }

    @Test
    void theKeyOfOneThatIsRetiredIsDestroyedForEver() throws Exception {
        Hierarchy hierarchy = test.open();
        assertThatExceptionOfType(AuthorityStateException.class)
                .isThrownBy(() -> hierarchy.destroyKey(DEVICES, "test"))
                .withMessageContaining("device-ec-g1 is ACTIVE");
        hierarchy.activate(hierarchy.prepareNext("device-ec"));
        hierarchy.retire(DEVICES);
        assertThat(hierarchy.isDestroyed(DEVICES)).isFalse();

        hierarchy.destroyKey(DEVICES, "test");
        hierarchy.destroyKey(DEVICES, "test");

        assertThat(test.keys.holds("device-ec-g1")).isFalse();
        for (Hierarchy one : List.of(hierarchy, test.open())) {
            assertThat(one.isDestroyed(DEVICES)).isTrue();
            assertThat(one.isDestroyed(SERVERS)).isFalse();
            assertThat(one.stateOf(DEVICES)).isEqualTo(GenerationState.RETIRED);
            assertThat(one.issuer(DEVICES)).isEmpty();
            assertThat(one.active("device-ec").id()).isEqualTo(DEVICES.next());
        }
    }

    @Test
    void aKeyThatIsElsewhereIsNotDestroyedAndACopyOfADestroyedOneSignsNothing() throws Exception {
        Hierarchy hierarchy = test.open();
        hierarchy.activate(hierarchy.prepareNext("device-ec"));
        hierarchy.retire(DEVICES);
        Path key = test.folder.resolve("device-ec-g1.p12");
        Path elsewhere = Files.move(key, test.folder.resolve("elsewhere"));

        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(() -> hierarchy.destroyKey(DEVICES, "test"))
                .withMessageContaining("bring it here");

        assertThat(hierarchy.isDestroyed(DEVICES)).isFalse();
        assertThat(test.open().isDestroyed(DEVICES)).isFalse();
        Files.copy(elsewhere, key);
        hierarchy.destroyKey(DEVICES, "test");
        Files.copy(elsewhere, key);
        Hierarchy again = test.open();
        assertThat(again.isDestroyed(DEVICES)).isTrue();
        assertThat(again.holdsKey(DEVICES)).isTrue();
        assertThat(again.issuer(DEVICES)).isEmpty();
        again.destroyKey(DEVICES, "test");
        assertThat(key).doesNotExist();
    }

    /** Where keys are that nobody may delete; counts how often one is read. */
    private static final class Undeletable implements KeyStorage {

        private final KeyStorage keys;
        private int loads;

        Undeletable(KeyStorage keys) {
            this.keys = keys;
        }

        @Override
        public boolean holds(String name) {
            return keys.holds(name);
        }

        @Override
        public SigningKey load(String name) {
            loads++;
            return keys.load(name);
        }

        @Override
        public SigningKey generate(String name, KeyKind kind) {
            return keys.generate(name, kind);
        }

        @Override
        public void destroy(String name) {
            throw new KeyUnusableException("key " + name + " cannot be deleted");
        }
    }

    @Test
    void aKeyThatCannotBeDeletedIsTakenFromAllWhoHaveIt() {
        Undeletable undeletable = new Undeletable(test.keys);
        Hierarchy hierarchy = test.open(TestHierarchy.SETTINGS, undeletable, test.ledger);
        hierarchy.activate(hierarchy.prepareNext("device-ec"));
        hierarchy.retire(DEVICES);
        SigningKey held = hierarchy.issuer(DEVICES).orElseThrow().key();
        SigningKey other = hierarchy.issuer(SERVERS).orElseThrow().key();
        held.requireUsable();

        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(() -> hierarchy.destroyKey(DEVICES, "test"))
                .withMessageContaining("cannot be deleted");

        assertThat(hierarchy.isDestroyed(DEVICES)).isTrue();
        assertThat(hierarchy.issuer(DEVICES)).isEmpty();
        assertThat(hierarchy.holdsKey(DEVICES)).isTrue();
        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(held::signer)
                .withMessageContaining("device-ec-g1 is destroyed");
        assertThatCode(other::signer).doesNotThrowAnyException();
    }

    @Test
    void aDestroyedKeyThatIsHereIsNotLookedFor() {
        Undeletable undeletable = new Undeletable(test.keys);
        Hierarchy hierarchy = test.open(TestHierarchy.SETTINGS, undeletable, test.ledger);
        new CertificateAuthority(hierarchy, test.issuance(test.ledger), test.ledger, test.clock)
                .revokeAuthority(DEVICES, RevocationReason.CA_COMPROMISE, "test");
        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(() -> hierarchy.destroyKey(DEVICES, "test"));
        int before = undeletable.loads;

        assertThat(hierarchy.lookForKeys()).isEqualTo(Map.of(DEVICES, "its key is destroyed"));

        assertThat(undeletable.loads).isEqualTo(before);
    }

    @Test
    void oneThatTheRootOfBeforeHasSignedIsNotTakenOnceAnotherRootSigns() {
        Hierarchy hierarchy = test.open();
        IssuerId prepared = hierarchy.prepareNext("device-ec");
        hierarchy.activate(hierarchy.prepareNext("root"));

        IssuerId next = hierarchy.prepareNext("device-ec");

        assertThat(next).isEqualTo(prepared.next());
        assertThat(hierarchy.prepareNext("device-ec")).isEqualTo(next);
    }

    @Test
    void aRootIsRetiredAfterAllThatItHasSigned() throws Exception {
        Hierarchy hierarchy = test.open();
        for (String name : List.of("root", "device-ec", "server")) {
            hierarchy.activate(hierarchy.prepareNext(name));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> hierarchy.retire(ROOT))
                .withMessageContaining("[device-ec-g1, server-g1]");

        List.of(DEVICES, SERVERS, ROOT).forEach(hierarchy::retire);

        assertThat(certificatesIn(hierarchy.bundle())).isEqualTo(3);
        assertThat(certificatesIn(test.open().bundle())).isEqualTo(3);
    }

    @Test
    void aNextGenerationThatIsRevokedIsNotPreparedOnceMore() throws Exception {
        Hierarchy hierarchy = test.open();
        CertificateAuthority authority =
                new CertificateAuthority(
                        hierarchy, test.issuance(test.ledger), test.ledger, test.clock);
        IssuerId next = hierarchy.prepareNext("device-ec");
        authority.revokeAuthority(next, RevocationReason.CA_COMPROMISE, "operator");

        assertThat(hierarchy.prepareNext("device-ec")).isEqualTo(next.next());
    }

    @Test
    void aKeyThatAnotherHubHasMadeIsNotTaken() throws Exception {
        Hierarchy hierarchy = test.open();
        IssuerId next = DEVICES.next();
        test.keys.generate(next.toString(), KeyKind.EC_P256);

        assertThatExceptionOfType(HierarchyUnusableException.class)
                .isThrownBy(() -> hierarchy.prepareNext("device-ec"))
                .withMessageContaining("there is a key device-ec-g2 already");
        assertThat(hierarchy.certificates()).doesNotContainKey(next);
    }

    @Test
    void aKeyThatComesBackIsFoundAgain() throws Exception {
        test.open();
        Path key = test.folder.resolve("device-ec-g1.p12");
        Path elsewhere = test.folder.resolve("elsewhere");
        Files.move(key, elsewhere);
        Hierarchy hierarchy = test.open();
        assertThat(hierarchy.lookForKeys()).isEqualTo(Map.of(DEVICES, "its key is not here"));

        Files.move(elsewhere, key);

        assertThat(hierarchy.lookForKeys()).isEmpty();
        assertThat(hierarchy.active("device-ec").id()).isEqualTo(DEVICES);
    }
}
