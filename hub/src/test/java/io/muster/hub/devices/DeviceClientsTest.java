package io.muster.hub.devices;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.NoTopics;
import io.muster.auth.secret.ActivationListener;
import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Identity;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Secret;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.hub.OpenRegistry;
import io.muster.hub.gateways.Gateways;
import io.muster.hub.gateways.SubDeviceSignIn;
import io.muster.hub.protocol.ServiceTopic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceClientsTest {

    private static final DeviceId D1 = new DeviceId("pump", "d1");

    private Path file = Path.of("");
    private OpenRegistry open;
    private RegistryDatabase database;
    private DeviceRegistry registry;
    private DeviceDirectory directory;
    private Gateways gateways;
    private DeviceClients clients;

    @BeforeEach
    void openWithADevice(@TempDir Path folder) throws IOException {
        file = folder.resolve("registry.db");
        open =
                new OpenRegistry(
                        folder, Duration.ofSeconds(2), Clock.systemUTC(), Ticker.systemTicker());
        database = open.database;
        registry = open.registry;
        directory = open.directory;
        gateways = open.gateways;
        registry.products()
                .create(Optional.of("pump"), settings -> settings.withDynamicActivation(true));
        registry.createDevice("pump", Optional.of("d1"));
        Activation activation =
                new Activation(directory, (task, delay) -> {}, ActivationListener.NONE);
        clients = new DeviceClients(directory, activation, gateways);
    }

    @AfterEach
    void close() {
        open.close();
    }

    private static ConnectedClient client(String identifier, Map<String, String> attributes) {
        return new ConnectedClient(
                identifier,
                "sent",
                new Identity("test", identifier, NoTopics.INSTANCE, attributes),
                new ConnectedClient.Origin(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000), "mqtt"),
                4,
                60,
                Instant.EPOCH);
    }

    private static ConnectedClient device(String deviceKey) {
        return client("pump/" + deviceKey, Map.of("productKey", "pump", "deviceKey", deviceKey));
    }

    private Admission connect(ConnectedClient client) {
        return clients.connecting(client).toCompletableFuture().join();
    }

    private DeviceStatus status() {
        return directory.find(D1).toCompletableFuture().join().orElseThrow().status();
    }

    @Test
    void aDeviceIsOnlineFromItsAdmissionToItsEnd() {
        assertThat(connect(device("d1"))).isEqualTo(Admission.ADMITTED);
        assertThat(status()).isEqualTo(DeviceStatus.ONLINE);

        clients.disconnected(device("d1"));
        assertThat(status()).isEqualTo(DeviceStatus.OFFLINE);
    }

    private static ConnectedClient activating(String deviceKey) {
        return client(
                "activation:pump/" + deviceKey,
                Map.of(
                        "kind",
                        DeviceSecretAuthenticator.ACTIVATING,
                        "productKey",
                        "pump",
                        "deviceKey",
                        deviceKey));
    }

    @Test
    void aDeviceThatFetchesItsSecretIsToldItAndStaysInactive() {
        List<Message> sent = new CopyOnWriteArrayList<>();

        assertThat(connect(activating("d1"))).isEqualTo(Admission.ADMITTED);
        clients.connected(activating("d1"), sent::add);
        clients.published(activating("d1"));

        Awaitility.await().until(() -> sent.size() == 1);
        assertThat(status()).isEqualTo(DeviceStatus.INACTIVE);
    }

    @Test
    void theEndOfAConnectionThatFetchesASecretIsNotThatOfTheDevice() {
        connect(device("d1"));

        clients.disconnected(activating("d1"));

        assertThat(status()).isEqualTo(DeviceStatus.ONLINE);
    }

    @Test
    void theFirstSignInOfADeviceThatCouldHaveBeenActivatedIsDurableBeforeItsConnack() {
        connect(device("d1"));

        // As another hub would find it after a crash.
        assertThat(registry.findDevice(D1).orElseThrow().activatedAt()).isPresent();
    }

    @Test
    void aFirstSignInThatCannotBeMadeDurableIsRefusedUntilItCanBe() throws SQLException {
        directory.find(D1).toCompletableFuture().join();
        directory.findProduct("pump").toCompletableFuture().join();
        try (Connection locker = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = locker.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");

            assertThat(connect(device("d1"))).isEqualTo(Admission.UNAVAILABLE);
            assertThat(status()).isEqualTo(DeviceStatus.OFFLINE);
            statement.execute("ROLLBACK");
        }

        assertThat(connect(device("d1"))).isEqualTo(Admission.ADMITTED);
        assertThat(registry.findDevice(D1).orElseThrow().activatedAt()).isPresent();
    }

    @Test
    void whoConnectsAgainWhileItsFirstSignInIsBeingWrittenIsNotAdmittedBeforeThatIsDurable()
            throws SQLException {
        directory.find(D1).toCompletableFuture().join();
        directory.findProduct("pump").toCompletableFuture().join();
        try (Connection locker = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = locker.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            var first = clients.connecting(device("d1")).toCompletableFuture();
            clients.disconnected(device("d1"));
            var second = clients.connecting(device("d1")).toCompletableFuture();

            assertThat(second).isNotDone();
            statement.execute("ROLLBACK");
            assertThat(second.join()).isEqualTo(Admission.ADMITTED);
            assertThat(first.join()).isEqualTo(Admission.ADMITTED);
        }
        assertThat(registry.findDevice(D1).orElseThrow().activatedAt()).isPresent();
    }

    private static ConnectedClient withMark(ConnectedClient client, Secret secret) {
        Map<String, String> attributes = new HashMap<>(client.identity().attributes());
        attributes.put(DeviceSecretAuthenticator.SECRET_MARK, secret.mark());
        return client(client.clientIdentifier(), attributes);
    }

    @Test
    void refusesADeviceWhoseSecretWasReplacedSinceItWasAccepted() {
        Secret before = registry.findDevice(D1).orElseThrow().secret();
        Secret after =
                registry.rotateDeviceSecret(D1, Duration.ZERO, OptionalLong.empty()).secret();

        assertThat(connect(withMark(device("d1"), before)))
                .isEqualTo(
                        Admission.notAuthorized(
                                "since it signed in: device 'pump/d1' has other secrets by now"));
        assertThat(status()).isEqualTo(DeviceStatus.INACTIVE);
        assertThat(connect(withMark(device("d1"), after))).isEqualTo(Admission.ADMITTED);
    }

    @Test
    void tellsNoSecretToWhoKnewASecretOfTheProductThatWasReplacedSince() {
        Secret before = registry.products().find("pump").orElseThrow().secret();
        List<Message> sent = new CopyOnWriteArrayList<>();
        assertThat(connect(withMark(activating("d1"), before))).isEqualTo(Admission.ADMITTED);
        Secret after =
                registry.products()
                        .rotateSecret("pump", Duration.ZERO, OptionalLong.empty())
                        .secret();

        clients.connected(withMark(activating("d1"), before), sent::add);
        assertThat(connect(withMark(activating("d1"), before)))
                .isEqualTo(Admission.notAuthorized("may not fetch its secret any more: pump/d1"));
        assertThat(sent).isEmpty();

        assertThat(connect(withMark(activating("d1"), after))).isEqualTo(Admission.ADMITTED);
        clients.connected(withMark(activating("d1"), after), sent::add);
        Awaitility.await().until(() -> sent.size() == 1);
    }

    @Test
    void aDeviceThatSignedInMeanwhileIsNotToldItsSecret() {
        connect(device("d1"));
        clients.disconnected(device("d1"));

        assertThat(connect(activating("d1")))
                .isEqualTo(Admission.notAuthorized("may not fetch its secret any more: pump/d1"));
    }

    @Test
    void aDeviceThatSignsInIsNotToldItsSecret() {
        List<Message> sent = new ArrayList<>();
        connect(device("d1"));

        clients.connected(device("d1"), sent::add);

        assertThat(sent).isEmpty();
    }

    @Test
    void refusesADisabledDevice() {
        directory.disable(D1).durable().toCompletableFuture().join();

        assertThat(connect(device("d1")))
                .isEqualTo(Admission.notAuthorized("device is disabled: pump/d1"));
        assertThat(status()).isEqualTo(DeviceStatus.DISABLED);
    }

    @Test
    void asksADeviceToComeAgainWhenTheRegistryCannotBeAsked() {
        database.close();

        assertThat(connect(device("not-in-memory"))).isEqualTo(Admission.UNAVAILABLE);
    }

    @Test
    void aDeviceWhoseProductCannotBeLookedUpIsRefusedAndNotOnline() {
        connect(device("d1"));
        clients.disconnected(device("d1"));
        registry.products()
                .update(
                        "pump",
                        OptionalLong.empty(),
                        settings -> settings.withDynamicActivation(false));
        database.close();

        assertThat(connect(device("d1"))).isEqualTo(Admission.UNAVAILABLE);
        assertThat(status()).isEqualTo(DeviceStatus.OFFLINE);
    }

    private static final DeviceId GATEWAY = new DeviceId("gw", "g1");

    private static ConnectedClient gateway() {
        return client(
                GATEWAY.toString(),
                Map.of("productKey", GATEWAY.productKey(), "deviceKey", GATEWAY.deviceKey()));
    }

    private void createGatewayOfD1() {
        registry.products()
                .create(Optional.of("gw"), settings -> settings.withType(ProductType.GATEWAY));
        registry.createDevice(GATEWAY.productKey(), Optional.of(GATEWAY.deviceKey()));
        gateways.add(GATEWAY, D1);
    }

    @Test
    void aGatewayThatConnectedBeforeNeedsNoRegistryToSpeakForItsDevices() {
        createGatewayOfD1();
        assertThat(connect(gateway())).isEqualTo(Admission.ADMITTED);
        clients.disconnected(gateway());
        database.close();

        assertThat(connect(gateway())).isEqualTo(Admission.ADMITTED);

        assertThat(gateways.subDevices().find(GATEWAY.toString(), D1.toString())).isNull();
        assertThat(speakers().find(GATEWAY.toString(), D1.toString())).isEqualTo(D1);
    }

    private ServiceTopic.Speakers speakers() {
        return gateways.services(new NobodySignsIn(), outcome -> {}).members();
    }

    @Test
    void aGatewayOfWhichMemoryDoesNotKnowWhomItSpeaksForIsAskedToComeAgain() {
        createGatewayOfD1();
        directory.find(GATEWAY).toCompletableFuture().join();
        directory.findProduct("gw").toCompletableFuture().join();
        database.close();

        assertThat(connect(gateway())).isEqualTo(Admission.UNAVAILABLE);
        assertThat(directory.find(GATEWAY).toCompletableFuture().join().orElseThrow().status())
                .isEqualTo(DeviceStatus.OFFLINE);
    }

    private static final class NobodySignsIn implements SubDeviceSignIn {

        @Override
        public CompletionStage<AuthResult> signIn(ConnectedClient gateway, DeviceClaim claim) {
            return CompletableFuture.completedFuture(AuthResult.abstain());
        }

        @Override
        public CompletionStage<AuthResult> prove(ConnectedClient gateway, DeviceClaim claim) {
            return signIn(gateway, claim);
        }

        @Override
        public void refused(ConnectedClient gateway, DeviceId device, AuthResult.Deny why) {}

        @Override
        public CompletionStage<Boolean> isGood(String productKey, String secretMark) {
            return CompletableFuture.completedFuture(false);
        }
    }

    @Test
    void refusesADeviceThatIsNoLongerRegistered() {
        assertThat(connect(device("gone")))
                .isEqualTo(
                        Admission.notAuthorized(
                                "since it signed in: device 'pump/gone' is unknown"));
    }

    @Test
    void refusesADeviceWhoseSessionHasAnotherName() {
        ConnectedClient client = client("another", Map.of("productKey", "pump", "deviceKey", "d1"));

        assertThat(connect(client))
                .isEqualTo(
                        Admission.notAuthorized(
                                "its session does not have the name of the device: pump/d1"));
        assertThat(status()).isEqualTo(DeviceStatus.INACTIVE);
    }

    @Test
    void admitsWhoIsNotADevice() {
        ConnectedClient application = client("app-1", Map.of("username", "billing"));

        assertThat(connect(application)).isEqualTo(Admission.ADMITTED);
        clients.published(application);
        clients.disconnected(application);
    }
}
