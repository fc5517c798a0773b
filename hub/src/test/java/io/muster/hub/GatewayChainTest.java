package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.GatewaySite.Client;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.HubConfig.Authentication.Entry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices come through their gateways by the same chain as those that connect. */
class GatewayChainTest {

    private static GatewaySite site;
    private static Client gateway;

    @BeforeAll
    static void open(@TempDir Path folder) throws Exception {
        HubConfig plain = RunningHub.config(folder);
        HubConfig.Authentication authentication = plain.authentication();
        site =
                GatewaySite.open(
                        new HubConfig(
                                plain.dataFolder(),
                                plain.broker(),
                                plain.certificates(),
                                new HubConfig.Authentication(
                                        List.of(
                                                entry("bouncer", Map.of()),
                                                entry(
                                                        "device-secret",
                                                        Map.of("timestamps-ascend", "true"))),
                                        authentication.deadline(),
                                        authentication.scramIterations(),
                                        authentication.guard(),
                                        authentication.exempt(),
                                        authentication.anonymousListeners()),
                                plain.permissions(),
                                plain.devices(),
                                plain.registry(),
                                plain.management()));
        gateway = site.connectGateway("g1");
    }

    private static Entry entry(String type, Map<String, String> settings) {
        return new Entry(type, new AuthenticatorProvider.Settings(type, settings));
    }

    @AfterAll
    static void close() throws Exception {
        gateway.close();
        site.close();
    }

    @Test
    void whomAPlugInRefusesThatStandsBeforeTheSecretsIsRefusedThroughAGatewayToo()
            throws Exception {
        DeviceId id = new DeviceId("demo", "unwanted");
        Secret secret = site.create(id);

        assertThat(gateway.add(id, secret).path("code").asInt()).isEqualTo(1009);
        site.hub()
                .operator()
                .call("PUT", GatewaySite.path(gateway.id()) + "/subdevices/demo/unwanted");
        assertThat(gateway.login(id, secret).path("code").asInt()).isEqualTo(1009);
        assertThat(site.state(id)).isEqualTo("INACTIVE");
    }

    @Test
    void whomAPlugInLetsInNeedsHisSecretThroughAGatewayAllTheSame() throws Exception {
        DeviceId id = new DeviceId("demo", "friend");
        Secret secret = site.create(id);

        assertThat(gateway.add(id, Secret.of("wrong")).path("code").asInt()).isEqualTo(401);
        assertThat(gateway.add(id, secret).path("code").asInt()).isEqualTo(200);
        assertThat(gateway.login(id, Secret.of("wrong")).path("code").asInt()).isEqualTo(401);
        assertThat(gateway.login(id, secret).path("code").asInt()).isEqualTo(200);
    }

    @Test
    void timestampsAscendWhicheverWayADeviceComes() throws Exception {
        DeviceId id = new DeviceId("demo", "d1");
        Secret secret = site.create(id);
        assertThat(gateway.add(id, secret).path("code").asInt()).isEqualTo(200);
        String later = Long.toString(Long.parseLong(GatewaySite.TIMESTAMP) + 1);
        SignedConnect signed = DeviceSignature.sign(id, secret, SignMethod.SHA256, later);
        RunningHub.disconnect(
                site.hub().connect(signed.clientId(), signed.username(), signed.password()));

        assertThat(gateway.login(id, secret).path("code").asInt()).isEqualTo(401);
    }
}
