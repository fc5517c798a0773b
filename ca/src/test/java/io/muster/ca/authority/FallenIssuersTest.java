package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.muster.ca.IssuerId;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.LedgerEntry.Status;
import io.muster.ca.ledger.Revocation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What issuers have issued that are revoked or retired by now. */
class FallenIssuersTest {

    private static final IssuerId ROOT = new IssuerId("root", 1);
    private static final IssuerId DEVICES = new IssuerId("device-ec", 1);
    private static final IssuerId SERVERS = new IssuerId("server", 1);

    private final TestHierarchy test;
    private final CertificateAuthority authority;

    FallenIssuersTest(@TempDir Path folder) {
        test = new TestHierarchy(folder, new MemoryKeys());
        authority = test.authority();
    }

    private void rollOver(String name) {
        authority.hierarchy().activate(authority.hierarchy().prepareNext(name));
    }

    private void revoke(IssuerId id) {
        authority.revokeAuthority(id, RevocationReason.CA_COMPROMISE, "anna");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSameOrderIsNotAnsweredWithWhatOneOfThemHasIssued(boolean isRevoked) {
        CertificateOrder order = Orders.device("d1").withRequestKey("r1");
        LedgerEntry before = authority.issue("device-ec", order);
        rollOver("device-ec");
        assertThat(authority.issue("device-ec", order)).isEqualTo(before);

        if (isRevoked) {
            revoke(DEVICES);
        } else {
            authority.hierarchy().retire(DEVICES);
        }
        LedgerEntry next = authority.issue("device-ec", order);

        assertThat(next.id().issuer()).isEqualTo(DEVICES.next());
        assertThat(test.ledger.find(before.id()).orElseThrow().revocation())
                .extracting(Revocation::reason)
                .isEqualTo(RevocationReason.SUPERSEDED);
        assertThat(authority.issue("device-ec", order)).isEqualTo(next);
    }

    @Test
    void nothingIsHandedOutOfOneThatIsRevokedWhileItSigns() {
        CertificateLedger revoking =
                beforeRecording(
                        test.ledger,
                        () -> {
                            if (!authority.hierarchy().isRevoked(DEVICES)) {
                                revoke(DEVICES);
                            }
                        });
        CertificateAuthority signing =
                new CertificateAuthority(
                        authority.hierarchy(), test.issuance(revoking), revoking, test.clock);

        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> signing.issue("device-ec", Orders.device("d1")))
                .satisfies(
                        refused ->
                                assertThat(refused.code()).isEqualTo(RefusalCode.REVOKED_MEANWHILE))
                .withMessageContaining("device-ec-g1");
        assertThat(test.ledger.all())
                .filteredOn(entry -> entry.id().issuer().equals(DEVICES))
                .extracting(LedgerEntry::status)
                .containsExactly(Status.REVOKED);
    }

    /** Does something before a certificate is recorded. */
    private static CertificateLedger beforeRecording(CertificateLedger ledger, Runnable act) {
        return (CertificateLedger)
                Proxy.newProxyInstance(
                        CertificateLedger.class.getClassLoader(),
                        new Class<?>[] {CertificateLedger.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("record")) {
                                act.run();
                            }
                            try {
                                return method.invoke(ledger, arguments);
                            } catch (InvocationTargetException e) {
                                throw Objects.requireNonNull(e.getCause());
                            }
                        });
    }

    @Test
    void issuersAreRevokedWithTheRootThatHasSignedThem() {
        List.of("root", "device-ec", "server").forEach(this::rollOver);
        assertThat(authority.revokedIssuers()).isEmpty();

        revoke(ROOT);

        for (CertificateAuthority one : List.of(authority, test.authority())) {
            assertThat(one.revokedIssuers().entrySet())
                    .extracting(
                            each -> each.getKey(),
                            each -> each.getValue().reason(),
                            each -> each.getValue().actor())
                    .containsExactly(
                            tuple(DEVICES, RevocationReason.CA_COMPROMISE, "anna"),
                            tuple(SERVERS, RevocationReason.CA_COMPROMISE, "anna"));
            assertThat(one.hierarchy().stateOf(DEVICES)).isEqualTo(GenerationState.REVOKED);
            assertThat(one.hierarchy().isStanding(DEVICES)).isFalse();
            assertThat(one.hierarchy().isStanding(DEVICES.next())).isTrue();
            assertThat(one.hierarchy().trusted())
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.of(ROOT, DEVICES, SERVERS)
                                    .map(IssuerId::next)
                                    .map(one.hierarchy().certificates()::get)
                                    .toList());
        }
    }
}
