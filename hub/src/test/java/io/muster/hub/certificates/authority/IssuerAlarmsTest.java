package io.muster.hub.certificates.authority;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.hub.monitoring.CertificateMetrics;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps issuers from issuing is told before it does. */
class IssuerAlarmsTest {

    private final MovingClock clock = new MovingClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    @TempDir private Path folder = Path.of("");
    private AuthorityStage stage;

    @BeforeEach
    void open() throws Exception {
        stage = new AuthorityStage(folder, clock);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private OwnAuthority authority() {
        return stage.authority();
    }

    private double daysLeft(String name) {
        return meters.get("muster.issuer.rollover.days").tag("authority", name).gauge().value();
    }

    @Test
    void saysWhatToRollOverBeforeItIssuesNoMoreForAsLongAsIsUsual() {
        authority().start(new CertificateMetrics(meters), clock);
        assertThat(authority().issuerAlarm()).isEmpty();
        // Issuers are valid for 1825 days, and certificates of devices for 365.
        assertThat(daysLeft("device-ec")).isBetween(1459.0, 1460.0);
        clock.move(Duration.ofDays(1429));
        assertThat(authority().issuerAlarm()).isEmpty();

        clock.move(Duration.ofDays(2));
        assertThat(authority().issuerAlarm())
                .get()
                .asString()
                .contains(
                        "roll over device-ec before 20",
                        "certificates of 365 days would outlive issuer device-ec-g1",
                        "roll over device-rsa before 20")
                .doesNotContain("server");
        clock.move(Duration.ofDays(30));
        assertThat(authority().issuerAlarm())
                .get()
                .asString()
                .contains("roll over device-ec now: since 20");
        assertThat(daysLeft("device-ec")).isNegative();

        for (String name : IssuerAlarms.authorities().subList(0, 2)) {
            Generations generations = authority().generations();
            generations.activate(generations.prepare(name));
        }
        assertThat(authority().issuerAlarm()).isEmpty();
        assertThat(daysLeft("device-ec")).isBetween(1459.0, 1460.0);
    }

    @Test
    void saysThatOneIsRevokedUntilAnotherIssues() {
        Generations generations = authority().generations();
        generations.revoke(new IssuerId("server", 1), RevocationReason.CA_COMPROMISE, "operator");
        assertThat(authority().issuerAlarm())
                .hasValue("issuer server-g1 is revoked, so nothing is issued: roll over server");

        generations.activate(generations.prepare("server"));
        assertThat(authority().issuerAlarm()).isEmpty();
        assertThat(stage.issue().id().issuer()).hasToString("server-g2");
    }
}
