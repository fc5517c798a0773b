package io.muster.broker;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.pace.RateLimits;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.protocol.Redirection;
import io.muster.broker.spi.ClientObserver.Admission;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The observer is told of each CONNECT that is refused, once, unless the authenticator knows. */
class ToldRefusalsTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final RecordingObserver observer = new RecordingObserver();
    private static BrokerFixture broker;

    @BeforeAll
    static void start() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = observer;
        settings.authenticator = ToldRefusalsTest::signIn;
        settings.rates = new RateLimits(0, 0, 0, 0, 0, 0, new TakeOverLimits(1, LONG, LONG, LONG));
        broker = settings.start();
    }

    private static CompletableFuture<AuthResult> signIn(Credentials credentials) {
        AuthResult result =
                switch (credentials.username().orElse("")) {
                    case "denied" -> AuthResult.deny(DenyReason.BAD_CREDENTIALS, "no");
                    case "unknown" -> AuthResult.abstain();
                    case "outage" -> AuthResult.deny(DenyReason.UNAVAILABLE, "no answer");
                    case "silent" -> AuthResult.accept(new Identity("s", "", NOTHING, Map.of()));
                    default ->
                            AuthResult.accept(
                                    BrokerFixture.principal(
                                            credentials.username().orElse("anybody")));
                };
        return CompletableFuture.completedFuture(result);
    }

    private static final TopicPermissions NOTHING =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return false;
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return false;
                }
            };

    @AfterAll
    static void stop() {
        broker.close();
    }

    @AfterEach
    void forget() {
        observer.admission = CompletableFuture.completedFuture(Admission.ADMITTED);
        observer.refusals.clear();
    }

    private static void refused(Packets.Connect connect, int code) {
        broker.raw().speaking(5).send(connect.bytes()).expectRefused(code);
    }

    /** With one more, which is told in any case; those of several loops come in no order. */
    private static void expectTold(String... refusals) {
        refused(connect(5, "last").credentials("unknown", ""), 0x86);
        List<String> expected = new ArrayList<>(List.of(refusals));
        expected.add(
                "last unknown bad_user_name_or_password: no authenticator knows these credentials");
        await().untilAsserted(
                        () ->
                                assertThat(observer.refused())
                                        .containsExactlyInAnyOrderElementsOf(expected));
    }

    @Test
    void whomTheObserverRefusesWithItsReason() {
        observer.admission =
                CompletableFuture.completedFuture(Admission.notAuthorized("device is disabled"));

        refused(connect(5, "c").credentials("anna", "secret"), 0x87);

        expectTold("c anna not_authorized: device is disabled");
        assertThat(observer.refusals)
                .allSatisfy(
                        client ->
                                assertThat(client.remoteAddress().getAddress())
                                        .isEqualTo(InetAddress.getLoopbackAddress()));
        assertThat(observer.refusals.toString()).doesNotContain("secret");
    }

    @Test
    void whoFightsForAnIdentifier() {
        RawClient first = broker.client(5, "contested");
        RawClient second = broker.client(5, "contested");
        first.expectEnded(0x8E);
        RawClient third = broker.client(5, "contested");
        second.expectEnded(0x8E);

        refused(connect(5, "contested"), 0x9F);

        expectTold(
                "contested - connection_rate_exceeded: client identifier contested is contested,"
                        + " and the present connection stays for now");
        third.close();
    }

    @Test
    void whoSendsTheIdentifierOfAnother() {
        RawClient owner = broker.raw().speaking(5);
        owner.connect(connect(5, "mine").credentials("owner", ""));

        refused(connect(5, "mine").credentials("other", ""), 0x85);

        expectTold(
                "mine other client_identifier_not_valid: session mine belongs to another principal"
                        + " than other");
        owner.close();
    }

    @Test
    void whoMayNotPublishItsWill() {
        refused(
                connect(5, "c")
                        .will("t", "gone", 0, Packets.NO_PROPERTIES)
                        .credentials("silent", ""),
                0x87);

        expectTold("c silent not_authorized: may not publish its will");
    }

    @Test
    void whoAsksForAMethodThatThereIsNot() {
        refused(connect(5, "c").with(Packets.text(Packets.AUTHENTICATION_METHOD, "m")), 0x8C);

        expectTold(
                "c - bad_authentication_method: no authenticator knows the authentication method"
                        + " [MQTT-4.12.0-1]");
    }

    @Test
    void whoComesTooFast() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.observer = observer;
        settings.rates = new RateLimits(0, 0, 0, 0, 0, 1, TakeOverLimits.NONE);
        try (BrokerFixture quick = settings.start()) {
            quick.client(5, "first");
            RawClient second = quick.raw().speaking(5).send(connect(5, "second").bytes());
            second.expectRefused(0x9F);
        }

        expectTold("second - connection_rate_exceeded: limit address_connects");
    }

    @Test
    void butNotWhomTheAuthenticatorRefuses() {
        refused(connect(5, "c").credentials("denied", ""), 0x86);

        expectTold();
    }

    @Test
    void norWhatSaysNothingOfTheClient() {
        refused(connect(5, "c").credentials("outage", ""), 0x88);
        observer.admission = CompletableFuture.completedFuture(Admission.UNAVAILABLE);
        refused(connect(5, "c"), 0x88);
        observer.admission = CompletableFuture.completedFuture(Admission.ADMITTED);
        broker.raw().send(new byte[] {0x10, 2, 0, 0}).expectClosed();
        broker.broker().drain().start(new Redirection(false, Optional.empty()), 100);
        refused(connect(5, "c"), 0x9C);
        broker.broker().drain().stop();

        expectTold();
    }

    @Test
    void norWhoLeavesBeforeHeIsAdmitted() {
        CompletableFuture<Admission> held = new CompletableFuture<>();
        observer.admission = held;
        RawClient client = broker.raw().speaking(5).send(connect(5, "leaver").bytes());
        await().until(() -> observer.events.contains("connecting leaver"));
        client.close();
        await().until(() -> broker.metric("muster.connections") == 0);
        held.complete(Admission.ADMITTED);
        await().until(() -> observer.disconnected().contains("disconnected leaver"));
        observer.admission = CompletableFuture.completedFuture(Admission.ADMITTED);

        expectTold();
    }
}
