package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AnonymousAccessTest {

    private final List<String> told = new ArrayList<>();
    private final AtomicInteger chainClosed = new AtomicInteger();
    private AuthResult chainsAnswer = AuthResult.deny(DenyReason.NOT_AUTHORIZED, "from the chain");
    private final EnhancedAuthenticator chain =
            new EnhancedAuthenticator() {
                @Override
                public CompletionStage<AuthResult> authenticate(Credentials credentials) {
                    return CompletableFuture.completedFuture(chainsAnswer);
                }

                @Override
                public Optional<Exchange> begin(String method, Credentials credentials) {
                    return method.equals("known")
                            ? Optional.of(
                                    data ->
                                            CompletableFuture.completedFuture(
                                                    new Step.Finished(
                                                            chainsAnswer, Optional.empty())))
                            : Optional.empty();
                }

                @Override
                public void close() {
                    chainClosed.incrementAndGet();
                }
            };
    private final AnonymousAccess onMqtt = new AnonymousAccess(Set.of("mqtt"), chain, this::tell);

    @Test
    void letsInWhoPresentsNothingOnANamedListener() {
        Identity identity = Presented.identity(answer(onMqtt, Presented.nothing("client-1")));

        assertThat(identity.principal()).isEqualTo("anonymous");
        assertThat(identity.clientIdentifier()).isEmpty();
        assertThat(identity.permissions().maySubscribe("#")).isTrue();
        assertThat(identity.permissions().mayPublish("$SYS/x")).isFalse();
        assertThat(identity.permissions().mayPublish("/muster/devices/pk/dk/commands")).isFalse();
        assertThat(identity.permissions().mayPublish("/musterer")).isTrue();
        assertThat(told).containsExactly("anonymous:Accept");
    }

    @Test
    void keepsAnAnonymousClientOutOfTheSessionOfADevice() {
        assertThat(
                        Presented.identity(answer(onMqtt, Presented.nothing("pk1/dev1")))
                                .clientIdentifier())
                .isEqualTo("anonymous:pk1/dev1");
    }

    @Test
    void handsEverybodyWithCredentialsToTheChain() {
        assertThat(detail(onMqtt, Presented.by("c", "user", "password")))
                .isEqualTo("from the chain");
        assertThat(detail(onMqtt, Presented.by("c", Optional.of(""), Optional.empty())))
                .isEqualTo("from the chain");
        assertThat(detail(onMqtt, Presented.by("c", Optional.empty(), Optional.of("password"))))
                .isEqualTo("from the chain");
    }

    @Test
    void handsWhoeverPresentsOnlyACertificateToTheChain() throws Exception {
        Credentials nothing = Presented.nothing("c");
        Credentials onlyCertificate =
                new Credentials(
                        "c",
                        Optional.empty(),
                        Optional.empty(),
                        List.of(certificate()),
                        nothing.remoteAddress(),
                        4,
                        "mqtt");

        assertThat(detail(onMqtt, onlyCertificate)).isEqualTo("from the chain");
        assertThat(told).isEmpty();
    }

    private static X509Certificate certificate() throws IOException, CertificateException {
        try (InputStream pem =
                Objects.requireNonNull(
                        AnonymousAccessTest.class.getResourceAsStream("/certificate.pem"))) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }

    @Test
    void handsEverybodyOnOtherListenersToTheChain() {
        AnonymousAccess onOther = new AnonymousAccess(Set.of("other"), chain, this::tell);

        assertThat(detail(onOther, Presented.nothing("c"))).isEqualTo("from the chain");
        assertThat(told).isEmpty();
    }

    @Test
    void letsInWhoseCredentialsNobodyKnowsAsIfTheyWereNone() {
        chainsAnswer = AuthResult.deny(DenyReason.BAD_CREDENTIALS, "no such application: x");

        AuthResult answer = answer(onMqtt, Presented.by("pk1/dev1", "user", "password"));

        assertThat(answer).isEqualTo(answer(onMqtt, Presented.nothing("pk1/dev1")));
        assertThat(Presented.identity(answer).clientIdentifier()).isEqualTo("anonymous:pk1/dev1");
        assertThat(told).containsExactly("anonymous-instead:Accept", "anonymous:Accept");
    }

    @Test
    void saysInTheLogWhomItLetsIn() {
        chainsAnswer = AuthResult.deny(DenyReason.BAD_CREDENTIALS, "no such application: x");
        try (CapturedLog log = new CapturedLog(AnonymousAccess.class)) {
            answer(onMqtt, Presented.by("c", "user", "password"));

            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .contains("listener=mqtt", "no such application: x")
                    .doesNotContain("password");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BAD_CREDENTIALS")
    void anyOtherRefusalStands(DenyReason reason) {
        chainsAnswer = AuthResult.deny(reason, "from the chain");

        assertThat(answer(onMqtt, Presented.by("c", "user", "password"))).isEqualTo(chainsAnswer);
        assertThat(told).isEmpty();
    }

    @Test
    void whoIsKnownIsNotAnonymous() {
        chainsAnswer =
                AuthResult.accept(
                        new Identity("app:user", "", BuiltInRole.permissions(), Map.of()));

        assertThat(answer(onMqtt, Presented.by("c", "user", "password"))).isEqualTo(chainsAnswer);
    }

    @Test
    void wrongCredentialsAreRefusedOnOtherListeners() {
        chainsAnswer = AuthResult.deny(DenyReason.BAD_CREDENTIALS, "from the chain");
        AnonymousAccess onOther = new AnonymousAccess(Set.of("other"), chain, this::tell);

        assertThat(answer(onOther, Presented.by("c", "user", "password"))).isEqualTo(chainsAnswer);
    }

    @Test
    void aFailedExchangeNeverTurnsIntoAnonymousAccess() {
        chainsAnswer = AuthResult.deny(DenyReason.BAD_CREDENTIALS, "from the chain");

        EnhancedAuthenticator.Step step =
                onMqtt.begin("known", Presented.nothing("c"))
                        .orElseThrow()
                        .next(Optional.empty())
                        .toCompletableFuture()
                        .join();

        assertThat(((EnhancedAuthenticator.Step.Finished) step).result()).isEqualTo(chainsAnswer);
        assertThat(onMqtt.begin("unknown", Presented.nothing("c"))).isEmpty();
    }

    @Test
    void withoutAChainEverybodyIsAnonymousButOnlyOnItsListeners() {
        AnonymousAccess alone = new AnonymousAccess(Set.of("mqtt"), this::tell);
        AnonymousAccess elsewhere = new AnonymousAccess(Set.of("other"), this::tell);

        assertThat(Presented.identity(answer(alone, Presented.by("c", "user", "password"))))
                .isEqualTo(Presented.identity(answer(alone, Presented.nothing("c"))));
        assertThat(Presented.reason(answer(elsewhere, Presented.nothing("c"))))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(alone.begin("any", Presented.nothing("c"))).isEmpty();
        assertThat(told)
                .containsExactly(
                        "end-of-chain:Deny",
                        "anonymous-instead:Accept",
                        "anonymous:Accept",
                        "end-of-chain:Deny",
                        "end-of-chain:Deny");
    }

    @Test
    void refusesToBeTheOnlyRoadWithoutAListener() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AnonymousAccess(Set.of(), this::tell))
                .withMessageContaining("neither an authenticator nor a listener");
    }

    @Test
    void closesTheChain() {
        onMqtt.close();

        assertThat(chainClosed).hasValue(1);
    }

    private static AuthResult answer(AnonymousAccess access, Credentials credentials) {
        return Presented.answer(access, credentials);
    }

    private static String detail(AnonymousAccess access, Credentials credentials) {
        return Presented.denial(answer(access, credentials)).detail();
    }

    private void tell(String authenticator, AuthResult result) {
        told.add(authenticator + ":" + result.getClass().getSimpleName());
    }
}
