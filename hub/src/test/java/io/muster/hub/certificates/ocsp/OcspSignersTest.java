package io.muster.hub.certificates.ocsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.PublicAddresses;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.ocsp.OcspSigner;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.hub.certificates.authority.AuthorityRecords;
import io.muster.hub.certificates.authority.AuthoritySetup;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.ledger.RegistryCrls;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.config.certificates.AuthorityConfig;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who signs what is said about the certificates of an issuer. */
class OcspSignersTest {

    /** Somebody does something whenever this is asked for the time. */
    private static final class ActingClock extends Clock {

        private final Runnable act;

        ActingClock(Runnable act) {
            this.act = act;
        }

        @Override
        public Instant instant() {
            act.run();
            return Instant.now();
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    static OwnAuthority authority(Path folder, RegistryDatabase database) throws Exception {
        CertificateRevocations revocations = new CertificateRevocations(database);
        return OwnAuthority.open(
                new AuthoritySetup(
                        folder.resolve("ca"),
                        AuthorityConfig.DEFAULT,
                        new PublicAddresses("http://hub.example", 1, null)),
                new AuthorityRecords(
                        new RegistryLedger(new CertificateRegistry(database), revocations),
                        new RegistryCrls(revocations)),
                Clock.systemUTC());
    }

    @Test
    void anIssuerWhosePlaceIsTakenMeanwhileSignsItself(@TempDir Path folder) throws Exception {
        try (RegistryDatabase database = TestDatabase.SQLITE.open(folder);
                OwnAuthority own = authority(folder, database)) {
            IssuerId first = own.hierarchy().activeId(OwnAuthority.DEVICE_EC);
            IssuerId next = own.generations().prepare(OwnAuthority.DEVICE_EC);
            Issuer issuer = own.hierarchy().issuer(first).orElseThrow();
            OcspSigners signers =
                    new OcspSigners(
                            own.authority(),
                            new SecureRandom(),
                            new ActingClock(() -> own.hierarchy().activate(next)));

            assertThatCode(() -> signers.of(issuer)).doesNotThrowAnyException();
            assertThat(own.hierarchy().activeId(OwnAuthority.DEVICE_EC)).isEqualTo(next);
        }
    }

    @Test
    void whoSignedForAnIssuerWhoseKeyIsGoneIsForgotten(@TempDir Path folder) throws Exception {
        try (RegistryDatabase database = TestDatabase.SQLITE.open(folder);
                OwnAuthority own = authority(folder, database)) {
            Issuer gone = active(own, OwnAuthority.DEVICE_EC);
            Issuer here = active(own, OwnAuthority.SERVER);
            OcspSigners signers =
                    new OcspSigners(own.authority(), new SecureRandom(), Clock.systemUTC());
            OcspSigner ofGone = signers.of(gone);
            OcspSigner ofHere = signers.of(here);
            assertThat(signers.of(gone)).isSameAs(ofGone);

            own.authority().revokeAuthority(gone.id(), RevocationReason.CA_COMPROMISE, "test");
            own.hierarchy().destroyKey(gone.id(), "test");
            signers.forgetDestroyed();

            assertThat(signers.of(here)).isSameAs(ofHere);
            assertThat(signers.of(gone)).isNotSameAs(ofGone);
        }
    }

    private static Issuer active(OwnAuthority own, String name) {
        return own.hierarchy().issuer(own.hierarchy().activeId(name)).orElseThrow();
    }
}
