package io.muster.hub.gateways;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.NoTopics;
import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.broker.Clients;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Secret;
import io.muster.devices.details.LastClient;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.topology.Topology;
import io.muster.hub.OpenRegistry;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import io.muster.hub.protocol.Service;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sign-ins through gateways that something else overtakes, just before they are let in. */
class GatewayLoginsTest {

    private static final int ROUNDS = 30_000;

    /** Each test has devices of its own. */
    private static final AtomicInteger TESTS = new AtomicInteger();

    private static OpenRegistry open;
    private static DeviceRegistry registry;
    private static DeviceDirectory directory;
    private static Topology topology;
    private static Gateways gateways;
    private static Service login;

    /** Of the sign-in that is under way. */
    private static CompletableFuture<AuthResult> verdict = new CompletableFuture<>();

    /** Whether it knew a secret of its product that is good. */
    private static CompletableFuture<Boolean> productSecretIsGood = new CompletableFuture<>();

    /** Complete when the broker has asked anew what a gateway may. */
    private static CompletableFuture<Boolean> refreshed = new CompletableFuture<>();

    private String timestamp = "1";
    private DeviceId gateway;
    private DeviceId other;
    private DeviceId sub;
    private Secret secret;

    @BeforeAll
    static void open(@TempDir Path folder) throws Exception {
        open = new OpenRegistry(folder);
        registry = open.registry;
        directory = open.directory;
        topology = open.topology;
        gateways = open.gateways;
        registry.products().create(Optional.of("demo"), settings -> settings);
        registry.products()
                .create(Optional.of("gw"), settings -> settings.withType(ProductType.GATEWAY));
        gateways.start(nobody(), () -> "1", (message, answer) -> {});
        login =
                Objects.requireNonNull(
                        gateways.services(new HeldSignIn(), outcome -> {})
                                .sessions()
                                .get("combine/login"));
    }

    /** A broker with whom nobody is connected. */
    private static Clients nobody() {
        return (Clients)
                Proxy.newProxyInstance(
                        Clients.class.getClassLoader(),
                        new Class<?>[] {Clients.class},
                        (proxy, method, arguments) ->
                                switch (method.getName()) {
                                    case "find" -> Optional.empty();
                                    case "permissionsChanged", "publishPermissionsChanged" ->
                                            refreshed;
                                    default -> CompletableFuture.completedFuture(false);
                                });
    }

    private static final class HeldSignIn implements SubDeviceSignIn {

        @Override
        public CompletionStage<AuthResult> signIn(ConnectedClient gateway, DeviceClaim claim) {
            return verdict;
        }

        @Override
        public CompletionStage<AuthResult> prove(ConnectedClient gateway, DeviceClaim claim) {
            return verdict;
        }

        @Override
        public void refused(ConnectedClient gateway, DeviceId device, AuthResult.Deny why) {}

        @Override
        public CompletionStage<Boolean> isGood(String productKey, String secretMark) {
            return productSecretIsGood;
        }
    }

    @AfterAll
    static void close() {
        open.close();
    }

    @BeforeEach
    void connectTwoGateways() {
        int number = TESTS.incrementAndGet();
        gateway = new DeviceId("gw", "g" + number);
        other = new DeviceId("gw", "h" + number);
        sub = new DeviceId("demo", "s" + number);
        for (DeviceId id : Set.of(gateway, other, sub)) {
            registry.createDevice(id.productKey(), Optional.of(id.deviceKey()));
        }
        secret = registry.findDevice(sub).orElseThrow().secret();
        topology.add(gateway, Set.of(sub), 10);
        connect(gateway);
        connect(other);
        verdict = new CompletableFuture<>();
        productSecretIsGood = CompletableFuture.completedFuture(true);
        refreshed = CompletableFuture.completedFuture(true);
    }

    @AfterEach
    void disconnect() {
        gateways.subDevices().disconnected(gateway);
        gateways.subDevices().disconnected(other);
        assertThat(gateways.subDevices().count()).isZero();
    }

    private static void connect(DeviceId id) {
        LastClient shown =
                new LastClient(Optional.empty(), 4, 60, Optional.empty(), Optional.empty());
        assertThat(gateways.admitted(id, client(id), shown).toCompletableFuture().join())
                .isEqualTo(Admission.ADMITTED);
    }

    private static ConnectedClient client(DeviceId id) {
        return new ConnectedClient(
                id.toString(),
                "sent",
                new Identity("device:" + id, id.toString(), NoTopics.INSTANCE, Map.of()),
                new ConnectedClient.Origin(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000), "mqtt"),
                4,
                60,
                Instant.EPOCH);
    }

    private CompletableFuture<Reply> beginLogin() {
        var envelope = Envelope.object();
        envelope.putObject("params")
                .put("productKey", sub.productKey())
                .put("deviceKey", sub.deviceKey())
                .put("clientId", "c")
                .put("timestamp", timestamp)
                .put("signMethod", "sha256")
                .put("sign", "00");
        return login.serve(new Request(gateway, gateway.toString(), "combine/login", envelope, 100))
                .toCompletableFuture();
    }

    private void accept(String kind) {
        verdict.complete(
                AuthResult.accept(
                        new Identity(
                                "device:" + sub,
                                sub.toString(),
                                NoTopics.INSTANCE,
                                Map.of(
                                        "kind",
                                        kind,
                                        DeviceSecretAuthenticator.SECRET_MARK,
                                        secret.mark()))));
    }

    private DeviceStatus status() {
        return directory.find(sub).toCompletableFuture().join().map(Device::status).orElseThrow();
    }

    private void assertRefused(CompletableFuture<Reply> reply, int code) {
        assertThat(reply.join().code()).as(reply.join().message()).isEqualTo(code);
        assertThat(gateways.subDevices().count()).isZero();
        assertThat(status()).isNotEqualTo(DeviceStatus.ONLINE);
    }

    @Test
    void aDeviceIsOnlineThroughTheGatewayThatSignsItIn() {
        CompletableFuture<Reply> reply = beginLogin();
        assertThat(status()).isEqualTo(DeviceStatus.INACTIVE);
        accept("device");

        assertThat(reply.join().code()).isEqualTo(ReplyCode.SUCCESS);
        assertThat(status()).isEqualTo(DeviceStatus.ONLINE);
        assertThat(gateways.isSignedIn(gateway, sub)).isTrue();
    }

    @Test
    void aDeviceIsNotSignedInWhenTheConnectionOfItsGatewayHasEnded() {
        CompletableFuture<Reply> reply = beginLogin();
        gateways.subDevices().disconnected(gateway);
        accept("device");

        assertRefused(reply, ReplyCode.NOT_PERMITTED);
    }

    @Test
    void aDeviceIsNotSignedInByAnEarlierConnectionOfItsGateway() {
        CompletableFuture<Reply> reply = beginLogin();
        gateways.subDevices().disconnected(gateway);
        connect(gateway);
        accept("device");

        assertRefused(reply, ReplyCode.NOT_PERMITTED);
        assertThat(gateways.isSignedIn(gateway, sub)).isFalse();
    }

    @Test
    void aDeviceIsNotSignedInByTheGatewayThatItWasTakenFrom() {
        CompletableFuture<Reply> reply = beginLogin();
        topology.add(other, Set.of(sub), 10);
        accept("device");

        assertRefused(reply, ReplyCode.NOT_PERMITTED);
        assertThat(gateways.isSignedIn(other, sub)).isFalse();
    }

    @Test
    void aDeviceThatIsTakenFromItsGatewayIsOfflineAtOnce() {
        accept("device");
        assertThat(beginLogin().join().code()).isEqualTo(ReplyCode.SUCCESS);

        topology.add(other, Set.of(sub), 10);

        assertThat(status()).isEqualTo(DeviceStatus.OFFLINE);
        assertThat(gateways.isSignedIn(other, sub)).isFalse();
        assertThat(gateways.subDevices().find(gateway.toString(), sub.toString())).isNull();
    }

    @Test
    void aDeviceIsNotSignedInAfterItWasDisabled() {
        CompletableFuture<Reply> reply = beginLogin();
        directory.disable(sub).durable().toCompletableFuture().join();
        accept("device");

        assertRefused(reply, ReplyCode.NOT_PERMITTED);
    }

    @Test
    void aDeviceThatWasDeletedAndRegisteredAgainIsNotSignedInByTheSecretOfTheFirst() {
        CompletableFuture<Reply> reply = beginLogin();
        registry.deleteDevice(sub);
        registry.createDevice(sub.productKey(), Optional.of(sub.deviceKey()));
        topology.add(gateway, Set.of(sub), 10);
        accept("device");

        assertRefused(reply, ReplyCode.NOT_AUTHENTICATED);
    }

    @Test
    void theLoginOfADeletedDeviceHasEndedBeforeItsNameIsGivenAgain() {
        accept("device");
        beginLogin().join();

        registry.deleteDevice(sub);
        assertThat(gateways.subDevices().count()).isZero();
        Device again = registry.createDevice(sub.productKey(), Optional.of(sub.deviceKey()));
        topology.add(gateway, Set.of(sub), 10);
        secret = again.secret();
        verdict = new CompletableFuture<>();
        accept("device");

        assertThat(beginLogin().join().code()).isEqualTo(ReplyCode.SUCCESS);
        assertThat(status()).isEqualTo(DeviceStatus.ONLINE);
    }

    /** It is loaded first, and something happens meanwhile. */
    @Test
    void aSignInThatFailsAfterTheDeviceWasLoadedLeavesItAsItWas() {
        GatewayLink link = gateways.subDevices().link(gateway).orElseThrow();
        SubDeviceLogin entering = new SubDeviceLogin(sub, link, NoTopics.INSTANCE, 0);

        CompletableFuture<?> signedIn =
                gateways.subDevices()
                        .signIn(entering, Optional.of("another secret"))
                        .toCompletableFuture();

        assertThat(signedIn.handle((none, failure) -> failure != null).join()).isTrue();
        assertThat(link.logins()).isEmpty();
        assertThat(status()).isEqualTo(DeviceStatus.INACTIVE);
    }

    @Test
    void theSecretIsNotToldToWhoKnewASecretOfTheProductThatWasReplacedSince() {
        CompletableFuture<Reply> reply = beginLogin();
        productSecretIsGood = CompletableFuture.completedFuture(false);
        accept(DeviceSecretAuthenticator.ACTIVATING);
        assertRefused(reply, ReplyCode.NOT_AUTHENTICATED);

        productSecretIsGood = CompletableFuture.completedFuture(true);
        Reply told = beginLogin().join();

        assertThat(told.data().path("deviceSecret").asText()).isEqualTo(secret.reveal());
    }

    /** The broker remembers what gateways may publish. */
    @Test
    void aLoginThatIsTakenBackIsNotAnsweredBeforeItsGatewayCanPublishByItNoMore() {
        assertThat(status()).isEqualTo(DeviceStatus.INACTIVE); // so it is in memory
        productSecretIsGood = CompletableFuture.completedFuture(false);
        refreshed = new CompletableFuture<>();
        CompletableFuture<Reply> reply = beginLogin();
        accept(DeviceSecretAuthenticator.ACTIVATING);

        assertThat(status()).isEqualTo(DeviceStatus.OFFLINE);
        assertThat(reply).isNotDone();

        refreshed.complete(true);
        assertRefused(reply, ReplyCode.NOT_AUTHENTICATED);
    }

    @Test
    void aDeviceThatActivatedIsNotAnsweredBeforeItsGatewayCanPublishForItNoMore() {
        accept(DeviceSecretAuthenticator.ACTIVATING);
        assertThat(beginLogin().join().code()).isEqualTo(ReplyCode.SUCCESS);
        verdict = new CompletableFuture<>();
        accept("device");
        assertThat(beginLogin().join().code()).isEqualTo(ReplyCode.SUCCESS);
        gateways.subDevices().end(sub.toString());
        untilTheNextMillisecond();

        verdict = new CompletableFuture<>();
        refreshed = new CompletableFuture<>();
        CompletableFuture<Reply> reply = beginLogin();
        accept(DeviceSecretAuthenticator.ACTIVATING);

        assertThat(reply).isNotDone();
        refreshed.complete(true);
        assertRefused(reply, ReplyCode.NOT_PERMITTED);
    }

    /** A device that comes again in the millisecond of its first sign-in cannot be told from it. */
    private static void untilTheNextMillisecond() {
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() == now) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aLoginThatIsRepeatedWhileTheFirstIsUnderWayIsAnsweredTwice() {
        assertThat(status()).isEqualTo(DeviceStatus.INACTIVE); // so it is in memory
        productSecretIsGood = new CompletableFuture<>();
        accept(DeviceSecretAuthenticator.ACTIVATING);
        CompletableFuture<Reply> first = beginLogin();
        CompletableFuture<Reply> second = beginLogin();

        productSecretIsGood.complete(true);

        assertThat(first.join().code()).isEqualTo(ReplyCode.SUCCESS);
        assertThat(second.join().code()).isEqualTo(ReplyCode.SUCCESS);
    }

    @Test
    void aLoginThatIsTakenBackLeavesTheOneThatFollowedIt() {
        assertThat(status()).isEqualTo(DeviceStatus.INACTIVE); // so it is in memory
        CompletableFuture<Boolean> secretOfTheFirst = new CompletableFuture<>();
        productSecretIsGood = secretOfTheFirst;
        accept(DeviceSecretAuthenticator.ACTIVATING);
        CompletableFuture<Reply> first = beginLogin();
        productSecretIsGood = CompletableFuture.completedFuture(true);
        assertThat(beginLogin().join().code()).isEqualTo(ReplyCode.SUCCESS);

        secretOfTheFirst.complete(false);

        assertThat(first.join().code()).isEqualTo(ReplyCode.NOT_AUTHENTICATED);
        assertThat(status()).isEqualTo(DeviceStatus.ONLINE);
        assertThat(gateways.isSignedIn(gateway, sub)).isTrue();
    }

    @Test
    void aTimestampThatCouldBeReadAsAnotherPartOfAClientIdentifierIsRefused() {
        timestamp = "1,securemode=3";

        assertThatThrownBy(this::beginLogin).hasMessageContaining("params.timestamp has a '|'");
    }

    @Test
    void whoIsNotKnownDuringAnOutageIsNotToldThatHisSignatureIsWrong() {
        verdict.complete(AuthResult.deny(DenyReason.UNAVAILABLE, "registry is away"));

        assertThat(beginLogin().join().code()).isEqualTo(ReplyCode.INTERNAL);
    }

    /** Whoever ends the gateway's connection ends the logins in its list. */
    @Test
    void aLoginIsInTheListOfItsGatewayAsLongAsItLastsHoweverLoginsAndLogoutsMeet()
            throws Exception {
        directory.find(sub).toCompletableFuture().join();
        SubDevices subDevices = gateways.subDevices();
        GatewayLink link = subDevices.link(gateway).orElseThrow();
        ExecutorService logouts = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < ROUNDS; i++) {
                SubDeviceLogin entered = new SubDeviceLogin(sub, link, NoTopics.INSTANCE, 0);
                Future<Boolean> logout = logouts.submit(() -> subDevices.release(sub, link));
                subDevices.signIn(entered, Optional.of(secret.mark()));
                logout.get();

                assertThat(link.logins().contains(sub)).isEqualTo(subDevices.isPresent(entered));
            }
        } finally {
            logouts.shutdown();
        }
        subDevices.disconnected(gateway);
        assertThat(subDevices.count()).isZero();
        assertThat(status()).isNotEqualTo(DeviceStatus.ONLINE);
    }

    @Test
    void aGatewayMaySubscribeMoreThanOthersForEachDeviceThatItSpeaksFor() {
        SubDevices subDevices = gateways.subDevices();

        assertThat(
                        new GatewayPermissions(NoTopics.INSTANCE, gateway, subDevices)
                                .subscriptionsBesides())
                .isEqualTo(20);
        assertThat(
                        new GatewayPermissions(NoTopics.INSTANCE, other, subDevices)
                                .subscriptionsBesides())
                .isZero();
    }
}
