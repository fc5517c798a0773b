package io.muster.hub.sdk.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.sdk.AgainstHub;
import io.muster.hub.sdk.SdkHub;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the gateways of each SDK need of a hub. */
class GatewaySdkTest extends AgainstHub {

    private static final String GATEWAYS = "gateways";

    private List<SubDevice> devices;
    private SubDevice first;
    private SubDevice second;

    private enum Sdk {
        JAVA,
        PYTHON,
        NODE,
        C;

        private GatewaySdk of(SubDevice gateway) {
            return switch (this) {
                case JAVA -> new JavaGateway(hub, gateway);
                case PYTHON -> new PythonGateway(hub, gateway);
                case NODE -> new NodeGateway(hub, gateway);
                case C -> new CGateway(hub, gateway);
            };
        }

        /** A new gateway, connected. */
        GatewaySdk connected() {
            String key = "gateway-of-" + hub.createDevice();
            hub.createDevice(GATEWAYS, key);
            GatewaySdk gateway = of(new SubDevice(GATEWAYS, key, hub.secret(key)));
            assertThat(gateway.connect()).isFalse();
            return gateway;
        }
    }

    @BeforeAll
    static void createProduct() {
        hub.createGatewayProduct(GATEWAYS);
    }

    @BeforeEach
    void createDevices() {
        first = subDevice(device);
        second = subDevice(hub.createDevice());
        devices = List.of(first, second);
    }

    private static SubDevice subDevice(String key) {
        return new SubDevice(SdkHub.PRODUCT, key, hub.secret(key));
    }

    private static void assertGood(JsonNode answer) {
        assertThat(answer.path("code").asInt()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.path("id").isTextual()).isTrue();
    }

    /** What each list says of a device, and no SDK can do without. */
    private static void assertNames(JsonNode entry, SubDevice device) {
        assertThat(entry.path("productKey").textValue()).isEqualTo(device.productKey());
        assertThat(entry.path("deviceKey").textValue()).isEqualTo(device.deviceKey());
    }

    private static void addTo(GatewaySdk gateway, List<SubDevice> devices) {
        if (gateway instanceof CGateway) {
            devices.forEach(each -> assertGood(gateway.topoAdd(List.of(each))));
        } else {
            assertGood(gateway.topoAdd(devices));
        }
    }

    @ParameterizedTest
    @EnumSource
    void addsDevicesSignsOneInReportsForItAndSignsItOut(Sdk sdk) throws Exception {
        try (GatewaySdk gateway = sdk.connected()) {
            addTo(gateway, devices);
            JsonNode topology = gateway.topoGet();
            assertGood(topology);
            assertNames(topology.path("data").path(0), first);
            assertNames(topology.path("data").path(1), second);

            JsonNode login = gateway.signIn(first);
            assertGood(login);
            assertNames(login.path("data"), first);
            assertThat(login.path("data").path("assetId").textValue()).isNotEmpty();
            assertThat(hub.state(first.deviceKey())).isEqualTo("ONLINE");
            assertGood(gateway.report(first));

            CompletableFuture<JsonNode> answer =
                    CompletableFuture.supplyAsync(
                            () ->
                                    hub.command(
                                            first.deviceKey(),
                                            "{\"method\":\"thing.service.reboot\"}"));
            gateway.serve(first, "thing/service/reboot");
            assertThat(answer.get(10, TimeUnit.SECONDS).path("data").path("ok").asInt()).isOne();

            JsonNode logout = gateway.signOut(first);
            assertGood(logout);
            assertNames(logout.path("data"), first);
            hub.awaitState(first.deviceKey(), "OFFLINE");
            gateway.connection().assertNothingElseCame();
        }
    }

    @ParameterizedTest
    @EnumSource
    void signsManyInTogetherAndReportsForThem(Sdk sdk) {
        try (GatewaySdk gateway = sdk.connected()) {
            addTo(gateway, devices);

            JsonNode data = gateway.signInAll(devices).path("data");

            assertThat(data.path("failedSubDevices").isArray()).isTrue();
            assertThat(data.path("failedSubDevices")).isEmpty();
            for (int i = 0; i < devices.size(); i++) {
                JsonNode entry = data.path("loginedSubDevices").path(i);
                assertNames(entry, devices.get(i));
                assertThat(entry.path("assetId").textValue()).isNotEmpty();
                assertThat(hub.state(devices.get(i).deviceKey())).isEqualTo("ONLINE");
            }
            devices.forEach(gateway::signedIn);
            if (gateway instanceof CGateway) {
                devices.forEach(each -> assertGood(gateway.report(each)));
            } else {
                assertGood(gateway.reportAll(devices));
            }
        }
        devices.forEach(each -> hub.awaitState(each.deviceKey(), "OFFLINE"));
    }

    @ParameterizedTest
    @EnumSource
    void isToldWhoIsDisabledEnabledAndDeletedInTheFormThatItReads(Sdk sdk) {
        try (GatewaySdk gateway = sdk.connected()) {
            addTo(gateway, devices);
            assertGood(gateway.signIn(first));

            hub.disable(first.deviceKey());
            assertTold(gateway, "disable", first);
            assertThat(gateway.signIn(first).path("code").asInt()).isNotEqualTo(200);
            hub.enable(first.deviceKey());
            assertTold(gateway, "enable", first);
            assertGood(gateway.signIn(first));
            hub.delete(second.deviceKey());
            assertTold(gateway, "delete", second);
            gateway.connection().assertNothingElseCame();
        }
    }

    private static void assertTold(GatewaySdk gateway, String what, SubDevice device) {
        JsonNode told = gateway.takeNotice(what);
        if (gateway instanceof CGateway) {
            assertNames(told, device);
        } else {
            assertThat(told).hasSize(1);
            assertNames(told.path(0), device);
        }
    }

    @ParameterizedTest
    @EnumSource
    void comesBackAfterALostConnectionAndSignsItsDevicesInAgain(Sdk sdk) {
        try (GatewaySdk gateway = sdk.connected()) {
            addTo(gateway, List.of(first));
            assertGood(gateway.signIn(first));
            gateway.loseConnection();
            hub.awaitState(first.deviceKey(), "OFFLINE");

            assertThat(gateway.connect()).isEqualTo(sdk == Sdk.C);
            gateway.resume(first);

            hub.awaitState(first.deviceKey(), "ONLINE");
            gateway.connection().assertNothingElseCame();
        }
    }
}
