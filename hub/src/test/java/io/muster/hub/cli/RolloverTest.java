package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.CertifiedHub;
import io.muster.hub.CertifiedHub.Certified;
import io.muster.hub.certificates.TlsClient;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices of two generations of an issuer, side by side at one hub. */
class RolloverTest {

    private static final int ADMINISTRATIVE_ACTION = 0x98;

    private static void rollOver(Path folder, String step) {
        CommandRun run =
                CommandRun.of(
                        Map.of(
                                "MUSTER_DATA",
                                folder.toString(),
                                "MUSTER_LISTENERS",
                                "[{name = tcp, bind = 127.0.0.1, port = 0}]",
                                "MUSTER_MANAGEMENT_PORT",
                                "0",
                                "MUSTER_CERTIFICATES_AUTHORITY_PUBLIC_ADDRESS",
                                "http://127.0.0.1:8080"),
                        "",
                        "ca",
                        "rollover",
                        "device-ec",
                        step);
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private static String issuer(Certified device) {
        return device.certificate().getIssuerX500Principal().getName();
    }

    @Test
    void areBothLetInAndEachIsOutWhenItIsRevoked(@TempDir Path folder) {
        Certified old;
        Certified neighbour;
        try (CertifiedHub hub = CertifiedHub.start(folder)) {
            old = hub.certified();
            neighbour = hub.certified();
        }
        rollOver(folder, "--prepare");
        rollOver(folder, "--activate");
        try (CertifiedHub hub = CertifiedHub.start(folder)) {
            Certified next = hub.certified();
            Certified renewed = hub.again(neighbour);
            assertThat(issuer(old)).contains("G1");
            assertThat(issuer(next)).contains("G2");
            try (TlsClient first = hub.client(old.context());
                    TlsClient second = hub.client(next.context());
                    TlsClient third = hub.client(neighbour.context())) {
                assertThat(first.connect(old.key(), null, null)).isZero();
                assertThat(second.connect(next.key(), null, null)).isZero();
                assertThat(third.connect(neighbour.key(), null, null, 600)).isZero();

                hub.revoke(old);
                assertThat(first.end()).isEqualTo(ADMINISTRATIVE_ACTION);
                assertThat(second.isAlive()).isTrue();
                hub.revoke(next);
                assertThat(second.end()).isEqualTo(ADMINISTRATIVE_ACTION);
                hub.revoke(neighbour);
                assertThat(third.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            }
            assertRefused(hub, old);
            assertRefused(hub, next);
            assertRefused(hub, neighbour);
            try (TlsClient client = hub.client(renewed.context())) {
                assertThat(client.connect(renewed.key(), null, null, 600)).isZero();
                assertThat(client.hasResumed()).as("a session of the first generation").isTrue();
            }
        }
    }

    private static void assertRefused(CertifiedHub hub, Certified device) {
        try (TlsClient client = hub.client(device.context())) {
            assertThat(client.connect(device.key(), null, null)).isEqualTo(TlsClient.CLOSED);
        }
    }
}
