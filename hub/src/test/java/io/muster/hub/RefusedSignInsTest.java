package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import io.muster.auth.guard.GuardSettings;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.broker.BrokerConfig;
import io.muster.broker.pace.RateLimits;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.config.HubConfig;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Those whom a whole hub refuses over MQTT are in its audit log, once each and with the reason. */
class RefusedSignInsTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    /** More in a second make one address wait; only one test has so many. */
    private static final int CONNECTS_OF_ADDRESS = 30;

    private static final int CONNECTS_OF_DEVICE = 12;
    private static final String PASSWORD = "correct horse battery";
    private static final AtomicInteger numbers = new AtomicInteger();

    private static GatewaySite site;
    private static GatewaySite.Client gateway;

    /** Where the clients of a test are. */
    private final String address = "127.0.1." + numbers.incrementAndGet();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        site = GatewaySite.open(config(RunningHub.config(folder)));
        gateway = site.connectGateway("g1");
    }

    private static HubConfig config(HubConfig usual) {
        HubConfig.Authentication authentication = usual.authentication();
        List<HubConfig.Authentication.Entry> chain = new ArrayList<>(authentication.chain());
        chain.add(
                0,
                new HubConfig.Authentication.Entry(
                        "outdated", new AuthenticatorProvider.Settings("outdated", Map.of())));
        GuardSettings guard =
                new GuardSettings(
                        2,
                        0,
                        0,
                        LONG,
                        LONG,
                        LONG,
                        1_000,
                        new GuardSettings.ConnectRate(true, CONNECTS_OF_DEVICE, LONG, LONG));
        return new HubConfig(
                usual.dataFolder(),
                limited(usual.broker()),
                usual.certificates(),
                new HubConfig.Authentication(
                        chain,
                        authentication.deadline(),
                        authentication.scramIterations(),
                        guard,
                        List.of(),
                        authentication.anonymousListeners()),
                usual.permissions(),
                usual.devices(),
                usual.registry(),
                new HubConfig.Management(
                        "127.0.0.1",
                        0,
                        usual.management().tls(),
                        new HubConfig.Audit(Duration.ofDays(1), 100_000, 10_000)));
    }

    private static BrokerConfig limited(BrokerConfig usual) {
        return new BrokerConfig(
                usual.listeners(),
                usual.loops(),
                usual.limits(),
                usual.protocol(),
                usual.sessions(),
                usual.retained(),
                new RateLimits(
                        0,
                        0,
                        0,
                        0,
                        0,
                        CONNECTS_OF_ADDRESS,
                        new TakeOverLimits(1, LONG, LONG, LONG)),
                usual.times());
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        site.close();
    }

    // ------------------------------------------------------------------ clients and rows

    private Mqtt5ClientBuilder client(String clientId) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .transportConfig()
                .serverAddress(site.hub().mqttAddress())
                .localAddress(address)
                .applyTransportConfig();
    }

    private Mqtt5BlockingClient client(String clientId, String username, String password) {
        return client(clientId)
                .simpleAuth()
                .username(username)
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
    }

    private Mqtt5BlockingClient client(SignedConnect signed) {
        return client(signed.clientId(), signed.username(), signed.password());
    }

    private static void refuse(Mqtt5BlockingClient client, int code) {
        Mqtt5ConnAckException refused =
                catchThrowableOfType(Mqtt5ConnAckException.class, client::connect);
        assertThat(refused).as("the refusal").isNotNull();
        assertThat(refused.getMqttMessage().getReasonCode().getCode()).isEqualTo(code);
    }

    private static SignedConnect signed(DeviceId id, Secret secret) {
        return DeviceSignature.sign(id, secret, SignMethod.SHA256, GatewaySite.TIMESTAMP);
    }

    /** What a device sends that fetches its secret. */
    private static SignedConnect activating(DeviceId id, Secret ofProduct) {
        SignedConnect signed = signed(id, ofProduct);
        return new SignedConnect(
                signed.clientId().replace("securemode=2", "securemode=3"),
                signed.username(),
                signed.password());
    }

    private static DeviceId device(String key) {
        return new DeviceId("demo", key);
    }

    private static void createAccount(String username) {
        site.hub()
                .operator()
                .post(
                        "/api/v1/applications",
                        "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(username, PASSWORD));
    }

    private static JsonNode rows(String name) {
        String object = URLEncoder.encode("client:" + name, StandardCharsets.UTF_8);
        return site.hub()
                .operator()
                .get("/api/v1/audit?limit=500&act=client.sign-in&object=" + object)
                .json()
                .path("items");
    }

    /**
     * All rows of a name. Rows are written in the order of the refusals, so none is missing or
     * comes later when that of another is there who was refused after him.
     */
    private JsonNode allRows(String name) {
        String last = "last-" + numbers.incrementAndGet();
        refuse(client(signed(device(last), Secret.of("wrong"))), 0x86);
        await().until(() -> rows(last + "&demo").size() == 1);
        return rows(name);
    }

    /** The only row of a name, less what all of them have. */
    private JsonNode row(String name) {
        JsonNode rows = allRows(name);
        assertThat(rows).as(rows.toString()).hasSize(1);
        JsonNode row = rows.get(0);
        assertThat(row.path("actor").asText()).isEqualTo("unknown");
        assertThat(row.path("outcome").asText()).isEqualTo("refused");
        return row;
    }

    private void expectRow(String name, String detail) {
        JsonNode row = row(name);
        assertThat(row.path("detail").asText()).isEqualTo(detail);
        assertThat(row.path("address").asText()).isEqualTo(address);
    }

    /** Of one who comes from the gateway's address. */
    private void expectRowThroughGateway(DeviceId id, String detail) {
        JsonNode row = row(id.deviceKey() + "&" + id.productKey());
        assertThat(row.path("detail").asText()).isEqualTo(detail + "; through gateway gwp/g1");
        assertThat(row.path("address").asText()).isEqualTo("127.0.0.1");
    }

    // ------------------------------------------------------------------ the proof

    @Test
    void aWrongPassword() {
        createAccount("anna");

        refuse(client("c1", "anna", "top-secret"), 0x86);

        expectRow("anna", "bad_credentials: wrong password: anna");
        assertThat(rows("anna").toString()).doesNotContain("top-secret");
    }

    @Test
    void whoSaysNoNameByItsClientIdentifier() {
        refuse(client("nameless").buildBlocking(), 0x87);

        expectRow("nameless", "bad_credentials: no authenticator knows these credentials");
    }

    @Test
    void aWrongSignatureAndThenTheBar() {
        DeviceId id = device("guessed");
        site.create(id);

        refuse(client(signed(id, Secret.of("wrong"))), 0x86);
        refuse(client(signed(id, Secret.of("wrong"))), 0x86);
        refuse(client(signed(id, Secret.of("wrong"))), 0x8A);

        assertThat(allRows("guessed&demo").findValuesAsText("detail"))
                .containsExactly(
                        "banned: name is barred at this address",
                        "bad_credentials: wrong signature: demo/guessed",
                        "bad_credentials: wrong signature: demo/guessed");
    }

    @Test
    void aDeviceWhoseProductDemandsACertificate() {
        site.createProduct("certified", settings -> settings.withCertificateRequired(true));
        DeviceId id = new DeviceId("certified", "d");

        refuse(client(signed(id, site.create(id))), 0x87);

        expectRow(
                "d&certified",
                "not_authorized: product requires a certificate, and none was presented:"
                        + " certified/d");
    }

    @Test
    void devicesThatMayNotFetchTheirSecret() throws Exception {
        Secret off = site.createProduct("off", false).secret();
        DeviceId switchedOff = new DeviceId("off", "d");
        site.create(switchedOff);
        Secret on = site.createProduct("on", true).secret();
        DeviceId guessed = new DeviceId("on", "guessed");
        DeviceId active = new DeviceId("on", "active");
        site.create(guessed);
        Mqtt5BlockingClient first = client(signed(active, site.create(active)));
        first.connect();
        first.disconnect();

        refuse(client(activating(switchedOff, off)), 0x86);
        refuse(client(activating(guessed, off)), 0x86);
        refuse(client(activating(active, on)), 0x87);

        expectRow("d&off", "bad_credentials: product has no dynamic activation: off");
        expectRow("guessed&on", "bad_credentials: wrong signature: on/guessed");
        expectRow("active&on", "not_authorized: device is activated: on/active");
    }

    @Test
    void aWrongProofByScramAndAMethodThatNobodyKnows() {
        createAccount("scram");

        refuse(scram(new ScramMechanism("scram", "wrong")), 0x86);
        refuse(client("m").enhancedAuth(new ScramMechanism("X", "m", "m")).buildBlocking(), 0x8C);

        expectRow("scram-client", "bad_credentials: wrong password: scram");
        expectRow(
                "m",
                "bad_authentication_method: no authenticator knows the authentication method"
                        + " [MQTT-4.12.0-1]");
    }

    private Mqtt5BlockingClient scram(ScramMechanism mechanism) {
        return client("scram-client").enhancedAuth(mechanism).buildBlocking();
    }

    @ParameterizedTest
    @CsvSource({
        "wrong-again, wrong-again, bad_credentials: wrong password: wrong-again",
        "other-again, late-than, 'not_authorized: signed in again as app:late-than, and is app:other-again'"
    })
    void whoSignsInAgainAndIsNotThere(String account, String becomes, String detail) {
        createAccount(account);
        createAccount(becomes);
        ScramMechanism mechanism = new ScramMechanism(account, PASSWORD);
        Mqtt5BlockingClient client = client(account).enhancedAuth(mechanism).buildBlocking();
        client.connect();
        mechanism.become(becomes, account.equals(becomes) ? "wrong" : PASSWORD);

        assertThat(client.toAsync().reauth()).failsWithin(Duration.ofSeconds(10));

        expectRow(account, detail);
    }

    @Test
    void butNotWhereTheAuthenticatorCouldNotBeAsked() {
        refuse(client("c", "outage", ""), 0x88);

        assertThat(allRows("outage")).isEmpty();
    }

    // ------------------------------------------------------------------ after the proof

    @Test
    void whoFightsForAnIdentityAFewTimes() {
        DeviceId id = device("contested");
        SignedConnect signed = signed(id, site.create(id));
        List<Mqtt5BlockingClient> present = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            present.add(client(signed));
            present.get(i).connect();
        }

        for (int i = 0; i < 8; i++) {
            refuse(client(signed), 0x9F);
        }

        JsonNode rows = allRows("contested&demo");
        assertThat(rows).hasSizeBetween(3, 6); // three in a minute, and another may begin
        assertThat(rows.get(0).path("detail").asText())
                .isEqualTo(
                        "connection_rate_exceeded: client identifier demo/contested is contested,"
                                + " and the present connection stays for now");
        present.get(2).disconnect();
    }

    @Test
    void aDeviceThatConnectsTooOften() {
        DeviceId id = device("restless");
        SignedConnect signed = signed(id, site.create(id));
        for (int i = 0; i < CONNECTS_OF_DEVICE; i++) {
            Mqtt5BlockingClient client = client(signed);
            client.connect();
            client.disconnect();
        }

        refuse(client(signed), 0x8A);

        expectRow("restless&demo", "banned: device connects too often");
    }

    @Test
    void anAddressThatConnectsTooFast() {
        int count = 3 * CONNECTS_OF_ADDRESS;
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SignedConnect wrong = signed(device("flood-" + i), Secret.of("wrong"));
            answers.add(client(wrong).toAsync().connect());
        }
        answers.forEach(answer -> assertThat(answer).failsWithin(Duration.ofSeconds(20)));
        await().pollDelay(Duration.ofSeconds(1)).until(() -> true); // it may come again

        assertThat(allRows("flood-*").findValuesAsText("detail"))
                .hasSize(count)
                .contains("connection_rate_exceeded: limit address_connects");
    }

    @Test
    void whoSendsTheIdentifierOfAnotherAndWhoMayNotPublishItsWill() {
        createAccount("owner");
        createAccount("thief");
        DeviceId id = device("willful");
        SignedConnect signed = signed(id, site.create(id));
        Mqtt5BlockingClient owner = client("mine", "owner", PASSWORD);
        owner.connect();

        refuse(client("mine", "thief", PASSWORD), 0x85);
        refuse(
                client(signed.clientId())
                        .simpleAuth()
                        .username(signed.username())
                        .password(signed.password().getBytes(StandardCharsets.UTF_8))
                        .applySimpleAuth()
                        .willPublish()
                        .topic("elsewhere")
                        .applyWillPublish()
                        .buildBlocking(),
                0x87);

        expectRow(
                "thief",
                "client_identifier_not_valid: session mine belongs to another principal than"
                        + " app:thief");
        expectRow("willful&demo", "not_authorized: may not publish its will");
        owner.disconnect();
    }

    @Test
    void devicesAboutWhichSomethingChangedAfterTheirProof() {
        site.create(device("late-secret"));
        site.create(device("late-bar"));
        site.create(device("late-activation"));
        site.hub().operator().post(GatewaySite.path(device("late-bar")) + "/disable");

        refuse(client("c", "late-secret&demo", ""), 0x87);
        refuse(client("c", "late-bar&demo", ""), 0x87);
        refuse(client("c", "late-activation&demo", ""), 0x87);
        refuse(client("c", "late-deletion&demo", ""), 0x87);

        expectRow(
                "late-secret&demo",
                "not_authorized: since it signed in: device 'demo/late-secret' has other secrets"
                        + " by now");
        expectRow("late-bar&demo", "not_authorized: device is disabled: demo/late-bar");
        expectRow(
                "late-activation&demo",
                "not_authorized: may not fetch its secret any more: demo/late-activation");
        expectRow(
                "late-deletion&demo",
                "not_authorized: since it signed in: device 'demo/late-deletion' is unknown");
    }

    @Test
    void applicationsAboutWhichSomethingChangedAfterTheirProof() {
        createAccount("late-password");
        createAccount("late-bar");
        site.hub().operator().post("/api/v1/applications/late-bar/disable");

        refuse(client("c", "late-password", ""), 0x87);
        refuse(client("c", "late-bar", ""), 0x87);
        refuse(client("c", "late-deletion", ""), 0x87);

        expectRow(
                "late-password",
                "not_authorized: account has another password since it signed in: late-password");
        expectRow("late-bar", "not_authorized: account is disabled: late-bar");
        expectRow(
                "late-deletion",
                "not_authorized: account was deleted since it signed in: late-deletion");
    }

    // ------------------------------------------------------------------ through gateways

    @Test
    void aDeviceThatIsNotInTheTopologyOfItsGateway() throws Exception {
        DeviceId one = device("alone");
        DeviceId other = device("alone-too");
        Secret secret = site.create(one);
        Secret otherSecret = site.create(other);

        gateway.login(one, secret);
        gateway.session(
                "combine/login/batch",
                "{\"clientId\":\"c\",\"timestamp\":\"7\",\"signMethod\":\"sha256\",\"subDevices\":[{\"productKey\":\"demo\",\"deviceKey\":\"%s\",\"sign\":\"%s\"}]}"
                        .formatted(
                                other.deviceKey(), GatewaySite.sign(other, otherSecret, "c", "7")));

        String detail =
                "not_authorized: device '%s' is not in the topology of gateway 'gwp/g1';"
                        + " thing.topo.add it first";
        expectRowThroughGateway(one, detail.formatted(one));
        expectRowThroughGateway(other, detail.formatted(other));
    }

    @Test
    void aDeviceWhoseGatewayDoesNotKnowItsSecretOrThatIsDisabled() throws Exception {
        DeviceId login = device("wrong-login");
        DeviceId add = device("wrong-add");
        DeviceId disabled = device("barred-login");
        gateway.add(login, site.create(login));
        site.create(add);
        Secret secret = site.create(disabled);
        gateway.add(disabled, secret);
        site.hub().operator().post(GatewaySite.path(disabled) + "/disable");

        gateway.login(login, Secret.of("wrong"));
        gateway.add(add, Secret.of("wrong"));
        gateway.login(disabled, secret);

        expectRowThroughGateway(login, "bad_credentials: wrong signature: demo/wrong-login");
        expectRowThroughGateway(add, "bad_credentials: wrong signature: demo/wrong-add");
        expectRowThroughGateway(disabled, "not_authorized: device is disabled: demo/barred-login");
    }

    @Test
    void aGatewayThatIsToSpeakForAnother() throws Exception {
        DeviceId id = new DeviceId("gwp", "g2");

        gateway.add(id, site.create(id));

        expectRowThroughGateway(
                id, "not_authorized: 'gwp/g2' is a gateway itself, and speaks for itself");
    }

    @Test
    void whoIsNoGatewayAndSignsDevicesIn() throws Exception {
        DeviceId id = device("pretender");
        DeviceId sub = device("pretended");
        Secret secret = site.create(sub);
        try (GatewaySite.Client pretender = site.connect(id, site.create(id))) {
            pretender.login(sub, secret);
        }

        assertThat(row("pretender&demo").path("detail").asText())
                .isEqualTo("not_authorized: product 'demo' is not one of gateways");
        assertThat(rows("pretended&demo")).isEmpty();
    }

    @Test
    void aGatewayThatMayNotRegisterDevices() throws Exception {
        try (GatewaySite.Client registrar = site.connectGateway("g3")) {
            registrar.system("thing/device/register", "[{\"productKey\":\"demo\"}]");
        }

        assertThat(row("g3&gwp").path("detail").asText())
                .isEqualTo(
                        "not_authorized: registering devices: gateways may not register devices of"
                                + " product 'demo'");
    }
}
