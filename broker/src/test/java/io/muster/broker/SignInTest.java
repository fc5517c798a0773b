package io.muster.broker;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ConnectedClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, and what the others are told [MQTT5 3.2.2.2, MQTT3 3.2.2.3]. */
class SignInTest {

    private static final ExecutorService FOREIGN_THREAD = Executors.newSingleThreadExecutor();
    private static final Map<String, DenyReason> DENIED =
            Map.of(
                    "bad-credentials", DenyReason.BAD_CREDENTIALS,
                    "not-authorized", DenyReason.NOT_AUTHORIZED,
                    "bad-identifier", DenyReason.BAD_CLIENT_IDENTIFIER,
                    "unavailable", DenyReason.UNAVAILABLE,
                    "banned", DenyReason.BANNED);
    private static final LinkedBlockingQueue<Credentials> SEEN = new LinkedBlockingQueue<>();
    private static final BrokerFixture BROKER = broker(SignInTest::byUsername);

    private static BrokerFixture broker(Authenticator authenticator) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator = authenticator;
        settings.signInDeadline = Duration.ofMillis(300);
        return settings.start();
    }

    /** The user name says what is to happen. */
    @SuppressWarnings("NullAway") // an authenticator that breaks its promise
    private static CompletionStage<AuthResult> byUsername(Credentials credentials) {
        SEEN.add(credentials);
        String username = credentials.username().orElse("good");
        AuthResult accepted = AuthResult.accept(BrokerFixture.anybody());
        DenyReason reason = DENIED.get(username);
        if (reason != null) {
            return CompletableFuture.completedFuture(AuthResult.deny(reason, "a test"));
        }
        return switch (username) {
            case "throws" -> throw new IllegalStateException("broken authenticator");
            case "fails" ->
                    CompletableFuture.failedFuture(new IllegalStateException("broken stage"));
            case "null-stage" -> null;
            case "null-answer" -> CompletableFuture.completedFuture(null);
            case "abstains" -> CompletableFuture.completedFuture(AuthResult.abstain());
            case "silent" -> new CompletableFuture<>();
            case "elsewhere" -> CompletableFuture.supplyAsync(() -> accepted, FOREIGN_THREAD);
            case "somebody-else" ->
                    CompletableFuture.completedFuture(
                            AuthResult.accept(BrokerFixture.principal("test:somebody-else")));
            case "canonical" ->
                    CompletableFuture.completedFuture(
                            AuthResult.accept(
                                    BrokerFixture.identity(
                                            "pk/dk", BrokerFixture.anybody().permissions())));
            default -> CompletableFuture.completedFuture(accepted);
        };
    }

    @AfterAll
    static void close() {
        BROKER.close();
        FOREIGN_THREAD.shutdown();
    }

    @ParameterizedTest
    @CsvSource({
        "bad-credentials, 04, 86",
        "not-authorized, 05, 87",
        "bad-identifier, 02, 85",
        "unavailable, 03, 88",
        "banned, 05, 8A",
        "abstains, 04, 86",
        "null-answer, 04, 86",
        "throws, 03, 88",
        "fails, 03, 88",
        "null-stage, 03, 88",
        "silent, 03, 88"
    })
    void tellsEachVersionWhyItRefuses(String username, String code, String code5) {
        RawClient old = BROKER.raw();
        old.send(connect(4, "refused").credentials(username, "x").bytes());
        old.expect("20 02 00 " + code).expectClosed(); // [MQTT-3.1.4-5], [MQTT-3.2.2-6]
        RawClient oldest = BROKER.raw();
        oldest.send(connect(3, "refused").credentials(username, "x").bytes());
        oldest.expect("20 02 00 " + code).expectClosed();
        RawClient five = BROKER.raw();
        five.send(connect(5, "refused").credentials(username, "x").bytes());
        five.expect("20 03 00 " + code5 + " 00").expectClosed();
        assertThat(BROKER.broker().clients().find("refused")).isEmpty();
    }

    @Test
    void countsRefusalsByReason() {
        BrokerFixture broker = broker(SignInTest::byUsername);
        try (broker) {
            RawClient client = broker.raw();
            client.send(connect(4, "counted").credentials("banned", "x").bytes());
            client.expect("20 02 00 05").expectClosed();
            assertThat(broker.metric("muster.connects.refused", "reason", "banned")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void acceptsWhoeverTheAuthenticatorAccepts(int level) {
        BROKER.client(level, "accepted-" + level).expectNothing();
    }

    @Test
    void acceptsAnAnswerFromAnotherThread() {
        RawClient client = BROKER.raw();
        client.connect(connect(4, "foreign").credentials("elsewhere", "x")).expectNothing();
    }

    @Test
    void handsOverWhatTheClientPresented() throws InterruptedException {
        SEEN.clear();
        BROKER.raw().connect(connect(4, "presenter").credentials("good", "secret"));
        Credentials seen = Objects.requireNonNull(SEEN.poll(5, TimeUnit.SECONDS));
        assertThat(seen.clientIdentifier()).isEqualTo("presenter");
        assertThat(seen.username()).contains("good");
        assertThat(seen.password().map(String::new)).contains("secret");
        assertThat(seen.protocolLevel()).isEqualTo(4);
        assertThat(seen.listener()).isEqualTo("tcp");
        assertThat(seen.remoteAddress().getAddress().isLoopbackAddress()).isTrue();
    }

    @Test
    void namesTheSessionAsTheAuthenticatorSays() {
        RawClient first = BROKER.raw().speaking(5);
        first.connect(connect(5, "pk/dk|1700000000").credentials("canonical", "x"));
        ConnectedClient client = BROKER.broker().clients().find("pk/dk").orElseThrow();
        assertThat(client.sentClientIdentifier()).isEqualTo("pk/dk|1700000000");
        BROKER.raw().connect(connect(4, "pk/dk|1700000001").credentials("canonical", "x"));
        first.expect("E0 01 8E").expectClosed(); // the same device under another string
    }

    @Test
    void refusesAClientIdentifierThatAnotherPrincipalUses() {
        RawClient owner = BROKER.raw().connect(connect(4, "owned").resume()).subscribe("o", 1);
        RawClient old = BROKER.raw();
        old.send(connect(4, "owned").credentials("somebody-else", "x").bytes());
        old.expect("20 02 00 02").expectClosed();
        RawClient five = BROKER.raw();
        five.send(connect(5, "owned").credentials("somebody-else", "x").bytes());
        five.expect("20 03 00 85 00").expectClosed();
        owner.send(Packets.publish("o", "still here")).expectPublish("still here");
        BROKER.raw().connect(connect(4, "owned").resume(), true);
        owner.expectClosed();
    }

    @Test
    void assignsAClientIdentifierAndTellsMqtt5Clients() {
        RawClient client = BROKER.raw().speaking(5);
        client.send(connect(5, "").bytes());
        RawClient.Packet connack = client.read(); // [MQTT-3.1.3-6], [MQTT-3.2.2-16]
        assertThat(new String(connack.body(), StandardCharsets.UTF_8)).contains("assigned-");
        BROKER.raw().connect(connect(4, "")).expectNothing(); // [MQTT3 MQTT-3.1.3-6]
    }

    @Test
    void refusesAnEmptyClientIdentifierThatCannotBeResumed() {
        RawClient client = BROKER.raw();
        client.send(connect(4, "").resume().bytes());
        client.expect("20 02 00 02").expectClosed(); // [MQTT3 MQTT-3.1.3-8]
        RawClient oldest = BROKER.raw();
        oldest.send(connect(3, "").bytes());
        oldest.expect("20 02 00 02").expectClosed();
    }

    @Test
    void refusesAWillThatTheClientMayNotPublish() {
        TopicPermissions nothing =
                new TopicPermissions() {
                    @Override
                    public boolean mayPublish(String topicName) {
                        return false;
                    }

                    @Override
                    public boolean maySubscribe(String topicFilter) {
                        return true;
                    }
                };
        BrokerFixture broker =
                broker(
                        credentials ->
                                CompletableFuture.completedFuture(
                                        AuthResult.accept(BrokerFixture.identity("", nothing))));
        try (broker) {
            RawClient client = broker.raw();
            client.send(connect(4, "w").will("t", "gone", 0, Packets.NO_PROPERTIES).bytes());
            client.expect("20 02 00 05").expectClosed();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void refusesWhomTheObserverRefuses(int level) {
        RecordingObserver observer = new RecordingObserver();
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = observer;
        settings.signInDeadline = Duration.ofMillis(300);
        try (BrokerFixture broker = settings.start()) {
            refused(
                    broker,
                    observer,
                    level,
                    CompletableFuture.completedFuture(Admission.notAuthorized("is disabled")),
                    "05",
                    "87");
            refused(
                    broker,
                    observer,
                    level,
                    CompletableFuture.completedFuture(Admission.UNAVAILABLE),
                    "03",
                    "88");
            refused(
                    broker,
                    observer,
                    level,
                    CompletableFuture.failedFuture(new IllegalStateException("x")),
                    "03",
                    "88");
            CompletableFuture<Admission> never = new CompletableFuture<>();
            refused(broker, observer, level, never, "03", "88");
            never.completeExceptionally(new IllegalStateException("too late"));
            // No refusal stands in the way of the next one.
            observer.admission = CompletableFuture.completedFuture(Admission.ADMITTED);
            broker.client(level, "c").expectNothing();
            assertThat(observer.disconnected()).isEmpty();
        }
    }

    /** Else a device would be shown as connected that is not. */
    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void whoIsAdmittedTooLateIsToldToBeGoneBeforeTheNextIsAskedAbout(int level) {
        RecordingObserver observer = new RecordingObserver();
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = observer;
        settings.signInDeadline = Duration.ofSeconds(2);
        try (BrokerFixture broker = settings.start()) {
            CompletableFuture<Admission> late = new CompletableFuture<>();
            refused(broker, observer, level, late, "03", "88");
            observer.admission = CompletableFuture.completedFuture(Admission.ADMITTED);
            RawClient next = broker.raw().speaking(level);
            next.send(connect(level, "c").bytes());
            await().pollDelay(Duration.ofMillis(100))
                    .until(() -> observer.events.equals(List.of("connecting c")));

            late.complete(Admission.ADMITTED);

            next.expectConnack(false);
            assertThat(observer.events)
                    .containsExactly("connecting c", "disconnected c", "connecting c");
        }
    }

    private static void refused(
            BrokerFixture broker,
            RecordingObserver observer,
            int level,
            CompletableFuture<Admission> admission,
            String code,
            String code5) {
        observer.admission = admission;
        RawClient client = broker.raw();
        client.send(connect(level, "c").bytes());
        client.expect(level < 5 ? "20 02 00 " + code : "20 03 00 " + code5 + " 00").expectClosed();
    }
}
