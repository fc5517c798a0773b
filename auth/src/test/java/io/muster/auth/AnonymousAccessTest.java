package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AnonymousAccessTest {

    private final List<String> told = new ArrayList<>();
    private final AtomicInteger chainClosed = new AtomicInteger();
    private final Authenticator chain =
            new Authenticator() {
                @Override
                public CompletionStage<AuthResult> authenticate(Credentials credentials) {
                    return CompletableFuture.completedFuture(
                            AuthResult.deny(DenyReason.NOT_AUTHORIZED, "from the chain"));
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
    void handsEverybodyOnOtherListenersToTheChain() {
        AnonymousAccess onOther = new AnonymousAccess(Set.of("other"), chain, this::tell);

        assertThat(detail(onOther, Presented.nothing("c"))).isEqualTo("from the chain");
        assertThat(told).isEmpty();
    }

    @Test
    void refusesCredentialsWhereNobodyCanCheckThem() {
        AnonymousAccess alone = new AnonymousAccess(Set.of("mqtt"), this::tell);

        assertThat(Presented.reason(answer(alone, Presented.by("c", "user", "password"))))
                .isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(Presented.identity(answer(alone, Presented.nothing("c"))).principal())
                .isEqualTo("anonymous");
        assertThat(told).containsExactly("end-of-chain:Deny", "anonymous:Accept");
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
